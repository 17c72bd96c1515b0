"""SIGKILL in the middle of a command, then the same command again: it finishes, and nothing tells the difference."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MakeSong = Callable[..., Path]
Snapshot = Callable[[Path], dict[str, bytes]]
PATIENCE_S = 120.0


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
    while process.poll() is None and not is_time() and time.monotonic() < end:
        time.sleep(0.001)
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


def test_a_killed_training(tiny_dataset: Path, tmp_path: Path, snapshot: Snapshot) -> None:
    out, work = tmp_path / "model", tmp_path / ".model.work"
    run("train", "fusion", tiny_dataset, "--out", tmp_path / "undisturbed", "--seed", 3)
    train = ("train", "fusion", tiny_dataset, "--out", out, "--seed", 3)
    kill_when(lambda: work.is_dir() and any(p.stat().st_size and ".tmp" not in p.name for p in work.iterdir()), *train)
    assert not out.exists()
    assert any(work.iterdir())
    run(*train)
    assert snapshot(out) == snapshot(tmp_path / "undisturbed")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "undisturbed"]
