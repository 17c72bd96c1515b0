"""Several processes of this machine: they end with the one that started them, and share its cores among them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from whitelight.errors import WhitelightError

Item = TypeVar("Item")
Result = TypeVar("Result")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # read when a process loads its libraries


class WorkerError(WhitelightError):
    """A process that worked for this one was ended from outside."""


def map_in_processes(function: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """Yield ``function(item)`` in the order of `items`, in `jobs` processes; in this one when that is 1.

    Raises
    ------
    WorkerError : a process was ended from outside.
    """
    return _run(function, items, jobs, in_order=True)


def in_processes(function: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """Yield ``function(item)`` as they are done, which shows progress sooner; else as `map_in_processes`."""
    return _run(function, items, jobs, in_order=False)


def _run(function: Callable[[Item], Result], items: Sequence[Item], jobs: int, *, in_order: bool) -> Iterator[Result]:
    workers = min(jobs, len(items))
    if workers <= 1:
        yield from map(function, items)
        return
    # spawn: forking a process that has threads (pyarrow's) can deadlock
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent)
    with _threads_per_process(max(1, (os.cpu_count() or 1) // workers)):
        futures = [pool.submit(function, item) for item in items]  # spawned processes all start here
    try:
        for future in futures if in_order else as_completed(futures):
            yield future.result()
    except BrokenProcessPool as err:
        message = "a worker process was ended from outside (out of memory?); run the same command again to go on"
        raise WorkerError(f"{message}, with fewer jobs than {workers} if it repeats") from err
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _threads_per_process(n: int) -> Iterator[None]:
    """Let processes that start now use `n` threads each for linear algebra, unless the user has said how many."""
    new = {name: str(n) for name in _THREADS if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


def end_with_parent() -> None:
    """End this worker when the process that started it dies; a killed parent cannot say so itself."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()
