"""The module `arrangement/small_song`, which makes a production folder with approved parts of every stage."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def small_song() -> ModuleType:
    path = Path(__file__).parents[1] / "arrangement" / "small_song.py"
    spec = importlib.util.spec_from_file_location("small_song", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def template(small_song: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_song.make_small_song(tmp_path_factory.mktemp("template") / "song")


@pytest.fixture
def production(template: Path, tmp_path: Path) -> Path:
    """A folder of its own for each test."""
    return shutil.copytree(template, tmp_path / "song")
