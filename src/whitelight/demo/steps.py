"""Rhythm patterns: bars of 4/4 written as sixteenths, fitted to any meter, and read as hits.

A pattern has one cell of four sixteenths per beat. A bar of another meter takes one cell per group of its pulse, in
order; a group longer than four sixteenths repeats the second half of its cell (6/8 is two cells of six), a shorter
one is cut. So an album keeps its gait in 7/8 without a pattern of its own for it.
"""

from dataclasses import dataclass

from whitelight.music import Meter

TICKS_PER_BEAT = 480
STEP_TICKS = TICKS_PER_BEAT // 4  # one sixteenth
ACCENTS = {"X": 1.16, "x": 1.0, "o": 0.55}  # factor on the part's velocity; bass degrees count as 1
_CELL = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A symbol that starts at a step and lasts `n_steps` with its "-" continuations."""

    step: int
    n_steps: int
    symbol: str


def group_steps(meter: Meter) -> tuple[int, ...]:
    """Length of each pulse group of a bar in sixteenths: 4/4 gives (4, 4, 4, 4), 7/8 gives (4, 4, 6)."""
    unit = 16 // meter.denominator
    return tuple(size * unit for size in meter.grouping)


def bar_steps(meter: Meter) -> int:
    """Sixteenths in a bar."""
    return sum(group_steps(meter))


def fit_pattern(pattern: str, meter: Meter) -> str:
    """Return `pattern` (16 characters) as one bar of `meter`."""
    cells = [pattern[start : start + _CELL] for start in range(0, len(pattern), _CELL)]
    fitted = (_fit_cell(cells[index % len(cells)], size) for index, size in enumerate(group_steps(meter)))
    return "".join(fitted)


def hits(bar: str) -> tuple[Hit, ...]:
    """Read the onsets of a fitted bar; a "-" before any onset is silence."""
    found = []
    for step, symbol in enumerate(bar):
        if symbol in ".-":
            continue
        rest = bar[step + 1 :]
        found.append(Hit(step, 1 + len(rest) - len(rest.lstrip("-")), symbol))
    return tuple(found)


def strong_steps(meter: Meter) -> frozenset[int]:
    """Steps on which a pulse group starts."""
    sizes = group_steps(meter)
    return frozenset(sum(sizes[:index]) for index in range(len(sizes)))


def swung_tick(step: int, swing: float) -> int:
    """Tick of a step inside its bar; `swing` moves off-beat eighths later by that share of an eighth."""
    late = {2: 1.0, 3: 0.5}.get(step % _CELL, 0.0)
    return step * STEP_TICKS + round(swing * late * 2 * STEP_TICKS)


def _fit_cell(cell: str, size: int) -> str:
    half = cell[_CELL // 2 :]
    while len(cell) < size:
        cell += half
    return cell[:size]
