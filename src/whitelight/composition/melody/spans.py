"""How a section is shared among phrases: spans of about five seconds, cut at bar lines or, in slow bars, at groups."""

import math

from whitelight.composition.meter_grid import MeterGrid

USUAL_S, LONGEST_S = 5.0, 9.5  # a phrase and the rest after it
Span = tuple[int, int]  # first pulse, first pulse after it


def turn_numbers(n_bars: int, grid: MeterGrid) -> dict[int, float]:
    """Numbers of turns a section may have, and how usual each is."""
    whole = [n for n in (2, 4, 8) if n <= n_bars]
    parts = min(math.ceil(grid.bar_s / LONGEST_S), len(grid.groups))
    found = {n: _usual(n_bars * grid.bar_s / n) for n in whole}
    if parts > 1:
        found[n_bars * parts] = _usual(grid.bar_s / parts)
    best = max(found.values())
    return {n: weight / best for n, weight in found.items() if weight > 0.02 * best}


def _usual(span_s: float) -> float:
    """Log-normal around a usual phrase; spans beyond one breath are the exception."""
    return math.exp(-0.5 * (math.log(span_s / USUAL_S) / 0.38) ** 2) * (0.1 if span_s > LONGEST_S else 1.0) + 1e-12


def section_spans(n_turns: int, n_bars: int, grid: MeterGrid) -> list[Span]:
    """Return the span of each turn; together they fill the section."""
    if n_turns <= n_bars:
        size = n_bars // n_turns * grid.bar_pulses
        return [(turn * size, (turn + 1) * size) for turn in range(n_turns)]
    cuts = _bar_cuts(n_turns // n_bars, grid)
    starts = [bar * grid.bar_pulses + cut for bar in range(n_bars) for cut in cuts]
    return list(zip(starts, [*starts[1:], n_bars * grid.bar_pulses], strict=True))


def _bar_cuts(n_parts: int, grid: MeterGrid) -> list[int]:
    """Group starts that cut a bar into parts as equal as its groups allow."""
    cuts = {0}
    for part in range(1, n_parts):
        wanted = part * grid.bar_pulses / n_parts
        free = [start for start in grid.groups if start not in cuts]
        cuts.add(min(free, key=lambda start: abs(start - wanted)))
    return sorted(cuts)
