"""A build that is killed loses at most the song it was at."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from whitelight.dataset import Dataset, NotADatasetError, build_dataset

SCRIPT = """
import os, pickle, signal, sys, threading, time
from pathlib import Path
from whitelight.dataset import build_dataset
if __name__ == "__main__":
    catalog = pickle.loads(Path(sys.argv[1]).read_bytes())
    jobs, songs_before, delay_s, pause_s = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6])
    def tell(done, total):
        print(done, flush=True)
        time.sleep(pause_s)
        if done == songs_before:  # from inside, so that a busy machine cannot be late
            threading.Timer(delay_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
    build_dataset(catalog, Path(sys.argv[2]), policy="bars:2", jobs=jobs, progress=tell)
"""
NEVER = -1


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def start(tmp_path: Path, catalog, out: Path, *options: float) -> subprocess.Popen:
    (tmp_path / "catalog.pickle").write_bytes(pickle.dumps(catalog))
    (tmp_path / "build.py").write_text(SCRIPT)
    command = [sys.executable, tmp_path / "build.py", tmp_path / "catalog.pickle", out, *options]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize(
    ("jobs", "songs_before", "delay_s"), [(1, 1, 0.0), (1, 9, 0.004), (1, 15, 0.011), (2, 3, 0.007)]
)
def test_a_killed_build_goes_on_where_it_was(make_catalog, tmp_path, jobs, songs_before, delay_s):
    catalog = make_catalog(n_piano=30)
    build_dataset(catalog, tmp_path / "undisturbed", policy="bars:2")
    out = tmp_path / "out"
    process = start(tmp_path, catalog, out, jobs, songs_before, delay_s, 0)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(NotADatasetError, match="unfinished"):
        Dataset.open(out)
    wait_for_the_workers(out)
    report = build_dataset(catalog, out, policy="bars:2")
    assert report.n_unchanged >= songs_before
    assert contents(out) == contents(tmp_path / "undisturbed")


def wait_for_the_workers(out: Path) -> None:
    """Workers end by themselves when their parent is gone; wait until none writes any more."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < 0.7:
        now = sorted(str(f) for f in out.rglob("*"))
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.05)


def test_workers_end_with_their_parent(make_catalog, tmp_path):
    import psutil

    process = start(tmp_path, make_catalog(n_piano=20), tmp_path / "out", 2, NEVER, 0, 0.2)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 2:
            break
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_an_old_dataset_is_not_taken_for_the_new_one_while_it_is_rebuilt(make_catalog, tmp_path, monkeypatch):
    from whitelight.dataset import engine

    catalog = make_catalog()
    build_dataset(catalog, tmp_path / "out")

    def killed(job):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "build_song", killed)
    with pytest.raises(KeyboardInterrupt):
        build_dataset(catalog, tmp_path / "out", policy="sections")
    with pytest.raises(NotADatasetError, match="unfinished"):
        Dataset.open(tmp_path / "out")
