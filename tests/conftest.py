"""Fixtures every room may use."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# the same examples in every run, so that a change is judged and not luck; `search` looks for new ones (CONTRIBUTING)
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material beside the checkout; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WHITELIGHT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real material not found at {folder.name}/ (set WHITELIGHT_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module `tests/training/tiny.py`, which makes a catalog and a dataset of forty clips."""
    path = Path(__file__).parent / "training" / "tiny.py"
    spec = importlib.util.spec_from_file_location("tiny", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
