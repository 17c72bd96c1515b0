"""Loggers really write what the tools themselves read back, offline, and say nothing of who runs them."""

import csv
import getpass
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from whitelight.training import tracking
from whitelight.training.tracking import LOGGERS, TrackingError, make_loggers, tracked

CONFIG = {"seed": 3, "midi": {"width": 64}}


def write(folder: Path, *names: str, run: str = "first") -> None:
    with tracked(names, folder, run, CONFIG) as log:
        log({"loss": 0.5}, 0)
        log({"loss": 0.25}, 1)


def test_csv_is_a_table_of_figures_and_a_second_run_keeps_the_first(tmp_path):
    write(tmp_path, "csv")
    write(tmp_path, "csv")
    for name in ("first", "first-2"):
        with (tmp_path / "csv" / name / "metrics.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        assert [(float(r["loss"]), int(r["step"])) for r in rows] == [(0.5, 0), (0.25, 1)]


def test_tensorboard_reads_what_was_logged(tmp_path):
    write(tmp_path, "tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(tmp_path / "tensorboard" / "first"))
    found.Reload()
    assert [(e.step, e.value) for e in found.Scalars("loss")] == [(0, 0.5), (1, 0.25)]


def test_mlflow_reads_its_sqlite_file_and_finds_no_user(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Path("log"), "mlflow")
    from mlflow import MlflowClient

    client = MlflowClient("sqlite:///log/mlflow.db")
    experiment = client.get_experiment_by_name("whitelight")
    assert Path(experiment.artifact_location).relative_to(tmp_path) == Path("log/mlflow")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3", "midi/width": "64"}
    assert [m.value for m in client.get_metric_history(run.info.run_id, "loss")] == [0.5, 0.25]
    with sqlite3.connect("log/mlflow.db") as database:
        tags = dict(database.execute("select key, value from tags"))
    assert tags["mlflow.user"] == ""
    assert tags["mlflow.source.name"] == "whitelight"
    assert [p.name for p in tmp_path.iterdir()] == ["log"]


def test_weights_and_biases_stays_offline(tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    write(tmp_path, "wandb")
    (run,) = (tmp_path / "wandb").glob("offline-run-*")
    (record,) = run.glob("run-*.wandb")
    content = record.read_bytes()
    assert b"loss" in content
    assert str(tmp_path).encode() not in content
    assert os.uname().nodename.encode() not in content or len(os.uname().nodename) < 4
    assert not list(run.rglob("wandb-metadata.json"))


def test_weights_and_biases_goes_online_only_when_the_environment_says_so(tmp_path, monkeypatch):
    for mode, offline in (("online", False), ("offline", True), ("", True)):
        monkeypatch.setenv("WANDB_MODE", mode)
        (logger,) = make_loggers(["wandb"], tmp_path, "first")
        assert logger._offline is offline


def test_a_run_that_fails_is_closed_as_failed(tmp_path):
    with pytest.raises(ZeroDivisionError), tracked(["mlflow"], tmp_path, "first", CONFIG) as log:
        log({"loss": 1 / 0}, 0)
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        assert database.execute("select status from runs").fetchall() == [("FAILED",)]


@pytest.mark.slow
def test_nothing_is_printed(tmp_path):
    code = "import sys; from pathlib import Path; from whitelight.training.tracking import tracked\n"
    code += f"with tracked({list(LOGGERS)!r}, Path('log'), 'first', {CONFIG!r}) as log: log({{'loss': 1.0}}, 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    mine = [p for p in tmp_path.rglob("*") if p.is_file() and getpass.getuser().encode() in p.read_bytes()]
    assert not mine or len(getpass.getuser()) < 5


def test_an_unknown_logger_is_refused(tmp_path):
    with pytest.raises(TrackingError, match="logger 'comet'; expected one of csv, mlflow, tensorboard, wandb"):
        make_loggers(["csv", "comet"], tmp_path, "first")
    assert not list(tmp_path.iterdir())


def test_a_missing_package_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(tracking, "find_spec", lambda name: None if name == "wandb" else object())
    with pytest.raises(TrackingError, match=r"needs the package 'wandb'; pip install 'whitelight\[track\]'"):
        make_loggers(["wandb"], tmp_path, "first")
