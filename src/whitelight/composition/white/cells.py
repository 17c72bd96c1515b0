"""Which stretches of a bar of one meter may stand in a bar of another.

A bar is its felt groups: 7/8 is 2+2+3 eighths. A bar of the same length fits whole; otherwise groups of equal length
are taken over in a row and joined: 7/8 is the two groups of a 4/8 bar and the one of a 3/8 bar. What opens a bar must
have opened a bar, so that the downbeat stays one. Lengths are quarter notes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from whitelight.music import Meter

MAX_JOINED = 3  # stretches in one bar; more are confetti


@dataclass(frozen=True, slots=True)
class Stretch:
    """Groups of a source bar: the first, and how many."""

    first: int
    n: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the target bar: groups `first` to `first + n`."""

    first: int
    n: int


def cells(meter: Meter) -> tuple[Fraction, ...]:
    """Lengths of the felt groups of a bar."""
    return tuple(Fraction(4 * size, meter.denominator) for size in meter.grouping)


def offset(meter: Meter, n_cells: int) -> Fraction:
    """Where the group number `n_cells` begins."""
    return sum(cells(meter)[:n_cells], Fraction(0))


def recipes(target: Meter) -> Iterator[tuple[Slot, ...]]:
    """Yield the ways to break a bar at its groups, those of fewest stretches first."""
    n = len(cells(target))
    for n_cuts in range(min(MAX_JOINED, n)):
        for inner in combinations(range(1, n), n_cuts):
            edges = (0, *inner, n)
            yield tuple(Slot(a, b - a) for a, b in pairwise(edges))


def stretches(source: Meter, target: Meter, slot: Slot) -> tuple[Stretch, ...]:
    """Stretches of a source bar that fill a slot of the target bar."""
    have, wanted = cells(source), cells(target)[slot.first : slot.first + slot.n]
    if slot.n == len(cells(target)) and sum(have) == sum(wanted):
        return (Stretch(0, len(have)),)
    starts: Sequence[int] = (0,) if slot.first == 0 else range(len(have))
    return tuple(Stretch(i, slot.n) for i in starts if have[i : i + slot.n] == wanted)


def why_not(source: Meter, target: Meter) -> str:
    """Say why nothing of a meter stands in another."""
    groups = "+".join(str(size) for size in source.grouping)
    wanted = "+".join(str(size) for size in target.grouping)
    return f"a bar of {source} ({groups}) has neither the length nor groups of {target} ({wanted})"
