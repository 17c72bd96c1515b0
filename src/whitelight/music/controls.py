"""Control changes and pitch bends of one MIDI track as numpy columns: the sustain pedal, volume, the wheel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whitelight.music.columns import NoteError, as_column, check_range, freeze

PITCH_BEND = 128  # number of the pitch wheel among the controllers, whose own numbers end at 127
SUSTAIN_PEDAL = 64
_CONTROL_COLUMNS = ("tick", "number", "value")


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Control changes and pitch bends of one track as columns of equal length.

    In order of time; at one tick in the order of the file, the pitch wheel last (MIDI readers keep it apart).

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
        tick = as_column(self.tick, np.int64)
        number, value = as_column(self.number, np.int16), as_column(self.value, np.int16)
        if not len(tick) == len(number) == len(value):
            raise NoteError(f"columns of {len(tick)} ticks, {len(number)} numbers and {len(value)} values differ")
        if len(tick):
            check_range("tick", tick, 0, None)
            check_range("number", number, 0, PITCH_BEND)
            check_range("value", value[number < PITCH_BEND], 0, 127)
            check_range("value", value[number == PITCH_BEND], -8192, 8191)
        self._set(tick, number, value)

    def _set(self, tick: NDArray[np.int64], number: NDArray[np.int16], value: NDArray[np.int16]) -> None:
        if len(tick) > 1:
            place = 2 * tick + (number == PITCH_BEND)
            if (place[1:] < place[:-1]).any():
                order = place.argsort(kind="stable")
                tick, number, value = tick[order], number[order], value[order]
        for name, column in zip(_CONTROL_COLUMNS, (tick, number, value), strict=True):
            freeze(self, name, column)
        object.__setattr__(self, "_rows_of", None)

    @classmethod
    def from_checked(cls, tick: NDArray[np.int64], number: NDArray[np.int16], value: NDArray[np.int16]) -> Self:
        """Take columns known to be in range and of the right types without looking at them again; still sorts."""
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
