"""Jobs over the wire; those that start a process are slow."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from whitelight.composition.review import read_review
from whitelight.studio.job_work import Order
from whitelight.studio.jobs import MAX_WAITING, BusyError, JobQueue
from whitelight.studio.library import song_id_of

PATIENCE_S = 240.0


@pytest.fixture(scope="session")
def model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from whitelight.training import train_fusion

    dataset = tiny.write_tiny_dataset(tmp_path_factory.mktemp("tiny"), songs_per_class=2)
    return train_fusion(dataset, tmp_path_factory.mktemp("model") / "model", settings=tiny.SETTINGS).out


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def settled() -> Callable[..., dict[str, Any]]:
    def wait(client: Any, job: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
            if found["state"] not in ("waiting", "running"):
                return found
            time.sleep(0.1)
        raise AssertionError("the job hangs")

    return wait


@pytest.mark.parametrize("kind", ["compose", "evolve", "regenerate"])
def test_without_a_model_the_answer_says_what_to_do(client, song, kind):
    answer = client.post(f"/api/songs/{song}/jobs", json={"kind": kind, "stage": "drums"})
    assert answer.status_code == 409
    assert "whitelight studio DIR --model MODEL" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "delete"},
        {"kind": "compose", "stage": "../chords"},
        {"kind": "compose", "candidates": 1},
        {"kind": "compose", "candidates": 10**9},
        {"kind": "compose", "generations": -1},
        {"kind": "evolve"},
        {"kind": "export", "kinds": ["exe"]},
        {"kind": "export", "folder": "/etc"},
        {"kind": "evolve", "stage": "chords", "like": [["a"]]},
    ],
)
def test_orders_of_another_shape_are_refused(client, song, body):
    answer = client.post(f"/api/songs/{song}/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_unknown_jobs_are_not_found(client):
    for ask in (client.get, client.delete):
        assert ask("/api/jobs/nothing").status_code == 404
    assert client.get("/api/jobs/nothing/events").status_code == 404


def test_a_studio_that_only_looks_starts_nothing(make_client, song):
    answer = make_client(read_only=True).post(f"/api/songs/{song}/jobs", json={"kind": "assemble"})
    assert answer.status_code == 403


def test_few_jobs_wait_and_a_waiting_one_is_cancelled(tmp_path, monkeypatch):
    jobs = JobQueue(tmp_path)
    monkeypatch.setattr(jobs, "_run", lambda _: None)  # they run for ever
    orders = [jobs.start("song", Order("assemble", tmp_path), text=str(n)) for n in range(1 + MAX_WAITING)]
    assert [one["state"] for one in orders] == ["running"] + MAX_WAITING * ["waiting"]
    with pytest.raises(BusyError, match=f"{MAX_WAITING} jobs"):
        jobs.start("song", Order("assemble", tmp_path), text="too many")
    assert jobs.cancel(orders[2]["id"])["state"] == "cancelled"
    assert jobs.start("other", Order("assemble", tmp_path), text="other song")["state"] == "running"
    assert jobs.start("third", Order("assemble", tmp_path), text="third song")["state"] == "waiting"


@pytest.mark.slow
def test_assembling_and_exporting_write_the_song(client, song, folder, settled):
    job = client.post(f"/api/songs/{song}/jobs", json={"kind": "assemble"}).json()
    assert (job["state"], job["song"], job["stage"], job["text"]) == ("running", song, None, "Put the song together")
    second = client.post(f"/api/songs/{song}/jobs", json={"kind": "export", "kinds": ["lrc", "musicxml"]}).json()
    assert second["state"] == "waiting"
    found = settled(client, job["id"])
    assert found["state"] == "done", found
    assert "song.mid" in found["files"]
    found = settled(client, second["id"])
    assert sorted(found["files"]) == ["lyrics.lrc", "song.musicxml"]
    assert (folder / "song.musicxml").exists()


@pytest.mark.slow
def test_composing_breeding_and_cancelling(make_client, root, folder, song, model, settled):  # noqa: PLR0917  one model for all
    shutil.rmtree(folder / "drums")
    client = make_client(model=model, force=True)
    small = {"candidates": 3, "generations": 1, "section": "bridge"}
    job = client.post(f"/api/songs/{song}/jobs", json={"kind": "compose", **small}).json()
    assert job["stage"] is None
    seen = [
        json.loads(line.removeprefix("data: "))
        for line in client.get(f"/api/jobs/{job['id']}/events").text.splitlines()
        if line.startswith("data: ")
    ]
    assert seen[-1]["state"] == "done", seen[-1]
    assert (seen[-1]["stage"], seen[-1]["done"]) == ("drums", seen[-1]["total"])
    assert [one["done"] for one in seen] == sorted(one["done"] for one in seen)
    review = folder / "drums" / "review.yml"
    assert [entry.candidate_id for entry in read_review(review).entries] == seen[-1]["added"]
    assert str(root) not in json.dumps(seen)

    breed = {"kind": "evolve", "stage": "drums", **small}
    refused = settled(client, client.post(f"/api/songs/{song}/jobs", json=breed).json()["id"])
    assert (refused["state"], "nothing is liked" in refused["error"]) == ("failed", True)
    like = seen[-1]["added"][:1]
    bred = settled(client, client.post(f"/api/songs/{song}/jobs", json=breed | {"like": like}).json()["id"])
    assert bred["state"] == "done", bred
    assert bred["added"]
    assert len(read_review(review).entries) == len(seen[-1]["added"]) + len(bred["added"])

    before = snapshot(folder)
    long = {"kind": "regenerate", "stage": "drums", "candidates": 200, "generations": 20}
    job = client.post(f"/api/songs/{song}/jobs", json=long).json()
    end = time.monotonic() + PATIENCE_S
    while client.get(f"/api/jobs/{job['id']}").json()["done"] < 2 and time.monotonic() < end:
        time.sleep(0.05)
    began = time.monotonic()
    cancelled = client.delete(f"/api/jobs/{job['id']}").json()
    assert (cancelled["state"], cancelled["error"]) == ("cancelled", None)
    assert time.monotonic() - began < 5.0
    assert snapshot(folder) == before


@pytest.mark.slow
def test_a_process_that_is_killed_is_an_error_and_no_hang(make_client, song, model, settled):
    import os
    import signal
    from multiprocessing import active_children

    client = make_client(model=model, force=True)
    before = set(active_children())
    long = {"kind": "compose", "stage": "bass", "candidates": 200, "generations": 20}
    job = client.post(f"/api/songs/{song}/jobs", json=long).json()
    while not (started := set(active_children()) - before):
        time.sleep(0.05)
    os.kill(started.pop().pid, signal.SIGKILL)
    found = settled(client, job["id"])
    assert found["state"] == "failed"
    assert "ended from outside (exit code -9)" in found["error"]


@pytest.mark.slow
def test_closing_the_studio_ends_its_processes(root, model):
    from multiprocessing import active_children

    jobs, before = JobQueue(root), set(active_children())
    order = Order("compose", next(root.iterdir()), "bass", candidates=200, generations=20, model=model, force=True)
    job = jobs.start(song_id_of("x"), order, text="long")
    while not set(active_children()) - before:
        time.sleep(0.05)
    jobs.close()
    assert not set(active_children()) - before
    assert jobs.get(job["id"])["state"] == "cancelled"
    with pytest.raises(BusyError):
        jobs.start("x", order, text="late")
