"""The record of a run: how it ends, what it holds, and that the model does not depend on it."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whitelight.training import runs, train_fusion
from whitelight.training.runs import RunError, RunPlan, compare_runs, find_run, list_runs, read_metrics, recorded
from whitelight.training.tracking import TrackingError


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "dataset").mkdir()
    return RunPlan("train fusion", "model", 3, {"midi": {"width": 64}}, tmp_path / "dataset", tmp_path / "model")


def test_a_finished_run(tmp_path, plan):
    root = tmp_path / "runs"
    with recorded(root, plan) as log:
        assert find_run(root, "latest")["status"] == "running"
        log.log({"accuracy": 0.5}, step=1, fold=0)
        log.note(metrics={"accuracy": 0.75})
    (record,) = list_runs(root)
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", record["id"])
    assert (record["status"], record["metrics"], record["error"]) == ("finished", {"accuracy": 0.75}, None)
    assert (record["dataset"], record["model"]) == ("../../dataset", "../../model")
    assert record["config"] == {"midi": {"width": 64}}
    assert record["started"] < record["ended"]
    (line,) = read_metrics(root, record["id"])
    assert {k: line[k] for k in ("step", "fold", "accuracy")} == {"step": 1, "fold": 0, "accuracy": 0.5}


def test_a_failed_run_says_why_without_places(tmp_path, plan):
    with pytest.raises(ValueError, match="broke"), recorded(tmp_path / "runs", plan):
        raise ValueError(f"{tmp_path}/data set/x.mid broke; see /usr/share/doc/it, 1/2 of it")
    record = find_run(tmp_path / "runs", "latest")
    assert record["status"] == "failed"
    assert record["error"] == "ValueError: …/data set/x.mid broke; see …/it, 1/2 of it"
    assert record["model"] is None


def test_a_run_stopped_by_hand_was_killed(tmp_path, plan):
    with pytest.raises(KeyboardInterrupt), recorded(tmp_path / "runs", plan):
        raise KeyboardInterrupt
    assert find_run(tmp_path / "runs", "latest")["status"] == "killed"


KILLED = """
import os, signal
from pathlib import Path
Path("d").mkdir()
from whitelight.training.runs import RunPlan, recorded
with recorded(Path("runs"), RunPlan("train fusion", "m", 0, {}, Path("d"), Path("m"))) as log:
    log.log({"loss": 1.0}, step=1)
    with (log.folder / "metrics.jsonl").open("a") as stream:
        stream.write('{"step": 2, "lo')
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_whose_process_is_gone_was_killed(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    record = find_run(tmp_path / "runs", "latest")
    assert record["status"] == "killed"
    assert json.loads((tmp_path / "runs" / record["id"] / "run.json").read_text())["status"] == "running"
    assert [line["step"] for line in read_metrics(tmp_path / "runs", record["id"])] == [1]


def test_only_the_first_process_of_a_group_writes(tmp_path, plan, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with recorded(tmp_path / "runs", plan) as log:
        log.log({"loss": 1.0}, step=1)
        log.note(metrics={})
    assert not (tmp_path / "runs").exists()


def test_a_run_on_nothing_leaves_nothing(tmp_path, plan):
    (tmp_path / "dataset").rmdir()
    with pytest.raises(ValueError, match="no dataset"), recorded(tmp_path / "runs", plan):
        raise ValueError("no dataset")
    assert not (tmp_path / "runs").exists()


def test_an_unknown_logger_is_refused_before_anything_is_written(tmp_path, plan):
    with pytest.raises(TrackingError), recorded(tmp_path / "runs", plan, ["comet"]):
        pass
    assert not (tmp_path / "runs").exists()


def test_figures_go_to_the_other_loggers_too(tmp_path, plan):
    with recorded(tmp_path / "runs", plan, ["csv"]) as log:
        log.log({"loss": 0.25}, step=4, role="scorer")
    run_id = find_run(tmp_path / "runs", "latest")["id"]
    assert "0.25,4" in (tmp_path / "runs" / "tracking" / "csv" / run_id / "metrics.csv").read_text()
    assert len(list_runs(tmp_path / "runs")) == 1


def test_runs_are_found_by_the_beginning_of_their_id(tmp_path, plan):
    with pytest.raises(RunError, match="no runs; expected the folder"):
        find_run(tmp_path / "runs", "latest")
    for _ in range(2):
        with recorded(tmp_path / "runs", plan):
            pass
    newest, oldest = (r["id"] for r in list_runs(tmp_path / "runs"))
    assert find_run(tmp_path / "runs", oldest[:-1])["id"] == oldest
    assert find_run(tmp_path / "runs", "latest")["id"] == newest
    with pytest.raises(RunError, match="'2': 2 runs begin so; expected one of"):
        find_run(tmp_path / "runs", "2")
    with pytest.raises(RunError, match="'x': no run is called so"):
        find_run(tmp_path / "runs", "x")


def test_a_broken_record_does_not_hide_the_others(tmp_path, plan):
    with recorded(tmp_path / "runs", plan):
        pass
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{")
    assert len(list_runs(tmp_path / "runs")) == 1


def test_comparing_shows_what_differs():
    first = {"id": "a", "seed": 0, "config": {"midi": {"width": 64, "l2": 0.1}}, "metrics": {"accuracy": 0.5}}
    second = {
        "id": "b",
        "seed": 1,
        "config": {"midi": {"width": 32, "l2": 0.1}},
        "metrics": {"accuracy": 0.6, "ece": 0.1},
    }
    assert compare_runs([first, second]) == {
        "runs": ["a", "b"],
        "config": {"seed": [0, 1], "midi.width": [64, 32]},
        "metrics": {"accuracy": [0.5, 0.6], "ece": [None, 0.1]},
    }


def test_outside_of_a_checkout_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_CHECKOUT", tmp_path)
    assert runs._git_commit() is None


def test_training_is_recorded_and_the_bundle_does_not_know(tmp_path, tiny, tiny_dataset, tiny_model):
    out = tmp_path / "model"
    report = train_fusion(
        tiny_dataset, out, split_column="split", settings=tiny.SETTINGS, runs=tmp_path / "runs", track=["csv"]
    )
    for name in ("model.onnx", "arrays.npz", "held_out.npz", "bundle.json"):
        assert (out / name).read_bytes() == (tiny_model / name).read_bytes()
    record = find_run(tmp_path / "runs", "latest")
    assert record["status"] == "finished"
    assert record["data_hash"] == report.record["data_hash"]
    assert record["config"]["midi"]["network_steps"] == 120
    assert record["config"]["split_column"] == "split"
    assert record["metrics"]["accuracy"] == report.evaluation["class"]["accuracy"]
    assert record["metrics"]["gate"] == report.gate.status
    assert (tmp_path / "runs" / record["id"] / record["model"] / "bundle.json").is_file()
    lines = read_metrics(tmp_path / "runs", record["id"])
    assert [line["done"] for line in lines if "done" in line] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    folds = [line for line in lines if "accuracy" in line]
    assert [line["fold"] for line in folds] == [0, 1, 2]
    weighted = sum(line["accuracy"] * line["n"] for line in folds) / sum(line["n"] for line in folds)
    assert weighted == pytest.approx(report.evaluation["class"]["accuracy"], abs=1e-5)
    text = "".join(path.read_text() for path in (tmp_path / "runs").rglob("*.json*"))
    assert str(Path(tmp_path)) not in text
