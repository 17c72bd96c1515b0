"""Copies of one small trained model that differ in their record, with the gate passed or failed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from whitelight.origin import read_origin, write_origin
from whitelight.training import train_fusion

Variant = Callable[..., Path]


@pytest.fixture(scope="session")
def trained(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    dataset = tiny.write_tiny_dataset(folder, songs_per_class=2)
    train_fusion(dataset, folder / "model", settings=tiny.SETTINGS)
    return folder / "model"


@pytest.fixture
def variant(trained: Path, tmp_path: Path) -> Variant:
    """Make `tmp_path/<name>`: a bundle of its own, with its gate passed or with a check that fails."""

    def make(name: str, *, passed: bool = True) -> Path:
        folder = tmp_path / name
        shutil.copytree(trained, folder)
        record = json.loads((folder / "bundle.json").read_text())
        record["tool_version"] = name
        source = read_origin(trained)
        assert source is not None
        write_origin(folder, source)
        for criterion in record["gate"]["criteria"]:
            check = {
                "where": "full",
                "found": 0.9 if passed else 0.1,
                "limit": 0.5,
                "at_most": False,
                "n": 9,
                "note": "",
            }
            criterion["checks"] = [{**check, "status": "passed" if passed else "failed"}]
        (folder / "bundle.json").write_text(json.dumps(record))
        return folder

    return make
