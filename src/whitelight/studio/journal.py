"""What was done in a studio, so that it can be undone and done again: per song, and per client (a page in a browser).

An operation knows what it changed: marks by their meaning, files by their bytes before and after. Undoing looks first:
when something is not as the operation left it, nothing is touched and the difference is said, so nobody's later work is
lost. It lives in memory; what counts is in the production folder.
"""

import difflib
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.review_marks import MarkConflictError, Marked, undo_marks
from whitelight.files import inside, write_atomic
from whitelight.studio.errors import StudioError

MAX_OPERATIONS, MAX_CLIENTS = 200, 64  # per client and song; per song
ARRANGEMENT_FILE = "arrangement.yml"
STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")


class RefusedError(StudioError):
    """Somebody else changed what was to be changed; nothing was written.

    Attributes
    ----------
    more : `conflicts` and `difference`, as the page is told.
    """

    status = HTTPStatus.CONFLICT

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.more = more

    @classmethod
    def of(cls, err: MarkConflictError) -> "RefusedError":
        """The conflicts of marks, as `Refused` of `web/src/types.ts`."""
        names = ("field", "shown", "yours", "theirs")
        plain = [{"id": c.candidate_id, **{name: getattr(c, name) for name in names}} for c in err.conflicts]
        return cls(str(err), conflicts=plain, difference=err.difference)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a person did.

    Attributes
    ----------
    what : in words, such as "approve verse-g1-5a1bf330".
    files : path below the song's folder → bytes before and after, None where there was or is no file.
    marks : stage → what was written into its review.
    """

    what: str
    files: Mapping[str, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    marks: Mapping[str, Marked] = field(default_factory=dict)

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages whose files it touches."""
        touched = {*self.marks, *(name.split("/", 1)[0] for name in self.files)}
        return tuple(stage for stage in STAGES if stage in touched)


@dataclass(slots=True)
class _History:
    """What one client can undo and do again, newest last."""

    done: deque[Operation] = field(default_factory=lambda: deque(maxlen=MAX_OPERATIONS))
    undone: deque[Operation] = field(default_factory=lambda: deque(maxlen=MAX_OPERATIONS))


@dataclass(slots=True)
class _Song:
    lock: Any = field(default_factory=RLock)
    clients: OrderedDict[str, _History] = field(default_factory=OrderedDict)


class Journal:
    """Histories of all songs, and the lock of each; safe to be used by several threads."""

    def __init__(self) -> None:
        self._songs: dict[Path, _Song] = {}
        self._lock = Lock()

    def lock(self, folder: Path) -> Any:
        """The lock of a song, to be held (``with``) around every write into its folder; a thread may take it twice."""
        return self._song(folder).lock

    def record(self, folder: Path, client: str, operation: Operation) -> None:
        """Remember what a client did; what it had undone before can not be done again."""
        if operation.files or any(marked.marks for marked in operation.marks.values()):
            with self.lock(folder):
                history = self._history(folder, client)
                history.done.append(operation)
                history.undone.clear()

    def history(self, folder: Path, client: str) -> dict[str, str | None]:
        """What would be undone and done again, as `History` of `web/src/types.ts`."""
        with self.lock(folder):
            history = self._history(folder, client)
            return {
                "undo": history.done[-1].what if history.done else None,
                "redo": history.undone[-1].what if history.undone else None,
            }

    def undo(self, folder: Path, client: str) -> Operation:
        """Take back what a client did last; raises `RefusedError` when that is not possible any more, or there is nothing."""
        with self.lock(folder):
            history = self._history(folder, client)
            return _step(folder, history.done, history.undone, "undo")

    def redo(self, folder: Path, client: str) -> Operation:
        """Do again what a client has undone last; raises like `undo`."""
        with self.lock(folder):
            history = self._history(folder, client)
            return _step(folder, history.undone, history.done, "do again")

    def _song(self, folder: Path) -> _Song:
        with self._lock:
            return self._songs.setdefault(folder.resolve(), _Song())

    def _history(self, folder: Path, client: str) -> _History:
        clients = self._song(folder).clients
        history = clients.setdefault(client, _History())
        clients.move_to_end(client)
        while len(clients) > MAX_CLIENTS:
            clients.popitem(last=False)
        return history


def _step(folder: Path, taken: deque[Operation], given: deque[Operation], how: str) -> Operation:
    """Reverse the last operation of one list and put it on the other.

    One that cannot be reversed any more is dropped, so that those before it can.
    """
    if not taken:
        raise RefusedError(f"there is nothing to {how}")
    operation = taken.pop()
    try:
        given.append(reverse(folder, operation))
    except MarkConflictError as err:
        raise RefusedError.of(err) from err
    return operation


def reverse(folder: Path, operation: Operation) -> Operation:
    """Take an operation back; the result takes that back in turn. Callers hold the lock of the song.

    Raises
    ------
    RefusedError : a file is not as it was left. MarkConflictError : a mark is not. Nothing was written.
    """
    paths = {name: inside(folder, name, source="the song's folder") for name in operation.files}
    for name, (_, after) in operation.files.items():
        if (found := read_or_none(paths[name])) != after:
            raise RefusedError(
                f"{name} was changed meanwhile; '{operation.what}' stays as it is and is not offered any more",
                difference=_difference(name, after, found),
            )
    marks = {stage: undo_marks(folder / stage / REVIEW_FILE, marked) for stage, marked in operation.marks.items()}
    for name, (before, _) in operation.files.items():
        if before is None:
            paths[name].unlink(missing_ok=True)
        else:
            write_atomic(paths[name], before)
    return Operation(operation.what, {name: (new, old) for name, (old, new) in operation.files.items()}, marks)


def read_or_none(path: Path) -> bytes | None:
    """Content of a file, None when there is none."""
    return path.read_bytes() if path.is_file() else None


def _difference(name: str, left: bytes | None, there: bytes | None) -> str:
    """Unified diff of a text file; a word for any other."""
    if left is None or there is None:
        return f"{name} {'is there again' if left is None else 'is gone'}"
    try:
        sides = [data.decode().splitlines() for data in (left, there)]
    except UnicodeDecodeError:
        return f"{name} holds other music"
    return "\n".join(
        difflib.unified_diff(sides[0], sides[1], f"{name} as it was left", f"{name} as it is", lineterm="")
    )
