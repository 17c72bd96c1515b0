"""A lock that ends with the process that holds it, however that dies: an advisory lock of the system on a small file.

The file itself stays; what counts is the lock on it. On folders of the network, locks are as good as that network's.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from whitelight.errors import WhitelightError

POLL_S = 0.02


class LockedError(WhitelightError):
    """Another process is at work in the same place."""


@contextmanager
def locked(path: Path, *, what: str, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of `path`; the folder of it is made when missing.

    Parameters
    ----------
    what : what is locked, for the message. patience_s : how long to wait for another process.

    Raises
    ------
    LockedError : another process holds it longer than that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + patience_s
    with path.open("a+b") as stream:
        while not _take(stream):
            if time.monotonic() >= end:
                raise LockedError(f"{what} is in use by another process; wait for it to end, or end it")
            time.sleep(POLL_S)
        yield  # closing the file gives the lock back


@contextmanager
def folder_locked(folder: Path, *, patience_s: float = 10.0) -> Iterator[None]:
    """Hold the lock of a folder itself, so that no file is left in it; whoever reads, changes and writes there takes it.

    Windows cannot lock a folder; there it is left to the reader's last look before the write.

    Raises
    ------
    LockedError : another process, or another thread of this one, holds it longer than `patience_s`.
    """
    if sys.platform == "win32" or not folder.is_dir():
        yield
        return
    import fcntl  # noqa: PLC0415  not on Windows

    end, handle = time.monotonic() + patience_s, os.open(folder, os.O_RDONLY)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as err:
                if time.monotonic() >= end:
                    raise LockedError(f"{folder.name} is in use by another process; wait for it to end") from err
                time.sleep(POLL_S / 10)
        yield
    finally:
        os.close(handle)  # gives the lock back


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds the lock of `path`."""
    try:
        with path.open("r+b") as stream:
            return not _take(stream)
    except OSError:  # no such file, or one that may not be written: nobody of ours holds it
        return False


def _take(stream: IO[bytes]) -> bool:
    """Take the lock, or tell that it is taken."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  of Windows alone

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  of all others

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
