"""`whitelight train fusion` with a config and a record, and `whitelight runs`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
QUICK = "fusion:\n  n_folds: 2\n  seed: 5\n  midi: {network_steps: 20, width: 16}\n"


@pytest.fixture
def two_runs(tmp_path: Path, tiny_dataset: Path, whitelight: Run) -> Path:
    """A run with the config's seed and one with the command line's."""
    (tmp_path / "quick.yml").write_text(QUICK)
    train = ("train", "fusion", tiny_dataset, "--config", tmp_path / "quick.yml", "--json")
    first = whitelight(*train, "--out", tmp_path / "first")
    assert first.code == 0, first.err
    assert first.value["training"]["seed"] == 5
    second = whitelight(*train, "--out", tmp_path / "second", "--seed", 6, "--lyric-encoder", "none", "--track", "csv")
    assert second.value["training"]["seed"] == 6
    assert second.value["training"]["config"]["encoders"]["lyric"] == "none"
    return tmp_path / "runs"


@pytest.mark.slow
def test_runs_are_listed_shown_and_compared(two_runs: Path, whitelight: Run) -> None:
    listed = whitelight("runs", "list", "--runs", two_runs, "--json").value["runs"]
    assert [r["name"] for r in listed] == ["second", "first"]
    assert {r["status"] for r in listed} == {"finished"}
    lines = whitelight("runs", "list", "--runs", two_runs).out.splitlines()
    assert lines[0].split() == ["id", "status", "command", "name", "accuracy", "macro_f1", "ece", "seconds"]
    assert lines[1].split()[:5] == [listed[0]["id"], "finished", "train", "fusion", "second"]
    shown = whitelight("runs", "show", listed[1]["id"][:-2], "--runs", two_runs)
    assert "midi.network_steps: 20" in shown.out
    assert "fold 1: accuracy" in shown.out
    assert whitelight("runs", "show", "latest", "--runs", two_runs, "--json").value["steps"]
    found = whitelight("runs", "compare", listed[1]["id"], "latest", "--runs", two_runs, "--json").value
    assert found["config"]["seed"] == [5, 6]
    assert found["config"]["encoders.lyric"] == ["hashed-ngrams", "none"]
    assert "midi.width" not in found["config"]
    assert "seed" in whitelight("runs", "compare", listed[1]["id"], "latest", "--runs", two_runs).out
    assert (two_runs / "tracking" / "csv" / listed[0]["id"] / "metrics.csv").is_file()


def test_refusals_are_one_line(tmp_path: Path, tiny_dataset: Path, whitelight: Run) -> None:
    assert whitelight("runs", "list", "--runs", tmp_path / "no").out == "no runs\n"
    assert "no runs; expected" in whitelight("runs", "show", "latest", "--runs", tmp_path).error
    assert "1 run to compare; expected two" in whitelight("runs", "compare", "latest", "--runs", tmp_path).error
    train = ("train", "fusion", tiny_dataset, "--out", tmp_path / "m")
    (tmp_path / "bad.yml").write_text("fusion: {fold: 3}\n")
    assert "unknown key 'fusion.fold'; did you mean" in whitelight(*train, "--config", tmp_path / "bad.yml").error
    assert "config 'desktop': neither a preset (gpu, laptop)" in whitelight(*train, "--config", "desktop").error
    assert "logger 'comet'; expected one of csv" in whitelight(*train, "--track", "comet").error
    assert "the command line: fusion is 'early?'" in whitelight(*train, "--fusion", "early?").error
    assert not (tmp_path / "runs").exists()


def test_a_failed_run_is_recorded(tmp_path: Path, tiny_dataset: Path, whitelight: Run) -> None:
    error = whitelight("train", "fusion", tiny_dataset, "--out", tmp_path / "m", "--split-column", "fold").error
    (path,) = (tmp_path / "runs").glob("*/run.json")
    record = json.loads(path.read_text())
    assert record["status"] == "failed"
    assert record["error"] == f"TooLittleMaterialError: {error}"


@pytest.mark.slow
def test_a_network_is_recorded_too(tmp_path: Path, tiny_dataset: Path, repository: Path, whitelight: Run) -> None:
    (tmp_path / "quick.yml").write_text("network: {epochs: 1, width: 16, n_layers: 1}\n")
    train = ("train", "network", tiny_dataset, "--out", tmp_path / "net", "--config", tmp_path / "quick.yml")
    done = whitelight(*train, "--track", "csv", "--json")
    assert done.code == 0, done.err
    page = (repository / "docs/formats.md").read_text()
    documented = page[page.index("<!-- json of train network -->") :].partition("<!-- end -->")[0]
    assert re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE) == list(done.value)
    (record,) = whitelight("runs", "list", "--runs", tmp_path / "runs", "--json").value["runs"]
    assert (record["command"], record["status"], record["config"]["width"]) == ("train network", "finished", 16)
    accuracy = f"{record['metrics']['validation_accuracy']:.3f} (val)"
    assert accuracy in whitelight("runs", "list", "--runs", tmp_path / "runs").out
    assert (tmp_path / "runs" / "tracking" / "csv" / record["id"] / "metrics.csv").is_file()
