"""Marks a human makes elsewhere than in an editor, written into `review.yml`: status, label, rating, notes, wish.

A mark says what its maker saw. Where the file says something else by now, nothing of the request is written and the
difference is shown; whatever else changed in the file is simply kept. Undoing brings back the very bytes where the
entry still stands as it was left, and takes the mark back by its meaning where it does not.
"""

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from whitelight.composition.mark_text import with_values
from whitelight.composition.production import slug
from whitelight.composition.review import STATUSES, WISHES, ReviewError, parse_review, read_status
from whitelight.composition.review_text import cut_pieces
from whitelight.errors import WhitelightError
from whitelight.files import read_bytes, read_text, write_atomic
from whitelight.locking import folder_locked

FIELDS = ("status", "label", "rating", "notes", "wish")
JUDGEMENTS = ("status", "rating", "wish")  # what seeing the scores may sway
MAX_NOTES, MAX_LABEL, MAX_RATING = 10_000, 64, 5  # characters, characters, stars
MAX_NAME_BYTES = 200  # of a label as part of a file name; systems allow 255 with the section
BLIND = "blind"
_ATTEMPTS = 5
Value = str | int | float | bool | None


class ImpossibleMarkError(WhitelightError):
    """A mark that cannot be written down."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One value of one candidate: what its maker saw, and what it shall be."""

    candidate_id: str
    field: str
    shown: Value
    to: Value


@dataclass(frozen=True, slots=True)
class MarkConflict:
    """A mark that was made on something the file does not say any more."""

    candidate_id: str
    field: str
    shown: Value
    yours: Value
    theirs: Value


class MarkConflictError(ReviewError):
    """The file changed under some marks; nothing was written.

    Attributes
    ----------
    difference : unified diff from what was shown to what the file says.
    """

    def __init__(self, name: str, conflicts: Sequence[MarkConflict]) -> None:
        where = ", ".join(dict.fromkeys(f"{one.field} of {one.candidate_id}" for one in conflicts))
        super().__init__(f"{name} changed meanwhile: {where}; nothing was written, look again and decide")
        self.conflicts = tuple(conflicts)
        self.difference = _difference(name, conflicts)


@dataclass(frozen=True, slots=True)
class Marked:
    """What was written.

    Attributes
    ----------
    marks : those that changed something, with what stood there before. pieces : id → text of the entry before and after.
    """

    marks: tuple[Mark, ...]
    pieces: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def set_marks(path: Path, marks: Sequence[Mark], *, blind: bool | None = None) -> Marked:
    """Write marks into a review file, all or none.

    Parameters
    ----------
    blind : they were made without seeing the scores, which the entries then say; a judgement made with open scores takes
        the word back. None leaves it as it is.

    Raises
    ------
    ImpossibleMarkError : a value that is not allowed. MarkConflictError : the file says something else than was shown.
    ReviewError : no such candidate, or a file that cannot be read or changed safely. Nothing was written.
    """
    for mark in marks:
        check_mark(mark)
    return _write(path, lambda text: _marked(text, marks, path, blind=blind))


def undo_marks(path: Path, marked: Marked) -> Marked:
    """Take marks back, all or none; the result can be taken back in turn.

    Raises
    ------
    MarkConflictError : one of the values is another by now. ReviewError : as `set_marks`.
    """
    return _write(path, lambda text: _unmarked(text, marked, path))


def check_mark(mark: Mark) -> None:
    """Refuse what cannot be written down, with what would be right."""
    reason = _fault(mark.field, mark.to)
    if reason:
        raise ImpossibleMarkError(f"'{mark.candidate_id}': {reason}")


def _fault(name: str, value: Value) -> str:
    """What is wrong with a value, "" when nothing is."""
    if name not in FIELDS:
        return f"{name[:20]!r} is no mark; expected one of {', '.join(FIELDS)}"
    if name == "rating":
        is_whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_RATING
        return "" if value is None or is_whole else f"rating {str(value)[:20]}: expected 1 to {MAX_RATING}, or none"
    allowed = {"status": STATUSES, "wish": ("", None, *WISHES)}.get(name)
    if allowed is not None:
        words = ", ".join(filter(None, allowed))
        return "" if value in allowed else f"{name} {str(value)[:20]!r}: expected one of {words}"
    if (value is not None and not isinstance(value, str)) or re.search("[\ud800-\udfff]", value or ""):
        return f"{name}: expected text"
    text = (value or "").strip()
    return _label_fault(text) if name == "label" else _notes_fault(value or "")


def _notes_fault(notes: str) -> str:
    return f"notes of {len(notes):,} characters, at most {MAX_NOTES:,}" if len(notes) > MAX_NOTES else ""


def _label_fault(label: str) -> str:
    if len(label) > MAX_LABEL:
        return f"a label of {len(label)} characters, at most {MAX_LABEL}"
    if not label.isprintable():
        return "a label with characters that cannot be seen; use letters and digits"
    is_name = not label or (slug(label) != "x" or label.casefold() == "x")
    if not is_name or len(slug(label).encode()) > MAX_NAME_BYTES:
        return f"label '{label}' makes no file name; use letters and digits"
    return ""


def understood(item: Mapping[str, Any], name: str) -> Value:
    """What a field of an entry says, as pages show it; something odd as the text it is."""
    raw = item.get(name)
    if name == "status":
        return read_status(raw)[0]
    if name == "rating":
        is_number = isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)
        return raw if is_number or raw is None else str(raw)
    if name == BLIND:
        return raw is True or None
    text = str(raw) if raw is not None else ""
    return text if name == "notes" else text.strip().casefold() if name == "wish" else text.strip()


def _marked(text: str, marks: Sequence[Mark], path: Path, *, blind: bool | None) -> tuple[str, Marked]:
    entries = parse_review(text, path).entries
    now: dict[tuple[str, str], Value] = {}
    conflicts, done = list[MarkConflict](), dict[tuple[str, str], Mark]()
    by_id = {entry.candidate_id: entry.item for entry in entries}
    for name in {mark.candidate_id for mark in marks} - by_id.keys():
        raise ReviewError(f"{path.name}: no candidate is called '{name}' any more; look at the list again")
    for mark in marks:
        key = mark.candidate_id, mark.field
        there = now.setdefault(key, understood(by_id[mark.candidate_id], mark.field))
        if _is_same(there, _as_written(mark.field, mark.to)):
            continue
        if not _is_seen(mark.field, there, mark.shown):
            conflicts.append(MarkConflict(*key, mark.shown, mark.to, there))
        was = done[key].shown if key in done else there
        done[key], now[key] = replace(mark, shown=was), mark.to
    if conflicts:
        raise MarkConflictError(path.name, conflicts)
    done = {key: mark for key, mark in done.items() if not _is_same(mark.shown, _as_written(mark.field, mark.to))}
    for name in list(dict.fromkeys(key[0] for key in done)) if blind is not None else ():
        touched = {key[1] for key in done if key[0] == name}
        was = understood(by_id[name], BLIND)
        if (blind and touched and not was) or (not blind and was and touched & set(JUDGEMENTS)):
            done[name, BLIND] = Mark(name, BLIND, was, blind or None)
    return _applied(text, tuple(done.values()), path)


def _unmarked(text: str, marked: Marked, path: Path) -> tuple[str, Marked]:
    standing = _pieces(text)
    is_exact = {
        name: name in standing and text[slice(*standing[name])] == new for name, (_, new) in marked.pieces.items()
    }
    exact = {name: (new, old) for name, (old, new) in marked.pieces.items() if is_exact[name]}
    back = tuple(replace(mark, shown=mark.to, to=mark.shown) for mark in reversed(marked.marks))
    for name in sorted(exact, key=lambda name: standing[name], reverse=True):
        start, end = standing[name]
        text = text[:start] + exact[name][1] + text[end:]
    rest = [mark for mark in back if mark.candidate_id not in exact and mark.field != BLIND]
    text, others = _marked(text, rest, path, blind=None)
    restored = tuple(mark for mark in back if mark.candidate_id in exact)
    return text, Marked((*restored, *others.marks), {**exact, **others.pieces})


def _applied(text: str, marks: tuple[Mark, ...], path: Path) -> tuple[str, Marked]:
    wanted: dict[str, dict[str, Any]] = {}
    for mark in marks:
        wanted.setdefault(mark.candidate_id, {})[mark.field] = _as_written(mark.field, mark.to)
    if not wanted:
        return text, Marked(())
    new = with_values(text, wanted, path)
    before, after = _pieces(text), _pieces(new)
    both = [name for name in wanted if name in before and name in after]
    return new, Marked(marks, {name: (text[slice(*before[name])], new[slice(*after[name])]) for name in both})


def _pieces(text: str) -> dict[str, tuple[int, int]]:
    """Where the text of each entry stands; none of a file in another shape, nor of an id that is there twice."""
    cut = cut_pieces(text)
    found: dict[str, list[tuple[int, int]]] = {}
    for piece in () if cut is None else cut[1]:
        found.setdefault(str(piece.item.get("id")), []).append((piece.start, piece.end))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _as_written(name: str, value: Value) -> Value:
    if isinstance(value, str) and name == "label":
        value = value.strip()
    return None if value == "" else value


def _is_seen(name: str, there: Value, shown: Value) -> bool:
    """Whether a page that showed one showed the other: a text area loses line ends and what hangs over."""
    sides = [str(one or "").replace("\r\n", "\n").rstrip() if name == "notes" else one for one in (there, shown)]
    return _is_same(*sides)


def _is_same(one: Value, other: Value) -> bool:
    return (None if one == "" else one) == (None if other == "" else other)


def _difference(name: str, conflicts: Sequence[MarkConflict]) -> str:
    """Unified diff of the values, one per line or more."""
    shown = [line for one in conflicts for line in _value_lines(one, one.shown)]
    there = [line for one in conflicts for line in _value_lines(one, one.theirs)]
    return "\n".join(difflib.unified_diff(shown, there, f"{name} as it was shown", f"{name} as it is", lineterm=""))


def _value_lines(conflict: MarkConflict, value: Value) -> list[str]:
    text = "" if value is None else str(value)
    return [f"{conflict.candidate_id} {conflict.field}: {line}" for line in text.split("\n")]


def _write(path: Path, change: Callable[[str], tuple[str, Marked]]) -> Marked:
    """Read, change and write under the folder's lock; made again when an editor saved in between."""
    if not path.exists():
        raise ReviewError(f"{path.parent.name}/{path.name} is not there; compose the stage first")
    with folder_locked(path.parent):
        for _ in range(_ATTEMPTS):
            found = read_bytes(path)
            text = read_text(path)
            new, marked = change(text)
            if new == text:
                return marked
            if read_bytes(path) == found:
                mark = "\ufeff" if found.startswith(b"\xef\xbb\xbf") else ""
                write_atomic(path, mark + new)
                return marked
    raise ReviewError(f"{path.name} keeps changing while it is written; save it in the editor and mark again")
