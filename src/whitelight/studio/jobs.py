"""Work that takes a while: one job at a time per song, a few waiting, each in a process that can be ended at once."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from whitelight.studio.errors import NotThereError, StudioError, public
from whitelight.studio.job_work import Order, work

MAX_WAITING, MAX_KNOWN, MAX_RUNNING = 4, 100, 2  # per song; jobs remembered; songs worked on at once
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
_GRACE_S = 0.5  # to clean up a file that is being written; then the process is killed
_SHARED = (".review.yml.", ".arrangement.yml.", ".decisions.yml.")  # half-written ones may be the studio's own
_LOOK_S = 0.05


class BusyError(StudioError):
    """More was asked of a song than can wait."""

    status = HTTPStatus.CONFLICT


class UnknownJobError(NotThereError):
    """A job that is not known, or not any more."""


@dataclass(slots=True)
class Job:
    """One job as it stands; changed under the lock of its queue only.

    Attributes
    ----------
    revision : counts its changes. began_s, ended_s : of the monotonic clock.
    """

    id: str
    song: str
    order: Order
    text: str
    before: Callable[[], None]
    state: str = WAITING
    done: int = 0
    total: int = 0
    began_s: float = 0.0
    ended_s: float = 0.0
    revision: int = 0
    is_cancelled: bool = False
    outcome: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (DONE, FAILED, CANCELLED)

    def to_dict(self) -> dict[str, Any]:
        """As `Job` of `web/src/types.ts`."""
        end = self.ended_s if self.is_over else time.monotonic()
        return {
            "id": self.id,
            "song": self.song,
            "kind": self.order.kind,
            "stage": self.outcome.get("stage", self.order.stage),
            "text": self.text,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "elapsed_s": round(end - self.began_s, 2) if self.began_s else 0.0,
            "added": self.outcome.get("added", []),
            "files": self.outcome.get("files", []),
            "problems": self.outcome.get("problems", []),
            "error": self.error,
        }


class JobQueue:
    """All jobs of a studio; safe to be used by several threads.

    Parameters
    ----------
    root : the studio's folder, which no message may name in full.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._changed = Condition()
        self._is_closed = False

    def start(self, song: str, order: Order, *, text: str, before: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Begin a job, or let it wait for others of its song; return it as it stands.

        Parameters
        ----------
        before : called when its turn comes, before the process starts.

        Raises
        ------
        BusyError : too many wait already.
        """
        with self._changed:
            n_waiting = sum(job.song == song and job.state == WAITING for job in self._jobs.values())
            if n_waiting >= MAX_WAITING or self._is_closed:
                raise BusyError(f"{n_waiting} jobs of this song are waiting; let them end, or cancel some")
            job = Job(secrets.token_hex(8), song, order, text, before)
            self._jobs[job.id] = job
            over = [one.id for one in self._jobs.values() if one.is_over]
            for name in over[: max(0, len(self._jobs) - MAX_KNOWN)]:
                del self._jobs[name]
            self._begin_next()
            return job.to_dict()

    def get(self, job_id: str) -> dict[str, Any]:
        """A job as it stands; raises `UnknownJobError`."""
        with self._changed:
            return self._find(job_id).to_dict()

    def revision(self, job_id: str) -> tuple[int, bool]:
        """How often a job has changed, and whether it is over; raises `UnknownJobError`."""
        with self._changed:
            job = self._find(job_id)
            return job.revision, job.is_over

    def cancel(self, job_id: str) -> dict[str, Any]:
        """End a job; one that runs is over when this returns. Raises `UnknownJobError`."""
        with self._changed:
            job = self._find(job_id)
            job.is_cancelled = True
            if job.state == WAITING:
                self._end(job, CANCELLED)
            self._changed.wait_for(lambda: job.is_over, timeout=6 * _GRACE_S)
            return job.to_dict()

    def close(self) -> None:
        """End everything; nothing can be started any more."""
        with self._changed:
            self._is_closed = True
            for job in self._jobs.values():
                job.is_cancelled = True
                if job.state == WAITING:
                    self._end(job, CANCELLED)
            self._changed.wait_for(lambda: all(job.is_over for job in self._jobs.values()), timeout=10 * _GRACE_S)

    def _find(self, job_id: str) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise UnknownJobError("no job of that id; the studio may have been started anew")
        return job

    def _begin_next(self) -> None:
        """Start what waits and may run: the oldest job of every song that has none running."""
        running = {job.song for job in self._jobs.values() if job.state == RUNNING}
        for job in self._jobs.values():
            if job.state == WAITING and job.song not in running and len(running) < MAX_RUNNING:
                running.add(job.song)
                job.state, job.began_s = RUNNING, time.monotonic()
                job.revision += 1
                Thread(target=self._run, args=(job,), name=f"studio-job-{job.id}", daemon=True).start()

    def _end(self, job: Job, state: str, error: str | None = None) -> None:
        job.state, job.ended_s = state, time.monotonic()
        job.error = None if error is None else public(" ".join(error.split()), self._root)
        job.outcome["problems"] = [public(str(one), self._root) for one in job.outcome.get("problems", [])]
        job.revision += 1
        self._begin_next() if not self._is_closed else None
        self._changed.notify_all()

    def _run(self, job: Job) -> None:
        """Watch over the process of one job, in a thread of its own."""
        try:
            state, error = self._watch(job)
        except Exception as err:  # noqa: BLE001  a job never hangs; what went wrong is its error
            state, error = FAILED, f"the job could not be run: {type(err).__name__}: {err}"
        with self._changed:
            self._end(job, state, error)

    def _watch(self, job: Job) -> tuple[str, str | None]:
        job.before()
        context = get_context("spawn")  # forking a process that has threads can deadlock
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(job.order, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            last = self._listen(job, ours)
            if last is None and not job.is_cancelled:
                process.join(_GRACE_S)
        finally:
            if _stop(process):
                _sweep(job.order.folder)
            ours.close()
        if last is not None and last[0] == "done":
            job.outcome = last[1]
            return DONE, None
        if job.is_cancelled:
            return CANCELLED, None
        if last is not None:
            return FAILED, str(last[1])
        return (
            FAILED,
            f"its process was ended from outside (exit code {process.exitcode}); nothing half-made is left, start it again",
        )

    def _listen(self, job: Job, pipe: Connection) -> tuple[Any, ...] | None:
        """The last message of the process; None when it ended without one, or was cancelled."""
        while not job.is_cancelled:
            try:
                if not pipe.poll(_LOOK_S):
                    continue
                message: tuple[Any, ...] = pipe.recv()
            except (EOFError, OSError):
                return None
            if message[0] != "progress":
                return message
            with self._changed:
                job.done, job.total = message[1:]
                job.revision += 1
        return None


def _stop(process: Any) -> bool:
    """End a process: asked first, so that it removes the file it is writing, then at once; tell whether it was killed."""
    if process.is_alive():
        process.terminate()
        process.join(_GRACE_S)
    is_killed = bool(process.is_alive())
    if is_killed:
        process.kill()
    process.join()
    return is_killed


def _sweep(folder: Path) -> None:
    """Remove files that a killed process had begun to write and that nobody reads."""
    for file in folder.rglob(".*.tmp"):
        if file.parent.name != "approved" and not file.name.startswith(_SHARED):
            file.unlink(missing_ok=True)
