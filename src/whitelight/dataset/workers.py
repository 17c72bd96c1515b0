"""Doing the same step for many songs in several processes of this machine.

Processes are spawned, since forking one that has threads (pyarrow's) can deadlock, and end when their parent does, also
when that is killed and cannot say so.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from whitelight.errors import WhitelightError

Job = TypeVar("Job")
Result = TypeVar("Result")


class WorkerEndedError(WhitelightError):
    """A process was ended from outside."""


def in_processes(step: Callable[[Job], Result], todo: Sequence[Job], n_processes: int) -> Iterator[Result]:
    """Yield the result of the step for every job, as they come; in this process, in order, when one is enough.

    Parameters
    ----------
    step : a function of a module, so that another process finds it.

    Raises
    ------
    WorkerEndedError : a process is gone; what was not yielded is not known.
    """
    workers = min(n_processes, len(todo))
    if workers <= 1:
        yield from map(step, todo)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        futures = [pool.submit(step, job) for job in todo]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as err:
            message = "a worker process was ended from outside (out of memory?); run the same command again"
            raise WorkerEndedError(f"{message}, with fewer jobs than {workers} if it repeats") from err
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()
