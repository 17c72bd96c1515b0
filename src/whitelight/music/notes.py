"""Notes of one MIDI track as numpy columns, and timed texts.

Conventions: time is in integer ticks; a note sounds in the half-open interval [onset, onset + duration) and lasts at
least one tick. Columns are read-only and sorted by (onset, pitch, duration, velocity), so equal notes compare equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whitelight.music.columns import NoteError, as_column, check_range, freeze

_NOTE_COLUMNS = ("onset_tick", "duration_ticks", "pitch", "velocity")


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
        onset, duration = as_column(self.onset_tick, np.int64), as_column(self.duration_ticks, np.int64)
        pitch, velocity = as_column(self.pitch, np.int16), as_column(self.velocity, np.int16)
        if not len(onset) == len(duration) == len(pitch) == len(velocity):
            raise NoteError(
                f"columns of {len(onset)} onsets, {len(duration)} durations, {len(pitch)} pitches and "
                f"{len(velocity)} velocities; give columns of one length"
            )
        if len(onset):
            check_range("onset_tick", onset, 0, None)
            check_range("duration_ticks", duration, 1, None)
            check_range("pitch", pitch, 0, 127)
            check_range("velocity", velocity, 1, 127)
        self._set(*_sorted(onset, duration, pitch, velocity))

    def _set(
        self,
        onset: NDArray[np.int64],
        duration: NDArray[np.int64],
        pitch: NDArray[np.int16],
        velocity: NDArray[np.int16],
    ) -> None:
        for name, column in zip(_NOTE_COLUMNS, (onset, duration, pitch, velocity), strict=True):
            freeze(self, name, column)
        object.__setattr__(self, "_reach", None)

    @classmethod
    def from_checked(
        cls,
        onset_tick: NDArray[np.int64],
        duration_ticks: NDArray[np.int64],
        pitch: NDArray[np.int16],
        velocity: NDArray[np.int16],
    ) -> Self:
        """Take columns known to be in range and of the right types without looking at them again; still sorts."""
        notes = object.__new__(cls)
        notes._set(*_sorted(onset_tick, duration_ticks, pitch, velocity))
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


def _sorted(
    onset: NDArray[np.int64], duration: NDArray[np.int64], pitch: NDArray[np.int16], velocity: NDArray[np.int16]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int16], NDArray[np.int16]]:
    """Sort by (onset, pitch, duration, velocity); columns already in strict order come back as they are."""
    place = onset * 128 + pitch
    if len(place) < 2:
        return onset, duration, pitch, velocity
    steps = place[1:] - place[:-1]
    least = int(steps.min())
    if least > 0:
        return onset, duration, pitch, velocity
    second = duration * 128 + velocity
    if least == 0 and not (second[1:] < second[:-1])[steps == 0].any():
        return onset, duration, pitch, velocity  # notes that start together on one pitch are in order too
    order = np.argsort(place, kind="stable")  # nearly in order already, which this sort is made for
    placed = place[order]
    if (placed[1:] == placed[:-1]).any():
        order = np.lexsort((second, place))
    return onset[order], duration[order], pitch[order], velocity[order]
