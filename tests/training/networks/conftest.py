"""Networks of a few hundred weights, and the tiny dataset as they read it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.dataset import Dataset
from whitelight.music import Piece
from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.material import Material, read_material


@pytest.fixture(scope="session")
def small() -> Callable[..., NetworkSettings]:
    """Settings of a network that trains in a second; keywords change them."""
    base = NetworkSettings(
        width=16, n_layers=2, n_steps=32, n_windows=2, epochs=3, batch_size=8, learning_rate=3e-3, dropout=0.1
    )
    return lambda **changes: replace(base, **changes)


@pytest.fixture(scope="session")
def tiny_source(tiny_dataset: Path) -> Dataset:
    return Dataset.open(tiny_dataset)


@pytest.fixture(scope="session")
def tiny_material(tiny_source: Dataset) -> Material:
    return read_material(tiny_source)


@pytest.fixture(scope="session")
def sides(tiny_material: Material) -> tuple[Material, Material]:
    """Training rows, and one row for each segment of the songs in split 'val'."""
    held = tiny_material.rows.split == "val"
    validation = tiny_material.take(held)
    return tiny_material.take(~held), validation.take(validation.leads)


@pytest.fixture(scope="session")
def piece(tiny: ModuleType) -> Piece:
    found: Piece = tiny.clip("Q1", np.random.default_rng(0))
    return found
