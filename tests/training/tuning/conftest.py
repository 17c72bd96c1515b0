"""A dataset and settings with which a trial takes a moment."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from threadpoolctl import threadpool_limits

from whitelight.training.config import TrainConfig
from whitelight.training.settings import ExpertSettings, FusionSettings
from whitelight.training.tuning.objective import Material
from whitelight.training.tuning.space import SearchSpace, load_space

SPACE = """
midi.linear_l2: {low: 0.001, high: 100.0, log: true}
midi.standardize: {choices: [false, true]}
midi.linear_steps: {low: 4, high: 10, step: 2}
"""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Arithmetic this small is faster by itself, above all where other tests run beside it."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def songs(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of four songs of two clips; one song of each class is in split 'val'."""
    found: Path = tiny.write_tiny_dataset(tmp_path_factory.mktemp("songs"), songs_per_class=4)
    return found


@pytest.fixture
def config() -> TrainConfig:
    return TrainConfig(fusion=FusionSettings(n_folds=3, midi=ExpertSettings(n_networks=0, linear_steps=8)))


@pytest.fixture
def space(tmp_path: Path, config: TrainConfig) -> SearchSpace:
    (tmp_path / "space.yml").write_text(SPACE)
    return load_space(tmp_path / "space.yml", config.fusion)


@pytest.fixture
def material(songs: Path, config: TrainConfig) -> Material:
    return Material(songs, config.fusion)
