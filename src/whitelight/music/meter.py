"""Meters N/D of any kind, as exact fractions of quarter notes.

`5/8` and `18/32` and `7/4` are ordinary; `4/3` is legal too (a whole note divided by three), though a MIDI file has
no event for a denominator that is not a power of two (see `whitelight.music.midi` for what is written then).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Self

from whitelight.errors import WhitelightError
from whitelight.music.tempo import MAX_TICKS_PER_BEAT

_METER = re.compile(r"\s*(?:(\d{1,4}(?:\s*\+\s*\d{1,4})*))\s*/\s*(\d{1,4})\s*")
_NAMED = {"c": (4, 4), "common": (4, 4), "common time": (4, 4), "cut": (2, 2), "cut time": (2, 2), "¢": (2, 2)}
_HABITS = {5: (3, 2), 7: (2, 2, 3), 8: (4, 4), 10: (3, 3, 2, 2), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}


class MeterError(WhitelightError):
    """A meter that cannot be read or does not fit the resolution."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter: `numerator` beats of 1/`denominator` of a whole note in a bar.

    Parameters
    ----------
    numerator, denominator : ≥ 1.
    stated_grouping : how the numerator divides ("2+2+3/8"), or () when the habit of the meter applies.
    """

    numerator: int
    denominator: int
    stated_grouping: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not (1 <= self.numerator <= 9999 and 1 <= self.denominator <= 9999):
            raise MeterError(f"meter {self.numerator}/{self.denominator}: expected two whole numbers from 1 to 9999")
        if self.stated_grouping and sum(self.stated_grouping) != self.numerator:
            raise MeterError(f"groups {self.stated_grouping} do not add up to {self.numerator}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "7/8", "2+2+3/8", "C" or "cut time"."""
        if text.strip().lower() in _NAMED:
            return cls(*_NAMED[text.strip().lower()])
        match = _METER.fullmatch(text)
        if match is None:
            raise MeterError(f"meter '{text}': expected two whole numbers such as 4/4, 5/8 or 2+2+3/8")
        groups = tuple(int(part) for part in match[1].split("+"))
        return cls(sum(groups), int(match[2]), groups if len(groups) > 1 else ())

    @classmethod
    def from_value(cls, value: Any) -> Self:
        """Read what YAML files hold: a text, a {numerator, denominator} mapping or a pair of numbers."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        pair: Any = value
        if isinstance(value, Mapping):
            pair = (value.get("numerator"), value.get("denominator"))
        if isinstance(pair, list | tuple) and len(pair) == 2 and all(type(part) is int for part in pair):
            return cls(pair[0], pair[1])
        raise MeterError(f"meter {value!r}: expected '4/4' or numerator and denominator as whole numbers")

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def beats_per_bar(self) -> Fraction:
        """Length of a bar in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)

    @property
    def grouping(self) -> tuple[int, ...]:
        """How the numerator divides into felt groups: stated, or by habit (7/8 is 2+2+3, 6/8 is 3+3, 4/4 is 1+1+1+1)."""
        if self.stated_grouping:
            return self.stated_grouping
        if self.denominator < 8:
            return (1,) * self.numerator
        if self.numerator > 3 and self.numerator % 3 == 0:
            return (3,) * (self.numerator // 3)
        if self.numerator in _HABITS:
            return _HABITS[self.numerator]
        if self.numerator <= 3:
            return (self.numerator,)
        return (2,) * (self.numerator // 2) if self.numerator % 2 == 0 else (2,) * (self.numerator // 2 - 1) + (3,)

    @property
    def is_midi(self) -> bool:
        """Whether a MIDI time signature can state it: a denominator that is a power of two, numbers of one byte."""
        return self.numerator <= 255 and self.denominator & (self.denominator - 1) == 0

    def bar_ticks(self, ticks_per_beat: int) -> int:
        """Length of a bar in ticks, exactly.

        Raises
        ------
        MeterError : a bar is not a whole number of ticks; the message names a resolution that works.
        """
        return _whole_ticks(self, self.beats_per_bar * ticks_per_beat, ticks_per_beat)

    def unit_ticks(self, ticks_per_beat: int) -> int:
        """Length of one 1/denominator note in ticks, exactly; raises like `bar_ticks`."""
        return _whole_ticks(self, Fraction(4 * ticks_per_beat, self.denominator), ticks_per_beat)


@dataclass(frozen=True, slots=True)
class MeterChange:
    """From `tick` on, which starts a bar, `meter` holds."""

    tick: int
    meter: Meter


def ticks_per_beat_for(meters: Iterable[Meter], at_least: int = 480) -> int:
    """Return the smallest resolution ≥ `at_least` at which every unit of every meter is a whole number of ticks."""
    step = lcm(*(Fraction(4, meter.denominator).denominator for meter in meters))
    ticks = step * max(-(-at_least // step), 1)
    if ticks > MAX_TICKS_PER_BEAT:
        raise MeterError(f"these meters need {ticks} ticks per beat together, a MIDI file has {MAX_TICKS_PER_BEAT}")
    return ticks


def _whole_ticks(meter: Meter, ticks: Fraction, ticks_per_beat: int) -> int:
    if ticks.denominator != 1:
        raise MeterError(
            f"meter {meter} at {ticks_per_beat} ticks per beat gives {float(ticks):.3f} ticks; "
            f"use {ticks_per_beat_for([meter], ticks_per_beat)} ticks per beat"
        )
    return ticks.numerator
