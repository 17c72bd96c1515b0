"""Tempo maps with exact time: ticks to seconds and back, never through a sum of rounded floats.

A MIDI file states tempo as whole microseconds per quarter note, so the time of a tick is a whole number of
1/ticks_per_beat microseconds. That integer (`exact_us`) is what rolls and slices compute with; seconds are made
from it once, at the end. Beats are quarter notes whatever the meter.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

DEFAULT_TICKS_PER_BEAT = 480
DEFAULT_US_PER_BEAT = 500_000  # 120 bpm, what a MIDI file without a tempo means
MIN_US_PER_BEAT = 10_000  # 6,000 bpm; nothing played is faster, broken files state 0 or 1
MAX_US_PER_BEAT = 0xFFFFFF  # the three bytes of a MIDI tempo: 3.58 bpm
MAX_TICKS_PER_BEAT = 0x7FFF


class TempoError(WhitelightError):
    """A tempo or a tempo map that cannot be written in a MIDI file or played."""


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Tempo over time; each change holds until the next one.

    Parameters
    ----------
    ticks_per_beat : resolution, 1–32767.
    change_ticks : ticks at which the tempo changes, strictly increasing, the first one 0.
    us_per_beat : microseconds per quarter note from each change on.
    """

    ticks_per_beat: int
    change_ticks: tuple[int, ...] = (0,)
    us_per_beat: tuple[int, ...] = (DEFAULT_US_PER_BEAT,)
    _ticks: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _us: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _exact: NDArray[np.int64] = field(init=False, repr=False, compare=False)  # exact time of each change

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_beat <= MAX_TICKS_PER_BEAT:
            raise TempoError(f"{self.ticks_per_beat} ticks per beat: expected 1 to {MAX_TICKS_PER_BEAT}")
        if len(self.change_ticks) != len(self.us_per_beat) or not self.change_ticks or self.change_ticks[0] != 0:
            raise TempoError(
                f"{len(self.change_ticks)} changes and {len(self.us_per_beat)} tempi, starting at "
                f"{self.change_ticks[:1]}: expected one tempo per change, the first at tick 0"
            )
        if any(later <= earlier for earlier, later in pairwise(self.change_ticks)):
            raise TempoError("tempo changes are not in increasing order; sort them and keep one per tick")
        slowest, fastest = max(self.us_per_beat), min(self.us_per_beat)
        if fastest < MIN_US_PER_BEAT or slowest > MAX_US_PER_BEAT:
            wrong = fastest if fastest < MIN_US_PER_BEAT else slowest
            raise TempoError(
                f"tempo of {wrong} µs per beat: expected {MIN_US_PER_BEAT} to {MAX_US_PER_BEAT} (6,000 to 3.6 bpm)"
            )
        exact = [0]
        for (earlier, later), us in zip(pairwise(self.change_ticks), self.us_per_beat, strict=False):
            exact.append(exact[-1] + (later - earlier) * us)
        for name, column in (("_ticks", self.change_ticks), ("_us", self.us_per_beat), ("_exact", exact)):
            object.__setattr__(self, name, np.array(column, dtype=np.int64))

    @classmethod
    def constant(cls, tempo_bpm: float, ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT) -> Self:
        """One tempo throughout, rounded to whole microseconds per beat as a MIDI file states it."""
        if not tempo_bpm > 0:
            raise TempoError(f"tempo of {tempo_bpm} bpm: expected more than 0")
        return cls(ticks_per_beat, (0,), (round(60_000_000 / tempo_bpm),))

    @overload
    def exact_us(self, ticks: int) -> int: ...
    @overload
    def exact_us(self, ticks: NDArray[np.integer]) -> NDArray[np.int64]: ...
    def exact_us(self, ticks: int | NDArray[np.integer]) -> int | NDArray[np.int64]:
        """Time of `ticks` as an exact integer in units of 1/ticks_per_beat microseconds."""
        if len(self._us) == 1:
            exact = np.asarray(ticks, dtype=np.int64) * self._us[0]
        else:
            index = self._ticks.searchsorted(ticks, side="right") - 1
            index = np.maximum(index, 0)
            exact = self._exact[index] + (ticks - self._ticks[index]) * self._us[index]
        return exact if isinstance(ticks, np.ndarray) else int(exact)

    @overload
    def ticks_to_seconds(self, ticks: int) -> float: ...
    @overload
    def ticks_to_seconds(self, ticks: NDArray[np.integer]) -> NDArray[np.float64]: ...
    def ticks_to_seconds(self, ticks: int | NDArray[np.integer]) -> float | NDArray[np.float64]:
        """Return seconds from tick 0, correctly rounded from the exact time."""
        seconds: float | NDArray[np.float64] = self.exact_us(ticks) / (self.ticks_per_beat * 1_000_000)
        return seconds

    @overload
    def seconds_to_ticks(self, seconds: float) -> int: ...
    @overload
    def seconds_to_ticks(self, seconds: NDArray[np.floating]) -> NDArray[np.int64]: ...
    def seconds_to_ticks(self, seconds: float | NDArray[np.floating]) -> int | NDArray[np.int64]:
        """Return the tick nearest to `seconds` (≥ 0); the inverse of `ticks_to_seconds`."""
        exact = np.asarray(seconds, dtype=np.float64) * (self.ticks_per_beat * 1_000_000)
        index = np.maximum(self._exact.searchsorted(exact, side="right") - 1, 0)
        within = np.floor((exact - self._exact[index]) / self._us[index] + 0.5).astype(np.int64)
        ticks = self._ticks[index] + within
        return ticks if isinstance(seconds, np.ndarray) else int(ticks)

    @overload
    def ticks_to_beats(self, ticks: int) -> float: ...
    @overload
    def ticks_to_beats(self, ticks: NDArray[np.integer]) -> NDArray[np.float64]: ...
    def ticks_to_beats(self, ticks: int | NDArray[np.integer]) -> float | NDArray[np.float64]:
        """Return quarter notes from tick 0."""
        beats: float | NDArray[np.float64] = ticks / self.ticks_per_beat
        return beats

    def tempo_bpm_at(self, tick: int) -> float:
        """Quarter notes per minute in force at `tick`."""
        index = max(int(self._ticks.searchsorted(tick, side="right")) - 1, 0)
        return 60_000_000 / self.us_per_beat[index]

    def mean_tempo_bpm(self, start_tick: int, end_tick: int) -> float:
        """Mean tempo between two ticks, weighted by time."""
        if end_tick <= start_tick:
            return self.tempo_bpm_at(start_tick)
        return (end_tick - start_tick) * 60_000_000 / (self.exact_us(end_tick) - self.exact_us(start_tick))

    def cut(self, start_tick: int, end_tick: int) -> "TempoMap":
        """Tempo map of [start_tick, end_tick) rebased to tick 0, with the tempo in force at its start."""
        if len(self.change_ticks) == 1:
            return self
        first = max(int(self._ticks.searchsorted(start_tick, side="right")) - 1, 0)
        last = max(int(self._ticks.searchsorted(end_tick, side="left")), first + 1)
        ticks = (0, *(tick - start_tick for tick in self.change_ticks[first + 1 : last]))
        return TempoMap(self.ticks_per_beat, ticks, self.us_per_beat[first:last])
