"""SIGKILL in the middle of a command, then the same command again: it finishes, and nothing tells the difference."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.slow

MakeSong = Callable[..., Path]
Snapshot = Callable[[Path], dict[str, bytes]]
PATIENCE_S = 120.0
N_RECORDED = 8


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "whitelight", *map(str, arguments)]


def run(*arguments: object) -> None:
    subprocess.run(command(*arguments), check=True, capture_output=True)


def kill_when(is_time: Callable[[], bool], *arguments: object) -> None:
    """Start a command and kill it, workers too, as soon as `is_time` says so; fails when it ended before."""
    process = subprocess.Popen(
        command(*arguments), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    end = time.monotonic() + PATIENCE_S
    try:
        while process.poll() is None and not is_time() and time.monotonic() < end:
            time.sleep(0.001)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        _, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, err.decode()
    assert time.monotonic() < end


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory, make_song: MakeSong) -> Path:
    root = tmp_path_factory.mktemp("catalog")
    for number in range(1, 61):
        make_song(root, f"02_{number:02d}", lrc="[00:04.000]la\n[00:09.000]lo\n")
    return root


@pytest.mark.parametrize(("n_songs", "jobs"), [(5, 1), (20, 2)])
def test_a_killed_build(songs: Path, tmp_path: Path, snapshot: Snapshot, n_songs: int, jobs: int) -> None:
    out, segments = tmp_path / "out", tmp_path / "out" / "segments"
    run("dataset", "build", songs, "--out", tmp_path / "undisturbed", "--policy", "bars:2")
    build = ("dataset", "build", songs, "--out", out, "--policy", "bars:2", "--jobs", jobs)
    kill_when(lambda: len(list(segments.glob("*.parquet"))) >= n_songs, *build)
    assert not (out / "manifest.json").exists()
    assert n_songs <= len(list(segments.glob("*.parquet"))) < 60
    unfinished = subprocess.run(command("dataset", "verify", out), capture_output=True, text=True, check=False)
    assert unfinished.returncode == 1
    assert "unfinished" in unfinished.stderr
    run(*build)
    assert snapshot(out) == snapshot(tmp_path / "undisturbed")
    run("dataset", "verify", out)


@pytest.fixture(scope="module")
def recorded_songs(tmp_path_factory: pytest.TempPathFactory, make_song: MakeSong) -> Path:
    root = tmp_path_factory.mktemp("recorded")
    rng = np.random.default_rng(0)
    stems = [{"id": n, "description": name, "audio_file": f"{n}.wav"} for n, name in enumerate(("Drums", "Bass"), 1)]
    for number in range(1, N_RECORDED + 1):
        make_song(root, f"02_{number:02d}", audio_tracks=stems, main_audio_file="mix.wav")
        for name in ("1", "2", "mix"):
            sound = rng.normal(scale=0.1, size=44_100 * 16)
            soundfile.write(root / f"02_{number:02d}" / f"{name}.wav", sound, 44_100, subtype="PCM_16")
    return root


@pytest.fixture(scope="module")
def undisturbed(recorded_songs: Path, tmp_path_factory: pytest.TempPathFactory, snapshot: Snapshot) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    run("dataset", "build", recorded_songs, "--out", out)
    run("dataset", "verify", out)
    return snapshot(out)


@pytest.mark.parametrize(("n_files", "jobs"), [(1, 1), (4, 1), (3, 2)])
def test_a_killed_build_of_recordings(
    recorded_songs: Path, undisturbed: dict[str, bytes], tmp_path: Path, snapshot: Snapshot, *, n_files: int, jobs: int
) -> None:
    """Killed while media are written: at most the songs in flight are lost, nothing is left behind."""
    out, media = tmp_path / "out", tmp_path / "out" / "media"
    build = ("dataset", "build", recorded_songs, "--out", out, "--jobs", jobs)

    def is_writing() -> bool:
        names = [p.name for p in media.glob("*")] + [p.name for p in media.glob(".*")]
        finished = [n for n in names if not n.startswith(".")]
        return len(finished) >= n_files and any(n.endswith(".tmp") for n in names)

    kill_when(is_writing, *build)
    finished = {p.name for p in (out / "segments").glob("*.parquet")}
    assert n_files - jobs <= len(finished) < N_RECORDED
    assert list(media.glob(".*.tmp"))
    times = {p: p.stat().st_mtime_ns for p in media.glob("*.parquet") if p.name in finished}
    run(*build)
    assert snapshot(out) == {name: undisturbed[name] for name in undisturbed if name != "source.json"} | {
        "source.json": snapshot(out)["source.json"]  # lies elsewhere
    }
    assert all(p.stat().st_mtime_ns == time_ns for p, time_ns in times.items())


def test_a_killed_training(tiny_dataset: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    out, work = tmp_path / "model", tmp_path / ".model.work"
    run("train", "fusion", tiny_dataset, "--out", tmp_path / "undisturbed", "--seed", 3)
    train = ("train", "fusion", tiny_dataset, "--out", out, "--seed", 3)
    kill_when(lambda: any(not p.name.endswith(".tmp") for p in work.glob("*.npz")), *train)
    assert not out.exists()
    assert any(work.iterdir())
    run(*train)
    assert snapshot(out) == snapshot(tmp_path / "undisturbed")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "runs", "undisturbed"]
