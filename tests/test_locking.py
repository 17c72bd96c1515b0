"""A lock is held by one process at a time and ends with it."""

import signal
import subprocess
import sys

import pytest

from whitelight.locking import LockedError, folder_locked, is_locked, locked

HOLD = "import sys, time; from pathlib import Path; from whitelight.locking import locked\n"
HOLD += "with locked(Path('place.lock'), what='it'): print('held', flush=True); time.sleep(60)"


def test_one_at_a_time(tmp_path):
    path = tmp_path / "deep" / "place.lock"
    assert not is_locked(path)
    with locked(path, what="the place"):
        assert is_locked(path)
        with pytest.raises(LockedError, match="the place is in use by another process"), locked(path, what="the place"):
            pass
    assert not is_locked(path)


def test_a_killed_process_holds_nothing(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert is_locked(tmp_path / "place.lock")
        process.send_signal(signal.SIGKILL)
    with locked(tmp_path / "place.lock", what="the place", patience_s=5):
        pass


def test_a_folder_is_held_by_one_at_a_time_and_nothing_is_left_in_it(tmp_path):
    with folder_locked(tmp_path):
        with pytest.raises(LockedError, match="in use"), folder_locked(tmp_path, patience_s=0.05):
            pass
        assert not list(tmp_path.iterdir())
    with folder_locked(tmp_path, patience_s=0.0):
        pass
    with folder_locked(tmp_path / "none"):  # nothing to protect
        pass
