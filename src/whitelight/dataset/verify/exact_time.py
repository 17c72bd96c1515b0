"""Ticks, times and bars in whole numbers and fractions, without a float in between.

The time of a tick is a whole number of 1/ticks_per_beat microseconds, and segments are stored to the microsecond, so
which tick is nearest to an edge can be decided exactly. Where an edge lies halfway between two ticks, both are right.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

Value = TypeVar("Value")
Changes = Sequence[tuple[int, Value]]  # (tick, what holds from there on), in order
Meter = tuple[int, int]
COMMON_TIME: Meter = (4, 4)  # what a MIDI file without a time signature means


@dataclass(frozen=True, slots=True)
class Clock:
    """A tempo map.

    Attributes
    ----------
    tempi : (tick, µs per quarter note), the first at tick 0.
    """

    ticks_per_beat: int
    tempi: tuple[tuple[int, int], ...]
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        for (tick, us), (following, _) in zip(self.tempi, self.tempi[1:], strict=False):
            starts.append(starts[-1] + (following - tick) * us)
        object.__setattr__(self, "_starts", tuple(starts))

    def time_of(self, tick: int) -> int:
        """Time of a tick in units of 1/ticks_per_beat µs."""
        index = bisect_right(self.tempi, tick, key=lambda change: change[0]) - 1
        since, us = self.tempi[index]
        return self._starts[index] + (tick - since) * us

    def us_of(self, tick: int) -> Fraction:
        """Time of a tick in microseconds."""
        return Fraction(self.time_of(tick), self.ticks_per_beat)

    def nearest(self, us: Fraction | int) -> tuple[int, ...]:
        """Return the tick nearest to a time in microseconds; two when it lies exactly between them, the later first."""
        wanted = Fraction(us) * self.ticks_per_beat
        index = max(bisect_right(self._starts, wanted) - 1, 0)
        since, us_per_beat = self.tempi[index]
        within = (wanted - self._starts[index]) / us_per_beat
        tick = since + (2 * within.numerator + within.denominator) // (2 * within.denominator)
        is_between = (within - Fraction(1, 2)).denominator == 1
        return (tick, tick - 1) if is_between and tick else (tick,)

    def beats_at(self, us: Fraction | int) -> Fraction:
        """Quarter notes that have passed at a time in microseconds."""
        wanted = Fraction(us) * self.ticks_per_beat
        index = max(bisect_right(self._starts, wanted) - 1, 0)
        since, us_per_beat = self.tempi[index]
        return (since + (wanted - self._starts[index]) / us_per_beat) / self.ticks_per_beat

    def mean_tempo_bpm(self, start_tick: int, end_tick: int) -> float:
        """Mean tempo of a stretch, weighted by time; of no stretch the one in force there."""
        if end_tick <= start_tick:
            return 60_000_000 / value_at(self.tempi, start_tick, self.tempi[0][1])
        return float(Fraction(60_000_000 * (end_tick - start_tick), self.time_of(end_tick) - self.time_of(start_tick)))

    def cut(self, start_tick: int, end_tick: int) -> "Clock":
        """The tempo map of a stretch, from its own tick 0 on."""
        first = (0, value_at(self.tempi, start_tick, self.tempi[0][1]))
        return Clock(self.ticks_per_beat, (first, *within(self.tempi, start_tick, end_tick)))


def value_at(changes: Changes[Value], tick: int, default: Value) -> Value:
    """Return what holds at a tick."""
    index = bisect_right(changes, tick, key=lambda change: change[0])
    return changes[index - 1][1] if index else default


def within(changes: Changes[Value], start_tick: int, end_tick: int) -> tuple[tuple[int, Value], ...]:
    """Return the changes after the start and before the end of a stretch, counted from its start."""
    first = bisect_right(changes, start_tick, key=lambda change: change[0])
    last = bisect_left(changes, end_tick, key=lambda change: change[0])
    return tuple((tick - start_tick, value) for tick, value in changes[first:last])


def in_force(changes: Changes[Value], start_tick: int, end_tick: int, default: Value) -> list[tuple[int, Value]]:
    """Return what holds over a stretch as (tick from its start, value), without changes to the same value."""
    found = [(0, value_at(changes, start_tick, default))]
    for tick, value in within(changes, start_tick, end_tick):
        if value != found[-1][1]:
            found.append((tick, value))
    return found


def bar_lines(meters: Changes[Meter], ticks_per_beat: int, end_tick: int) -> Iterator[int]:
    """Yield the ticks of all bar lines before `end_tick`; a change of meter starts a bar, 4/4 holds before the first."""
    changes = list(meters) if meters and meters[0][0] == 0 else [(0, COMMON_TIME), *meters]
    for index, (tick, (numerator, denominator)) in enumerate(changes):
        stop = min(changes[index + 1][0] if index + 1 < len(changes) else end_tick, end_tick)
        length = Fraction(4 * numerator * ticks_per_beat, denominator)
        bar = 0
        while (line := tick + round(bar * length)) < stop:
            yield line
            bar += 1
