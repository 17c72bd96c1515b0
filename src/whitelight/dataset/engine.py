"""Running the step of every song: here, or in several processes of this machine."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeAlias

from whitelight.dataset.song_step import SongJob, build_song
from whitelight.errors import WhitelightError

Engine: TypeAlias = Callable[[Sequence[SongJob], int, Callable[[int], None]], None]


class BuildError(WhitelightError):
    """A dataset cannot be built here."""


def run_local(todo: Sequence[SongJob], jobs: int, tell: Callable[[int], None]) -> None:
    """Build songs in `jobs` processes, in this one when that is 1; `tell` hears how many are done."""
    if jobs <= 1 or len(todo) <= 1:
        for n, job in enumerate(todo, 1):
            build_song(job)
            tell(n)
        return
    workers = min(jobs, len(todo))
    # spawn: forking a process that has threads (pyarrow's) can deadlock
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        futures = [pool.submit(build_song, job) for job in todo]
        try:
            for n, future in enumerate(as_completed(futures), 1):
                future.result()
                tell(n)
        except BrokenProcessPool as err:
            message = "a worker process was ended from outside (out of memory?); run the same command again to go on"
            raise BuildError(f"{message}, with fewer jobs than {workers} if it repeats") from err
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """End this worker when the process that started it dies; a killed parent cannot say so itself."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()
