"""When the ensemble plays: which bars it enters, stroke patterns of one bar, onsets of a line that answers the melody."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.harmony.genome import HELD, OFF_BEAT, SILENT, LineNote
from whitelight.composition.harmony.surroundings import NOTHING, Surroundings
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.randomness import Rng, draw

MIN_STROKE_S = 0.2
MIN_NOTE_S, LONG_NOTE_BARS = 0.15, 1.0
LINE_DENSITY = 0.7  # of the melody's (POP909, bridge track)
ALONE_ONSETS = (1.0, 2.5)  # notes of a line per bar without a melody: at energy 0, and more at energy 1
REUSE = 0.4  # of the bars of a line that take up the rhythm of an earlier one
STEPS, STEP_WEIGHTS = (-1, 1, -2, 2, -3, 3, 0), (0.3, 0.26, 0.13, 0.12, 0.05, 0.06, 0.08)
HIGHEST_STEP = 5
_BY_WEIGHT = (0.25, 1.0, 1.4, 1.5, 1.2)  # of an onset of a line, by metrical weight
_IN_REST, _WHILE_HELD, _TOGETHER = 2.6, 0.8, 0.7  # of an onset of a line, by what the melody does there


def draw_presence(n_bars: int, energy: float, lift: float, rng: Rng) -> list[bool]:
    """Which bars are played: thin at low energy, entering later rather than leaving early."""
    half = n_bars // 2
    plans = {
        "all": [True] * n_bars,
        "second half": [bar >= half for bar in range(n_bars)],
        "answers": [bar % 4 >= 2 for bar in range(n_bars)],
        "pairs": [bar % 2 == 1 for bar in range(n_bars)],
        "late": [bar >= 1 for bar in range(n_bars)],
        "breath": [bar != half - 1 for bar in range(n_bars)],
    }
    thin = 1.0 - energy
    rise = 0.5 * max(lift, 0.0)
    weights = (0.1 + 0.9 * energy, 0.7 * thin + rise, 0.7 * thin, 0.3 * thin, 0.1 + 0.2 * energy, 0.3 * energy)
    return list(plans.values())[draw(weights, rng)]


def off_beats(grid: MeterGrid) -> tuple[int, ...]:
    """Places between the felt beats of a bar: half way through quarters, or the units that begin no group."""
    if all(unit in grid.groups for unit in range(0, grid.bar_pulses, grid.unit_pulses)):
        half = grid.unit_pulses // 2
        return tuple(unit + half for unit in range(0, grid.bar_pulses, grid.unit_pulses)) if half else ()
    return tuple(unit for unit in range(0, grid.bar_pulses, grid.unit_pulses) if unit not in grid.groups)


def draw_rhythm(grid: MeterGrid, figure: str, busy: float, rng: Rng) -> tuple[int, ...]:
    """One bar of strokes; () where only chord changes are struck."""
    if figure == HELD:
        return ()
    places = off_beats(grid) if figure == OFF_BEAT or (figure == "inner" and rng.random() < 0.7) else grid.groups
    least = max(1, int(np.ceil(MIN_STROKE_S / grid.pulse_s)))
    chosen: list[int] = []
    for place in places:
        if rng.random() < 0.25 + 0.7 * busy and (not chosen or place - chosen[-1] >= least):
            chosen.append(place)
    return tuple(chosen) or (places[:1] if places else (0,))


def draw_bar_rhythms(n_bars: int, n_rhythms: int, presence: Sequence[bool], rng: Rng) -> tuple[int, ...]:
    """Lay patterns: one is the rule, the others come at the ends of phrases."""
    plan = [0] * n_bars
    if n_rhythms > 1:
        plan = (
            [1 if bar % 4 == 3 else 0 for bar in range(n_bars)]
            if rng.random() < 0.6
            else [b % 2 for b in range(n_bars)]
        )
    if n_rhythms > 2:
        plan[-1] = 2
    return tuple(rhythm if present else SILENT for rhythm, present in zip(plan, presence, strict=True))


def onset_weights(around: Surroundings) -> NDArray[np.float64]:
    """How gladly a line begins a note at each pulse: in the melody's rests first, shape (n_pulses,)."""
    grid = around.context.grid
    by_weight = np.tile([_BY_WEIGHT[weight] for weight in grid.weights], around.context.section.n_bars)
    if grid.unit_pulses * grid.pulse_s < 2 * MIN_NOTE_S:  # pulses inside a fast unit are no places to begin
        by_weight = by_weight * np.tile([weight > 0 for weight in grid.weights], around.context.section.n_bars)
    if not around.has_melody:
        return by_weight
    silent = around.melody == NOTHING
    by_melody = np.where(silent, _IN_REST, np.where(around.melody_starts, _TOGETHER, _WHILE_HELD))
    return np.asarray(by_weight * by_melody, dtype=np.float64)


def draw_line(around: Surroundings, presence: Sequence[bool], rng: Rng) -> tuple[LineNote, ...]:
    """Draw the notes of a counter-line: rhythms come back, and the second half often remembers the first."""
    bar_pulses, n_bars = around.context.grid.bar_pulses, around.context.section.n_bars
    bars: list[tuple[int, ...]] = []
    for bar, present in enumerate(presence):
        known = [offsets for offsets in bars if offsets]
        if present and known and rng.random() < REUSE:
            bars.append(known[int(rng.integers(len(known)))])
        else:
            bars.append(draw_line_bar(around, bar, rng) if present else ())
    half = n_bars // 2
    if rng.random() < 0.5:
        for bar in range(half):
            if presence[bar] and presence[bar + half] and rng.random() < 0.75:
                bars[bar + half] = bars[bar]
    onsets = [bar * bar_pulses + offset for bar, offsets in enumerate(bars) for offset in offsets]
    return line_of(onsets, draw_steps(len(onsets), rng), around, rng)


def draw_line_bar(around: Surroundings, bar: int, rng: Rng) -> tuple[int, ...]:
    """Onsets of one bar, counted from its start: more where the melody rests."""
    grid, energy = around.context.grid, around.context.section.energy
    start = bar * grid.bar_pulses
    weights = onset_weights(around)[start : start + grid.bar_pulses].copy()
    if around.has_melody:
        room = float((around.melody[start : start + grid.bar_pulses] == NOTHING).mean())
        wished = LINE_DENSITY * around.melody_onsets_per_bar * (0.6 + room) * (0.7 + 0.6 * energy)
    else:
        wished = ALONE_ONSETS[0] + ALONE_ONSETS[1] * energy
    least = max(1, int(np.ceil(MIN_NOTE_S / grid.pulse_s)))
    chosen: list[int] = []
    for _ in range(min(int(rng.poisson(wished)), 8)):
        if weights.sum() <= 0:
            break
        place = draw(weights, rng)
        chosen.append(place)
        weights[max(place - least + 1, 0) : place + least] = 0.0
    return tuple(sorted(chosen))


def draw_steps(n_notes: int, rng: Rng) -> list[int]:
    """A wandering line of scale steps that stays near its center."""
    step, steps = int(rng.integers(-2, 4)), list[int]()
    for _ in range(n_notes):
        steps.append(step)
        move = STEPS[draw(STEP_WEIGHTS, rng)]
        step = step - move if abs(step + move) > HIGHEST_STEP else step + move
    return steps


def line_of(onsets: Sequence[int], steps: Sequence[int], around: Surroundings, rng: Rng) -> tuple[LineNote, ...]:
    """Give notes their lengths: to the next one, at most a bar; an answer is mostly over when the melody returns."""
    grid, n_pulses = around.context.grid, around.context.n_pulses
    longest = max(1, round(LONG_NOTE_BARS * grid.bar_pulses))
    notes = []
    for place, start in enumerate(onsets):
        end = min(onsets[place + 1] if place + 1 < len(onsets) else n_pulses, start + longest)
        returns = np.flatnonzero(around.melody_starts[start + 1 : end])
        is_answer = around.melody[start] == NOTHING
        if is_answer and len(returns) and rng.random() < 0.7:
            end = start + 1 + int(returns[0])
        notes.append(LineNote(int(start), max(end - int(start), 1), int(steps[place])))
    return tuple(notes)
