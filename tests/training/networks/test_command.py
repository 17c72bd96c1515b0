import json
import sys
from pathlib import Path

import pytest

from whitelight.cli.main import main

CONFIG = "network: {width: 16, n_layers: 2, n_steps: 32, n_windows: 2, epochs: 9, batch_size: 8, kind: remi}\n"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["whitelight", "train", "network", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "small.yml"
    path.write_text(CONFIG)
    return path


def test_it_trains_records_the_run_and_options_count_more_than_the_config(
    tiny_dataset: Path,
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--kind", "roll", "--epochs", 2, "--seed", 4, "--track", "csv", "--json")
    assert run(monkeypatch, tiny_dataset, "--out", tmp_path / "net", "--config", config, *options) == 0
    found = json.loads(capsys.readouterr().out)
    settings = found["settings"]
    assert (settings["kind"], settings["epochs"], settings["seed"], settings["width"]) == ("roll", 2, 4, 16)
    assert "training_songs" not in found  # hundreds of names are for the file
    (path,) = (tmp_path / "runs").glob("*/run.json")
    record = json.loads(path.read_text())
    assert (record["command"], record["status"], record["seed"]) == ("train network", "finished", 4)
    assert record["data_hash"] == found["data_hash"]
    assert record["metrics"]["validation_accuracy"] == found["figures"]["accuracy"]
    lines = [json.loads(line) for line in (path.parent / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert {"log_loss", "accuracy", "train_loss"} <= set(lines[0])
    assert list((tmp_path / "runs" / "tracking" / "csv").rglob("metrics.csv"))


def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "--out", tmp_path / "net") == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("error: ")
    assert "\n" not in said
