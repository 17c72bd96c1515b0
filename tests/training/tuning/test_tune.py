"""A search: trials in SQLite, taken up again, pruned, honest when nested, the same on Ray."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from whitelight.locking import LockedError, locked
from whitelight.training.config import load_config
from whitelight.training.tuning import TuneError, study, tune
from whitelight.training.tuning.space import with_values


def essence(report):
    """What a search found, without what depends on the clock."""
    return [(t["values"], t["value"], t["state"]) for t in report.trials if t["state"] != "interrupted"]


def test_a_search_writes_a_config_that_trains(tmp_path, songs, config, space):
    told = []
    out = tmp_path / "search"
    report = tune(songs, out, trials=3, space=space, config=config, progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [t["number"] for t in report.trials] == [0, 1, 2]
    assert report.best["value"] == min(t["value"] for t in report.trials if t["state"] == "finished")
    for trial in report.trials:
        assert 0.001 <= trial["values"]["midi.linear_l2"] <= 100
        assert trial["values"]["midi.standardize"] in {False, True}
        assert trial["values"]["midi.linear_steps"] in {4, 6, 8, 10}
        assert list(trial["after_folds"]) == ["2", "3"]
        assert trial["figures"]["log_loss"] == trial["value"] == trial["after_folds"]["3"]
    assert report.start == report.trials[0]
    assert with_values(config.fusion, report.start["values"]) == config.fusion
    found = load_config(out / "best.yml")
    assert found.fusion == with_values(config.fusion, report.best["values"])
    assert found.network == config.network
    content = json.loads((out / "trials.json").read_text())
    assert content == {k: v for k, v in report.to_dict().items() if k != "out"}
    assert any("flattered" in line for line in report.lines())
    assert str(tmp_path) not in "".join(p.read_text() for p in out.iterdir() if p.suffix in {".yml", ".json"})
    assert str(tmp_path).encode() not in (out / "search.db").read_bytes()


@pytest.mark.slow
def test_a_search_goes_on(tmp_path, songs, config, space):
    whole = tune(songs, tmp_path / "a", trials=3, space=space, config=config)
    tune(songs, tmp_path / "b", trials=2, space=space, config=config)
    parts = tune(songs, tmp_path / "b", trials=3, space=space, config=config)
    assert essence(parts) == essence(whole)
    assert len({json.dumps(t["values"]) for t in whole.trials}) == 3
    again = tune(songs, tmp_path / "b", trials=3, space=space, config=config)
    assert again.trials == parts.trials


def test_another_search_is_not_mixed_in(tmp_path, songs, config, space):
    tune(songs, tmp_path / "a", trials=1, space=space, config=config)
    with pytest.raises(TuneError, match="a search with another seed; give another --out"):
        tune(songs, tmp_path / "a", trials=1, space=space, config=config, seed=1)
    with pytest.raises(TuneError, match="a search with another metric"):
        tune(songs, tmp_path / "a", trials=1, space=space, config=config, metric="macro-f1")
    with pytest.raises(TuneError, match="a search with another data"):
        tune(songs, tmp_path / "a", trials=1, space=space, config=config, split_column="split")
    with locked(tmp_path / "a" / ".lock", what="x"), pytest.raises(LockedError, match="in use by another process"):
        tune(songs, tmp_path / "a", trials=1, space=space, config=config)
    with pytest.raises(TuneError, match="'f1'; expected one of log-loss, macro-f1"):
        tune(songs, tmp_path / "a", trials=1, space=space, config=config, metric="f1")


@pytest.mark.slow
def test_a_hopeless_trial_ends_early(tmp_path, songs, config, space, monkeypatch):
    monkeypatch.setattr(study, "N_BEFORE_PRUNING", 1)
    report = tune(songs, tmp_path / "a", trials=6, space=space, config=config)
    pruned = [t for t in report.trials if t["state"] == "pruned"]
    assert pruned
    assert all(list(t["after_folds"]) == ["2"] and not t["figures"] for t in pruned)
    assert report.best["state"] == "finished"


def test_values_that_do_not_go_together_are_a_failed_trial(tmp_path, songs, config):
    from whitelight.training.tuning.space import load_space

    (tmp_path / "s.yml").write_text("joint.width: {choices: [60, 52]}\njoint.n_tokens: {choices: [4, 8]}\n")
    broken = load_space(tmp_path / "s.yml", config.fusion)
    report = tune(songs, tmp_path / "a", trials=3, space=broken, config=config)
    failed = [t for t in report.trials if t["state"] == "failed"]
    assert {t["values"]["joint.n_tokens"] for t in failed} == {8}
    assert "expected a multiple of n_tokens" in failed[0]["error"]
    assert len(report.trials) == 3
    assert report.best["values"]["joint.n_tokens"] == 4
    assert report.start is None


@pytest.mark.slow
def test_nested_figures_come_from_songs_the_search_did_not_see(tmp_path, songs, config, space):
    report = tune(songs, tmp_path / "a", trials=2, space=space, config=config, nested=True)
    found = report.nested
    assert len(found["folds"]) == 3
    assert sum(fold["songs"] for fold in found["folds"]) == 16
    assert found["gain"] == pytest.approx(found["tuned"]["accuracy"] - found["untuned"]["accuracy"], abs=1e-5)
    low, high = found["gain_interval"]
    assert low <= found["gain"] <= high
    with sqlite3.connect(tmp_path / "a" / "search.db") as database:
        names = {name for (name,) in database.execute("select study_name from studies")}
    assert names == {"whole", "outer 0", "outer 1", "outer 2"}
    assert any(line.startswith("accuracy gained by searching") for line in report.lines())


CODE = """
import sys
from pathlib import Path
from whitelight.training.config import load_config
from whitelight.training.tuning import load_space, tune
if __name__ == "__main__":
    config = load_config("base.yml")
    tune(Path(sys.argv[1]), Path(sys.argv[2]), trials=5, space=load_space(Path("space.yml"), config.fusion), config=config)
"""
BASE = "fusion: {n_folds: 3, midi: {n_networks: 0, linear_steps: 8}}\n"


@pytest.mark.slow
def test_a_killed_search_ends_as_an_undisturbed_one(tmp_path, songs, config, space):
    (tmp_path / "base.yml").write_text(BASE)
    (tmp_path / "code.py").write_text(CODE)
    command = [sys.executable, "code.py", str(songs), "killed"]
    database, end = tmp_path / "killed" / "search.db", time.monotonic() + 80

    def running() -> int:
        if not database.is_file():
            return 0
        with sqlite3.connect(database) as connection:
            try:
                count = "select count(*) from trials t join trial_values v on v.trial_id = t.trial_id"
                begun = "select count(*) from trials join trial_params p on p.trial_id = trials.trial_id where state='RUNNING'"
                (n_told,), (n_begun,) = connection.execute(count).fetchone(), connection.execute(begun).fetchone()
            except sqlite3.OperationalError:  # no tables yet, or being written
                return 0
        return n_told if n_begun >= 3 else 0

    with subprocess.Popen(command, cwd=tmp_path) as process:
        while running() < 2 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    subprocess.run(command, cwd=tmp_path, check=True)
    killed = tune(songs, tmp_path / "killed", trials=5, space=space, config=load_config(tmp_path / "base.yml"))
    undisturbed = tune(songs, tmp_path / "undisturbed", trials=5, space=space, config=config)
    assert [t["state"] for t in killed.trials].count("interrupted") == 1
    assert essence(killed) == essence(undisturbed)
    assert (tmp_path / "killed/best.yml").read_text() == (tmp_path / "undisturbed/best.yml").read_text()


@pytest.mark.slow
def test_several_processes_make_the_trials_asked_for(tmp_path, songs, config, space):
    report = tune(songs, tmp_path / "a", trials=4, space=space, config=config, jobs=2)
    assert len(report.trials) == 4
    assert len({json.dumps(t["values"]) for t in report.trials}) == 4


@pytest.mark.slow
def test_ray_tune_searches_the_same_space_with_two_workers(tmp_path, songs, config, space):
    pytest.importorskip("ray")
    local = tune(songs, tmp_path / "local", trials=2, space=space, config=config)
    told = []
    ray = tune(
        songs,
        tmp_path / "ray",
        trials=2,
        space=space,
        config=config,
        engine="ray",
        jobs=2,
        progress=lambda *at: told.append(at),
    )
    assert told[-1] == (2, 2)
    assert {json.dumps(t["values"]) for t in ray.trials} == {json.dumps(t["values"]) for t in local.trials}
    assert sorted(t["value"] for t in ray.trials) == pytest.approx(sorted(t["value"] for t in local.trials), abs=2e-3)
    assert all(set(t["figures"]) == {"accuracy", "macro_f1", "log_loss"} for t in ray.trials)
    assert not list(Path.cwd().glob("ray_results"))
