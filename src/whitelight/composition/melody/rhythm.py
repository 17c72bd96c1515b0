"""Rhythm of phrases: one cell of a bar that comes again, and a long last note on a strong place.

Places lie about .28 s apart, whatever the meter and tempo: eighths at 100 bpm, quarters at 220, sixteenths at 50. Off
the beat is as usual as on it (POP909: .58 of onsets).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from whitelight.composition.melody.setting import Setting
from whitelight.composition.melody.spans import Span
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.randomness import Rng, draw

SPACING_S = 0.28
FASTEST_S = 0.12
BREATH_S, LONGEST_SUNG_S = 0.4, 7.5
FINER = 0.1  # weight of places between the places
MAX_NOTES = 24  # of a phrase
Cell = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where notes may begin in a bar.

    Attributes
    ----------
    spacing : usual pulses from one place to the next. weights : per pulse of the bar, 0 where none begins.
    """

    spacing: int
    weights: tuple[float, ...]


def places_of(setting: Setting, swing: float) -> Places:
    """Lay the places of a bar; `swing` 0–1.4 is the weight of those off the beat."""
    grid = setting.context.grid
    levels = _levels(grid)
    spacings = [grid.bar_pulses / len(level) * grid.pulse_s for level in levels]
    chosen = min(range(len(levels)), key=lambda i: abs(math.log(spacings[i] / SPACING_S)))
    on = set(levels[chosen])
    finer = set(levels[chosen - 1]) if chosen and spacings[chosen - 1] >= FASTEST_S else set()
    beat = 2 if any(weight == 2 for weight in grid.weights) else 3
    weights = []
    for pulse, weight in enumerate(grid.weights):
        if pulse in on:
            own = (0.75, 0.75, 0.75, 0.8, 1.0)[weight] if weight >= beat else swing
        else:
            own = FINER * swing if pulse in finer else 0.0
        weights.append(own * setting.pull[pulse])
    return Places(max(round(grid.bar_pulses / len(on)), 1), tuple(weights))


def _levels(grid: MeterGrid) -> list[list[int]]:
    """Pulses by how coarse they lie, finest first."""
    pulses = range(grid.bar_pulses)
    found = [list(pulses)]
    if grid.unit_pulses >= 4:
        found.append([p for p in pulses if p % (grid.unit_pulses // 2) == 0])
    found += [[p for p in pulses if grid.weights[p] >= least] for least in (1, 2, 3, 4)]
    return [level for place, level in enumerate(found) if place == 0 or len(level) < len(found[place - 1])]


def draw_cell(setting: Setting, places: Places, rng: Rng) -> Cell:
    """Draw the onsets of a bar at the wanted pace; of a few the one that flows best."""
    bar_s = setting.context.grid.bar_s
    open_places = sum(weight > 0 for weight in places.weights)
    wanted = setting.notes_per_s * bar_s * float(rng.uniform(0.85, 1.2))
    n = int(np.clip(round(wanted), 1, open_places))
    logs = np.log(np.maximum(places.weights, 1e-12))
    cells = []
    for _ in range(4):
        order = np.argsort(-(logs + rng.gumbel(size=len(logs))), kind="stable")[:n].tolist()
        cells.append(tuple(sorted(order)))
    return max(cells, key=lambda cell: _flow(cell, places, len(logs)))


def _flow(cell: Cell, places: Places, size: int) -> float:
    """Even neither too much nor too little: no hole beyond half a bar, no more than two lone short notes."""
    gaps = [after - before for before, after in pairwise((*cell, cell[0] + size))]
    short = sum(gap < places.spacing for gap in gaps)
    return -2.0 * (max(gaps) > 0.5 * size) - 0.6 * max(short - 2, 0) - 0.5 * short % 2 + 0.3 * (cell[0] == 0)


def vary_cell(cell: Cell, places: Places, rng: Rng) -> Cell:
    """Move, add or drop one onset."""
    pulses = set(cell)
    free = [p for p, weight in enumerate(places.weights) if weight > 0.3 and p not in pulses]
    fate = rng.random()
    if fate < 0.65 and len(pulses) > 2:
        pulses.discard(cell[int(rng.integers(1, len(cell)))])
    if fate > 0.35 and free:
        pulses.add(free[int(rng.integers(len(free)))])
    return tuple(sorted(pulses))


def draw_phrase_rhythm(
    setting: Setting, span: Span, cells: Sequence[Cell], places: Places, rng: Rng
) -> tuple[list[int], list[int]]:
    """Draw onsets and lengths (pulses from the start of the span) of a phrase that begins, runs and comes to rest."""
    grid = setting.context.grid
    first_bar, size = span[0] // grid.bar_pulses, span[1] - span[0]
    weights = setting.frame.weights[span[0] : span[1]].tolist()
    run = [
        bar * grid.bar_pulses + pulse - span[0]
        for bar in range(first_bar, -(-span[1] // grid.bar_pulses))
        for pulse in cells[(bar - first_bar) % len(cells)]
    ]
    start = _draw_start(setting, size, places, rng)
    end = _draw_end(setting, size, start, weights, spacing=places.spacing, rng=rng)
    onsets = [p for p in run if max(start, 0) <= p <= end - places.spacing and p < size]
    if start < 0:
        onsets = [*range(start, 0, places.spacing), *onsets]
    onsets = [*onsets, end] if len(onsets) < MAX_NOTES else [*onsets[-MAX_NOTES:], end]
    if len(onsets) == 1 and end >= places.spacing:
        onsets.insert(0, end - places.spacing)
    return onsets, draw_lengths(setting, onsets, size, rng)


def draw_lengths(setting: Setting, onsets: Sequence[int], size: int, rng: Rng) -> list[int]:
    """Notes last until the next one, long ones a little less; the last one is held and leaves room to breathe."""
    pulse_s = setting.context.grid.pulse_s
    lengths = [after - onset for onset, after in pairwise(onsets)]
    lengths = [length if length * pulse_s < 1.0 else max(round(0.75 * length), 1) for length in lengths]
    held_s = setting.role.hold * 1.1 * math.exp(float(rng.normal(0, 0.35)))
    quarter = setting.frame.quarter_ticks / setting.frame.pulse_ticks
    rest = BREATH_S / pulse_s if rng.random() < 0.2 else max(BREATH_S / pulse_s, min(quarter, 1.0 / pulse_s))
    room = max(size - onsets[-1] - rest, 0.3 * (size - onsets[-1]), 1)
    return [*lengths, max(round(min(held_s / pulse_s, room)), 1)]


def _draw_start(setting: Setting, size: int, places: Places, rng: Rng) -> int:
    """On the first beat, late after a short rest, or with a pick-up."""
    starts = setting.tables.starts
    how = list(starts)[draw(list(starts.values()), rng)]
    if how == "downbeat":
        return 0
    n = 1 + draw((0.45, 0.35, 0.2), rng)
    step = places.spacing * (1 if rng.random() < 0.7 else 2)
    if how == "late":
        return min(step * min(n, 2), size // 3)
    return -min(places.spacing * n, size // 4)


def _draw_end(setting: Setting, size: int, start: int, weights: Sequence[int], *, spacing: int, rng: Rng) -> int:
    """Strong place past the middle of the span, now and then pushed before it, within one breath."""
    pulse_s = setting.context.grid.pulse_s
    latest = min(size - max(BREATH_S / pulse_s, 1), start + LONGEST_SUNG_S / pulse_s - 1.0 / pulse_s)
    found: list[int] = []
    worth: list[float] = []
    for pulse, weight in enumerate(weights):
        share = pulse / size
        if weight >= 2 and max(start + 3 * spacing, size // 3) <= pulse <= latest:
            found.append(pulse)
            worth.append((0.0, 0.0, 0.35, 1.0, 1.6)[weight] * math.exp(-0.5 * ((share - 0.58) / 0.12) ** 2) + 1e-9)
    if not found:
        return int(np.clip(round(0.6 * size), max(start + 1, 0), size - 1))
    end = found[draw(worth, rng)]
    is_pushed = rng.random() < 0.22 and end - spacing > start
    return end - spacing if is_pushed else end
