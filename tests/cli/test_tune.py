"""`whitelight tune` from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whitelight.training.config import load_config

Run = Callable[..., Any]


@pytest.mark.slow
def test_what_is_found_is_what_trains(tmp_path: Path, tiny_dataset: Path, whitelight: Run) -> None:
    (tmp_path / "quick.yml").write_text("fusion: {n_folds: 2, midi: {n_networks: 0, linear_steps: 5}}\n")
    (tmp_path / "space.yml").write_text("midi.linear_l2: {low: 0.01, high: 1.0, log: true}\n")
    tune = ("tune", tiny_dataset, "--out", tmp_path / "s", "--config", tmp_path / "quick.yml", "--trials", 2)
    done = whitelight(*tune, "--space", tmp_path / "space.yml")
    assert done.code == 0, done.err
    assert done.out.startswith("2 trials: 2 finished\nbest, trial ")
    best = load_config(tmp_path / "s" / "best.yml").fusion
    out = tmp_path / "model"
    trained = whitelight(
        "train", "fusion", tiny_dataset, "--out", out, "--config", tmp_path / "s" / "best.yml", "--json"
    )
    assert trained.value["training"]["config"]["midi"]["linear_l2"] == best.midi.linear_l2
    refused = whitelight(*tune).error
    assert refused == "the folder holds a search with another space; give another --out, or the same space"


def test_refusals_are_one_line(tmp_path: Path, tiny_dataset: Path, whitelight: Run) -> None:
    (tmp_path / "s.yml").write_text("midi.widht: {low: 1, high: 2}\n")
    tune = ("tune", tiny_dataset, "--out", tmp_path / "s")
    assert "did you mean 'midi.width'?" in whitelight(*tune, "--space", tmp_path / "s.yml").error
    assert "neither a preset" in whitelight(*tune, "--config", "server").error
    assert whitelight(*tune, "--engine", "slurm").code == 2
    assert "nowhere" in whitelight("tune", "nowhere", "--out", tmp_path / "s").error
    assert not (tmp_path / "s").exists()
