"""From MIDI files to descriptors: in this process, or shared with others where there is much to hear.

A piece is described the same whoever hears it beside whom, so sharing changes no bit of an answer. A second process
takes half of a batch of whole songs; two threads would be slower than one (`docs/experiments.md`). It is started once,
takes 0.4 s to come, and until it has come nothing is shared.
"""

import os
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders import DescriptorEncoder, NoteBatch
from whitelight.errors import WhitelightError
from whitelight.music import Piece, read_columns

MOST_NOTES = 1 << 17  # described at once: of more, freed memory goes back to the system and is paid for page by page
WORTH_SHARING = 1 << 17  # bytes of MIDI: 13 ms to hear alone; of less, what half of it saves goes to asking
SILENT = "the MIDI holds no notes; expected at least one"
Source = bytes | Path | Piece


class ListenerError(WhitelightError):
    """A batch cannot be heard in as many processes as asked, or one of them was ended from outside."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of several sources.

    Attributes
    ----------
    descriptors : (n_read, dim), of those that could be read, in their order.
    problems : per source why it cannot be judged: it cannot be read, or holds no notes; or None.
    read : (n_read,), which sources could be read.
    """

    descriptors: NDArray[np.float32]
    problems: tuple[str | None, ...]
    read: NDArray[np.int64]


def hear(sources: Sequence[Source], encoder: DescriptorEncoder) -> Heard:
    """Read and describe sources, here and now."""
    notes, errors = read_columns(sources)
    read = np.array([i for i, error in enumerate(errors) if error is None], np.int64)
    problems = [None if error is None else str(error) for error in errors]
    for piece in np.flatnonzero(notes.n_notes == 0):
        problems[read[piece]] = SILENT
    parts = [encoder.encode(NoteBatch.from_columns(part)) for part in notes.split(MOST_NOTES)]
    return Heard(np.concatenate(parts), tuple(problems), read)


class Listener:
    """Hears batches, in several processes when asked.

    Parameters
    ----------
    jobs : processes, this one included. As with any other process Python starts, a script that asks for more than one
        needs ``if __name__ == "__main__":``.
    """

    def __init__(self, jobs: int = 1) -> None:
        if jobs < 1:
            raise ListenerError(f"jobs is {jobs}; expected 1, this process alone, or more")
        self.encoder = DescriptorEncoder()
        self._lock = Lock()
        self._helpers = [_Helper() for _ in range(jobs - 1)]
        self._closing = weakref.finalize(self, _end, self._helpers)

    @property
    def process_ids(self) -> tuple[int | None, ...]:
        """Numbers of the other processes."""
        return tuple(helper.process.pid for helper in self._helpers)

    def close(self) -> None:
        """Let the other processes end; they also do when this listener, or this process, is gone."""
        self._closing()
        self._helpers.clear()

    def wait(self) -> None:
        """Return when every other process has come."""
        for helper in self._helpers:
            helper.come(wait=True)

    def hear(self, sources: Sequence[Source]) -> Heard:
        """Read and describe sources.

        Raises
        ------
        ListenerError : another process was ended from outside; the next batch is heard without it.
        """
        if not self._helpers or not self._lock.acquire(blocking=False):  # another thread has the others' ear
            return hear(sources, self.encoder)
        try:
            helpers = [helper for helper in self._helpers if helper.come(wait=False)]
            return self._shared(sources, helpers)
        except BaseException as err:
            _end(self._helpers)  # whatever it was, what the others still say belongs to no batch to come
            self._helpers.clear()
            if not isinstance(err, EOFError | OSError):
                raise
            message = "a process that heard half of a batch was ended from outside (out of memory?)"
            raise ListenerError(f"{message}; score it again, it is heard in this process from now on") from err
        finally:
            self._lock.release()

    def _shared(self, sources: Sequence[Source], helpers: Sequence["_Helper"]) -> Heard:
        stretches = shares(sources, 1 + len(helpers))
        asked = list(zip(helpers, stretches[1:], strict=False))
        for helper, stretch in asked:
            helper.connection.send(sources[stretch])
        own = hear(sources[stretches[0]], self.encoder)
        heard = [own] + [helper.connection.recv() for helper, _ in asked]
        return Heard(
            np.concatenate([part.descriptors for part in heard]),
            tuple(problem for part in heard for problem in part.problems),
            np.concatenate([part.read + stretch.start for part, stretch in zip(heard, stretches, strict=True)]),
        )


def shares(sources: Sequence[Source], n: int) -> list[slice]:
    """Return stretches of sources that take about equally long to hear, at most `n`; one where sharing is not worth it."""
    sizes = np.cumsum([_size(source) for source in sources])
    total = int(sizes[-1]) if len(sizes) else 0
    if n == 1 or total < WORTH_SHARING:
        return [slice(0, len(sources))]
    cuts = np.searchsorted(sizes, np.arange(1, n) * total / n, side="left") + 1
    edges = np.unique(np.concatenate(([0], cuts, [len(sources)])))
    return [slice(start, end) for start, end in pairwise(edges.tolist())]


def _size(source: Source) -> int:
    """Bytes of a file, or what a piece would have as one."""
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, Piece):
        return 8 * source.n_notes
    try:
        return source.stat().st_size
    except OSError:  # whoever reads it will say why it cannot be read
        return 0


class _Helper:
    """Another process that hears, and the line to it."""

    def __init__(self) -> None:
        context = get_context("spawn")  # forking a process that has threads can deadlock
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self._here = False

    def come(self, *, wait: bool) -> bool:
        """Tell whether the process listens yet."""
        if not self._here and self.connection.poll(None if wait else 0):
            self._here = bool(self.connection.recv())
        return self._here


def _serve(connection: Connection) -> None:
    """Hear what is sent, until the line is cut: the process that asked has ended or needs this one no more."""
    encoder = DescriptorEncoder()
    connection.send(os.getpid())
    try:
        while True:
            connection.send(hear(connection.recv(), encoder))
    except (EOFError, OSError):
        return


def _end(helpers: Sequence[_Helper]) -> None:
    """Cut the lines and wait for the processes to end."""
    for helper in helpers:
        helper.connection.close()
    for helper in helpers:
        helper.process.join(timeout=1)
