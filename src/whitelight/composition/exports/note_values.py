"""How a length is written: as note values that fit the groups of the bar, tied where one value cannot say it."""

from dataclasses import dataclass
from fractions import Fraction

VALUES = {
    Fraction(2): "breve",
    Fraction(1): "whole",
    Fraction(1, 2): "half",
    Fraction(1, 4): "quarter",
    Fraction(1, 8): "eighth",
    Fraction(1, 16): "16th",
    Fraction(1, 32): "32nd",
    Fraction(1, 64): "64th",
    Fraction(1, 128): "128th",
}
_DOTTED = Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class NoteValue:
    """A written value: its length in pulses; "" as name where there is none (a meter such as 5/6)."""

    n_pulses: int
    name: str = ""
    is_dotted: bool = False


def note_value(n_pulses: int, pulse: Fraction) -> NoteValue | None:
    """The value of a length, None when it takes several; `pulse` is in whole notes."""
    length = n_pulses * pulse
    if length in VALUES:
        return NoteValue(n_pulses, VALUES[length])
    if length / _DOTTED in VALUES:
        return NoteValue(n_pulses, VALUES[length / _DOTTED], is_dotted=True)
    return None


def written(start: int, n_pulses: int, *, pulse: Fraction, groups: tuple[int, ...]) -> tuple[NoteValue, ...]:
    """Split a length within a bar into values.

    Parameters
    ----------
    start : pulse in the bar. pulse : its length in whole notes. groups : pulses at which the felt groups start.

    Returns
    -------
    One value of the whole length, without a name, where the meter's unit is no power of two.
    """
    if pulse.denominator & (pulse.denominator - 1):
        return (NoteValue(n_pulses),)
    values: list[NoteValue] = []
    place, left = start, n_pulses
    while left:
        following = min((group for group in groups if group > place), default=place + left)
        most = left if place in groups else min(left, following - place)
        value = next(value for n in range(most, 0, -1) if (value := note_value(n, pulse)) is not None)
        values.append(value)
        place, left = place + value.n_pulses, left - value.n_pulses
    return tuple(values)
