"""Bars and beats of a piece: where every bar line lies, over any number of meter changes.

Conventions: bars count from 0 in code (screens add one); beats within a bar are quarter notes. A meter change starts
a bar wherever it stands, so a bar before it may be shorter than its meter says. That is also how an incomplete first
bar is recorded: the meter at tick 0, and again at the first bar line. It survives a MIDI file, which knows no upbeat.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whitelight.music.meter import Meter, MeterChange
from whitelight.music.piece import DEFAULT_METER, Piece, PieceError


@dataclass(frozen=True, slots=True)
class BarPosition:
    """A place in a bar: its number from 0, and quarter notes since its bar line."""

    bar: int
    beat: Fraction


@dataclass(frozen=True, slots=True)
class BarGrid:
    """Bar lines of a piece.

    Parameters
    ----------
    changes : meter changes in order, the first at tick 0.
    ticks_per_beat : resolution.
    """

    changes: tuple[MeterChange, ...]
    ticks_per_beat: int
    _ticks: list[int] = field(init=False, repr=False, compare=False)
    _bars: list[int] = field(init=False, repr=False, compare=False)  # number of the bar each change starts

    def __post_init__(self) -> None:
        if not self.changes or self.changes[0].tick != 0:
            raise PieceError("a bar grid needs a meter at tick 0")
        ticks, bars = [change.tick for change in self.changes], [0]
        for change, tick in zip(self.changes, ticks[1:], strict=False):
            if tick <= change.tick:
                raise PieceError(f"meter change at tick {tick} does not follow the one at {change.tick}")
            bars.append(bars[-1] + _bars_within(self._bar_ticks(change.meter), tick - change.tick - 1) + 1)
        object.__setattr__(self, "_ticks", ticks)
        object.__setattr__(self, "_bars", bars)

    @classmethod
    def of(cls, piece: Piece) -> "BarGrid":
        """Bar lines of `piece`; 4/4 until its first meter."""
        changes = piece.meters
        if not changes or changes[0].tick > 0:
            changes = (MeterChange(0, DEFAULT_METER), *changes)
        return cls(changes, piece.ticks_per_beat)

    def _bar_ticks(self, meter: Meter) -> Fraction:
        return _bar_length(meter, self.ticks_per_beat)

    def position(self, tick: int) -> BarPosition:
        """Bar and beat of `tick` ≥ 0."""
        index = max(bisect_right(self._ticks, tick) - 1, 0)
        change = self.changes[index]
        length = self._bar_ticks(change.meter)
        n_bars = _bars_within(length, tick - change.tick)
        into_bar = tick - change.tick - round(n_bars * length)
        return BarPosition(self._bars[index] + n_bars, Fraction(into_bar, self.ticks_per_beat))

    def bar_start(self, bar: int) -> int:
        """Tick of the bar line that starts `bar` ≥ 0; exact where a bar is whole ticks, else the nearest tick."""
        index = max(bisect_right(self._bars, bar) - 1, 0)
        change = self.changes[index]
        return change.tick + round((bar - self._bars[index]) * self._bar_ticks(change.meter))

    def tick_of(self, position: BarPosition) -> int:
        """Nearest tick of a position; the inverse of `position`."""
        return self.bar_start(position.bar) + round(position.beat * self.ticks_per_beat)

    def starts(self, end_tick: int) -> NDArray[np.int64]:
        """Ticks of all bar lines in [0, end_tick)."""
        parts = []
        for index, change in enumerate(self.changes):
            until = min(self._ticks[index + 1] if index + 1 < len(self._ticks) else end_tick, end_tick)
            length = self._bar_ticks(change.meter)
            if until <= change.tick:
                break
            n_bars = _bars_within(length, until - change.tick - 1) + 1
            # round half to even as `round` does, in integers
            doubled = 2 * np.arange(n_bars, dtype=np.int64) * length.numerator + length.denominator
            ticks = doubled // (2 * length.denominator)
            ticks -= (doubled % (2 * length.denominator) == 0) & (ticks % 2 == 1)
            parts.append(change.tick + ticks)
        return np.concatenate(parts) if parts else np.empty(0, np.int64)


@lru_cache(maxsize=256)
def _bar_length(meter: Meter, ticks_per_beat: int) -> Fraction:
    return meter.beats_per_bar * ticks_per_beat


def _bars_within(length: Fraction, ticks: int) -> int:
    """How many bars of `length` ticks have ended after `ticks`, each bar line moved to the nearest tick."""
    n_bars = ticks * length.denominator // length.numerator
    if length.denominator > 1:
        while round((n_bars + 1) * length) <= ticks:
            n_bars += 1
        while round(n_bars * length) > ticks:
            n_bars -= 1
    return n_bars
