"""A small trained bundle, made by the training room."""

from pathlib import Path
from types import ModuleType

import pytest

from whitelight.scoring import ChromaticScorer
from whitelight.training import train_fusion


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    train_fusion(tiny.write_tiny_dataset(folder), folder / "model", settings=tiny.SETTINGS)
    return folder / "model"


@pytest.fixture(scope="session")
def scorer(tiny_model: Path) -> ChromaticScorer:
    return ChromaticScorer(tiny_model)
