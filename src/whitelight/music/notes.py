"""Notes of one MIDI track as numpy columns, control changes likewise, and timed texts.

Conventions: time is in integer ticks; a note sounds in the half-open interval [onset, onset + duration) and lasts at
least one tick. Columns are read-only and sorted by (onset, pitch, duration, velocity), so equal notes compare equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whitelight.errors import WhitelightError

PITCH_BEND = 128  # number of the pitch wheel among the controllers, whose own numbers end at 127
SUSTAIN_PEDAL = 64
_NOTE_COLUMNS = ("onset_tick", "duration_ticks", "pitch", "velocity")
_CONTROL_COLUMNS = ("tick", "number", "value")


class NoteError(WhitelightError):
    """A note, controller value or text cannot exist in MIDI."""


@dataclass(frozen=True, slots=True)
class TextEvent:
    """A text at a moment: a marker or a lyric syllable."""

    tick: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """Notes as columns of equal length n.

    Parameters
    ----------
    onset_tick : shape (n,), ≥ 0.
    duration_ticks : shape (n,), ≥ 1.
    pitch : shape (n,), 0–127.
    velocity : shape (n,), 1–127.
    """

    onset_tick: NDArray[np.int64]
    duration_ticks: NDArray[np.int64]
    pitch: NDArray[np.int16]
    velocity: NDArray[np.int16]
    _reach: NDArray[np.int64] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        onset, duration = _column(self.onset_tick, np.int64), _column(self.duration_ticks, np.int64)
        pitch, velocity = _column(self.pitch, np.int16), _column(self.velocity, np.int16)
        if not len(onset) == len(duration) == len(pitch) == len(velocity):
            raise NoteError(
                f"columns of {len(onset)} onsets, {len(duration)} durations, {len(pitch)} pitches and "
                f"{len(velocity)} velocities; give columns of one length"
            )
        if len(onset):
            _check_range("onset_tick", onset, 0, None)
            _check_range("duration_ticks", duration, 1, None)
            _check_range("pitch", pitch, 0, 127)
            _check_range("velocity", velocity, 1, 127)
        self._set(*_sorted(onset, duration, pitch, velocity))

    def _set(
        self,
        onset: NDArray[np.int64],
        duration: NDArray[np.int64],
        pitch: NDArray[np.int16],
        velocity: NDArray[np.int16],
    ) -> None:
        for name, column in zip(_NOTE_COLUMNS, (onset, duration, pitch, velocity), strict=True):
            _freeze(self, name, column)
        object.__setattr__(self, "_reach", None)

    @classmethod
    def from_checked(
        cls,
        onset_tick: NDArray[np.int64],
        duration_ticks: NDArray[np.int64],
        pitch: NDArray[np.int16],
        velocity: NDArray[np.int16],
        *,
        is_sorted: bool = False,
    ) -> Self:
        """Take columns known to be in range and of the right types without looking at them again; still sorts."""
        columns = (onset_tick, duration_ticks, pitch, velocity)
        notes = object.__new__(cls)
        notes._set(*(columns if is_sorted else _sorted(*columns)))
        return notes

    @classmethod
    def empty(cls) -> Self:
        """No notes."""
        return cls.from_rows(())

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Self:
        """Build notes from rows of (onset_tick, duration_ticks, pitch, velocity), in any order."""
        table = np.array([tuple(row) for row in rows]).reshape(-1, 4)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    @classmethod
    def concatenate(cls, parts: Iterable["Notes"]) -> Self:
        """All notes of `parts` in one, sorted."""
        several = list(parts)
        if not several:
            return cls.empty()
        return cls.from_checked(
            np.concatenate([part.onset_tick for part in several]),
            np.concatenate([part.duration_ticks for part in several]),
            np.concatenate([part.pitch for part in several]),
            np.concatenate([part.velocity for part in several]),
        )

    def __len__(self) -> int:
        return len(self.onset_tick)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Notes) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in _NOTE_COLUMNS
        )

    def __hash__(self) -> int:
        return hash((self.onset_tick.tobytes(), self.duration_ticks.tobytes(), self.pitch.tobytes()))

    @property
    def end_tick(self) -> NDArray[np.int64]:
        """Tick at which each note stops sounding, shape (n,)."""
        return self.onset_tick + self.duration_ticks

    @property
    def last_tick(self) -> int:
        """End of the note that sounds longest, 0 without notes."""
        return int(self.end_tick.max()) if len(self) else 0

    def sounding(self, start_tick: int, end_tick: int) -> slice:
        """Rows among which lie all notes sounding in [start_tick, end_tick), found without looking at the others.

        The slice starts at the earliest note still held at `start_tick`; notes in it may have ended before.
        """
        if self._reach is None:
            object.__setattr__(self, "_reach", np.maximum.accumulate(self.end_tick))
        assert self._reach is not None
        first = int(self._reach.searchsorted(start_tick, side="right"))
        return slice(first, max(int(self.onset_tick.searchsorted(end_tick)), first))

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Notes":
        """Return the notes that a mask, indices or a slice choose."""
        return Notes.from_checked(
            self.onset_tick[chosen], self.duration_ticks[chosen], self.pitch[chosen], self.velocity[chosen]
        )

    def shifted(self, ticks: int) -> "Notes":
        """Move all notes by `ticks` (may be negative, but not before tick 0)."""
        return Notes(self.onset_tick + ticks, self.duration_ticks, self.pitch, self.velocity)

    def transposed(self, semitones: int) -> "Notes":
        """Move all pitches by `semitones`; refuses to leave 0–127."""
        return Notes(self.onset_tick, self.duration_ticks, self.pitch + semitones, self.velocity)

    def to_rows(self) -> list[tuple[int, int, int, int]]:
        """Rows of (onset_tick, duration_ticks, pitch, velocity) as Python integers."""
        columns = (self.onset_tick, self.duration_ticks, self.pitch, self.velocity)
        return list(zip(*(column.tolist() for column in columns), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Control changes and pitch bends of one track as columns of equal length, in the order of the file.

    Parameters
    ----------
    tick : shape (n,), ≥ 0, not decreasing.
    number : shape (n,), 0–127 a controller (64 is the sustain pedal), `PITCH_BEND` the pitch wheel.
    value : shape (n,), 0–127, for the pitch wheel −8192…8191.
    """

    tick: NDArray[np.int64]
    number: NDArray[np.int16]
    value: NDArray[np.int16]
    _rows_of: dict[int, NDArray[np.intp]] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        tick = _column(self.tick, np.int64)
        number, value = _column(self.number, np.int16), _column(self.value, np.int16)
        if not len(tick) == len(number) == len(value):
            raise NoteError(f"columns of {len(tick)} ticks, {len(number)} numbers and {len(value)} values differ")
        if len(tick):
            _check_range("tick", tick, 0, None)
            _check_range("number", number, 0, PITCH_BEND)
            _check_range("value", value[number < PITCH_BEND], 0, 127)
            _check_range("value", value[number == PITCH_BEND], -8192, 8191)
            order = np.argsort(tick, kind="stable")
            tick, number, value = tick[order], number[order], value[order]
        self._set(tick, number, value)

    def _set(self, tick: NDArray[np.int64], number: NDArray[np.int16], value: NDArray[np.int16]) -> None:
        for name, column in zip(_CONTROL_COLUMNS, (tick, number, value), strict=True):
            _freeze(self, name, column)
        object.__setattr__(self, "_rows_of", None)

    @classmethod
    def from_checked(cls, tick: NDArray[np.int64], number: NDArray[np.int16], value: NDArray[np.int16]) -> Self:
        """Take columns known to be in range, of the right types and in order."""
        controls = object.__new__(cls)
        controls._set(tick, number, value)
        return controls

    @classmethod
    def empty(cls) -> Self:
        """No control changes."""
        return cls.from_rows(())

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]]) -> Self:
        """Build from rows of (tick, number, value)."""
        table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])  # type: ignore[arg-type]  # narrowed on construction

    def __len__(self) -> int:
        return len(self.tick)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Controls) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in _CONTROL_COLUMNS
        )

    def __hash__(self) -> int:
        return hash((self.tick.tobytes(), self.number.tobytes(), self.value.tobytes()))

    def state_at(self, tick: int) -> dict[int, int]:
        """Value of every controller that changed before `tick`, by number."""
        if self._rows_of is None:
            rows = {int(number): np.flatnonzero(self.number == number) for number in np.unique(self.number)}
            object.__setattr__(self, "_rows_of", rows)
        assert self._rows_of is not None
        before = int(self.tick.searchsorted(tick))
        last = {number: int(rows.searchsorted(before)) - 1 for number, rows in self._rows_of.items()}
        return {number: int(self.value[self._rows_of[number][place]]) for number, place in last.items() if place >= 0}


def _freeze(owner: object, name: str, column: Any) -> None:
    column.setflags(write=False)
    object.__setattr__(owner, name, column)


def _column(values: ArrayLike, dtype: type[np.signedinteger[Any]]) -> NDArray[Any]:
    """Return `values` as one column of integers of `dtype`, refusing fractions and values that do not fit."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise NoteError(f"a column of shape {array.shape}; give one dimension")
    if array.dtype == dtype:
        return array.view()
    narrow = array.astype(dtype)
    if not np.array_equal(narrow, array):
        wrong = array[narrow != array][0]
        raise NoteError(f"value {wrong!r} in a column is not a whole number of {np.dtype(dtype)}; round it first")
    return narrow


def _check_range(name: str, column: NDArray[Any], low: int, high: int | None) -> None:
    if not len(column):
        return
    least, most = int(column.min()), int(column.max())
    if least < low or (high is not None and most > high):
        found = least if least < low else most
        expected = f"at least {low}" if high is None else f"{low} to {high}"
        raise NoteError(f"{name} {found}: expected {expected}")


def _sorted(
    onset: NDArray[np.int64], duration: NDArray[np.int64], pitch: NDArray[np.int16], velocity: NDArray[np.int16]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int16], NDArray[np.int16]]:
    """Sort by (onset, pitch, duration, velocity); columns already in strict order come back as they are."""
    place = onset * 128 + pitch
    if len(place) < 2:
        return onset, duration, pitch, velocity
    steps = place[1:] - place[:-1]
    if int(steps.min()) > 0:
        return onset, duration, pitch, velocity
    order = place.argsort(kind="stable")  # fast on columns nearly in order, as files have them
    ordered = place[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((velocity, duration, place))
    return onset[order], duration[order], pitch[order], velocity[order]
