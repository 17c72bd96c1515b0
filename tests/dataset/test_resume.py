"""A build that is killed loses at most the song it was at."""

import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from whitelight.dataset import Dataset, NotADatasetError, build_dataset

SCRIPT = """
import pickle, sys
from pathlib import Path
from whitelight.dataset import build_dataset
if __name__ == "__main__":
    catalog = pickle.loads(Path(sys.argv[1]).read_bytes())
    def tell(done, total):
        print(done, flush=True)
    build_dataset(catalog, Path(sys.argv[2]), policy="bars:2", jobs=int(sys.argv[3]), progress=tell)
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def start(tmp_path: Path, catalog, out: Path, jobs: int) -> subprocess.Popen:
    (tmp_path / "catalog.pickle").write_bytes(pickle.dumps(catalog))
    (tmp_path / "build.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "build.py"), str(tmp_path / "catalog.pickle"), str(out), str(jobs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize(("jobs", "songs_before"), [(1, 1), (1, 7), (2, 3)])
def test_a_killed_build_goes_on_where_it_was(make_catalog, tmp_path, jobs, songs_before):
    catalog = make_catalog(n_piano=12)
    build_dataset(catalog, tmp_path / "undisturbed", policy="bars:2")
    out = tmp_path / "out"
    process = start(tmp_path, catalog, out, jobs)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= songs_before:
            break
    time.sleep(random.Random(songs_before).uniform(0, 0.01))  # somewhere inside the next song
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
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

    process = start(tmp_path, make_catalog(n_piano=40), tmp_path / "out", 2)
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
    from whitelight.dataset import build

    catalog = make_catalog()
    build_dataset(catalog, tmp_path / "out")

    def killed(job):
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "_build_song", killed)
    with pytest.raises(KeyboardInterrupt):
        build_dataset(catalog, tmp_path / "out", policy="sections")
    with pytest.raises(NotADatasetError, match="unfinished"):
        Dataset.open(tmp_path / "out")
