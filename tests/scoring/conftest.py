"""A small trained bundle, made by the training room."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from whitelight.scoring import ChromaticScorer
from whitelight.training import train_fusion


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module `tests/training/tiny.py`."""
    path = Path(__file__).parents[1] / "training" / "tiny.py"
    spec = importlib.util.spec_from_file_location("tiny", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    train_fusion(tiny.write_tiny_dataset(folder), folder / "model", settings=tiny.SETTINGS)
    return folder / "model"


@pytest.fixture(scope="session")
def scorer(tiny_model: Path) -> ChromaticScorer:
    return ChromaticScorer(tiny_model)
