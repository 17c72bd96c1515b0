"""How chords are played: stroke patterns from the meter's own grouping, figures, articulation, dynamics.

A pattern is one bar; a section plays a main pattern, a variation of it and, where phrases end, a resting bar, so that
the music breathes. Strokes lie on pulses; a stroke every 0.11 s is the fastest a hand strums.
"""

import itertools
from dataclasses import replace

import numpy as np

from whitelight.composition.genome import ARPEGGIOS, FIGURES, ChordGenome, Touch
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.progression import compose_progression, draw_taste
from whitelight.composition.randomness import Rng, draw
from whitelight.composition.setting import Setting

MIN_STROKE_S = 0.11
LEVEL_RANGE = (44, 104)
CENTER_RANGE = (55, 70)  # the upper voices of pop piano lie at 52–66 (POP909, medians of second and top note)


def compose_genome(setting: Setting, rng: Rng) -> ChordGenome:
    """Compose one candidate from nothing."""
    energy = setting.section.energy
    chords = compose_progression(setting, draw_taste(energy, rng), rng)
    return ChordGenome(
        chords=chords,
        center=int(np.clip(round(60 + 4 * (energy - 0.5) + rng.normal(0, 2.5)), *CENTER_RANGE)),
        openness=draw((0.4, 0.35, 0.25), rng),
        n_upper=3 + draw((0.55, 0.45), rng),
        touch=draw_touch(setting, rng),
    )


def draw_touch(setting: Setting, rng: Rng) -> Touch:
    """Draw figure, patterns, articulation and dynamics."""
    energy = setting.section.energy
    figure = FIGURES[draw((0.28 - 0.12 * energy, 0.3, 0.24, 0.18), rng)]
    busy = float(np.clip(rng.beta(1.6, 2.0) + 0.25 * (energy - 0.5), 0.02, 0.98))
    return Touch(
        figure=figure,
        arpeggio=ARPEGGIOS[draw((0.4, 0.1, 0.35, 0.15), rng)],
        rhythms=draw_rhythms(setting.grid, figure, busy, rng),
        bar_rhythms=draw_bar_rhythms(setting.section.n_bars, rng),
        gate=float(rng.choice([1.0, 0.9, 0.7, 0.45], p=[0.5, 0.25, 0.15, 0.1])),
        roll=int(rng.integers(3, 9)) if figure == "strum" else int(rng.choice([0, 0, 1, 3])),
        level=int(np.clip(round(62 + 22 * energy + rng.normal(0, 5)), *LEVEL_RANGE)),
        accent=int(rng.integers(5, 15)),
        swell=int(rng.integers(2, 13)),
        grain=int(rng.integers(0, 2**31)),
    )


def draw_rhythms(grid: MeterGrid, figure: str, busy: float, rng: Rng) -> tuple[tuple[int, ...], ...]:
    """Draw the main pattern, its variation and the resting bar."""
    main = _flow(grid, busy, rng) if figure == "broken" else _strokes(grid, figure, busy, rng)
    return main, vary_rhythm(main, grid, rng), _resting(grid, figure, rng)


def draw_bar_rhythms(n_bars: int, rng: Rng) -> tuple[int, ...]:
    """Say which pattern each bar plays: variation before the phrase turns, rest where the section ends."""
    bars = [0] * n_bars
    for bar in range(1, n_bars, 2):
        bars[bar] = int(rng.random() < 0.35)
    for bar in range(3, n_bars - 1, 4):
        bars[bar] = 1 + int(rng.random() < 0.35)
    bars[-1] = 2
    return tuple(bars)


def _strokes(grid: MeterGrid, figure: str, busy: float, rng: Rng) -> tuple[int, ...]:
    """Draw strokes by metrical weight; lighter places as the hand is busier."""
    if figure == "hold":
        return (0,)
    chance = {4: 1.0, 3: 0.8, 2: 0.45 + 0.5 * busy, 1: 0.1 + 0.75 * busy, 0: max(0.0, 0.55 * busy - 0.15)}
    if grid.unit_pulses > 1 and len(grid.groups) == grid.bar_pulses // grid.unit_pulses:
        chance[0] *= 0.5  # groups of one unit: sixteenths between beats are many
        eighth = grid.unit_pulses // 2
    else:
        eighth = grid.unit_pulses
    wanted = [
        rng.random() < (chance[weight] if pulse % eighth == 0 and weight > 0 else _between(chance, pulse, eighth))
        for pulse, weight in enumerate(grid.weights)
    ]
    strokes = [pulse for pulse, is_wanted in enumerate(wanted) if is_wanted or pulse == 0]
    if grid.half > eighth and figure == "strum" and rng.random() < 0.3 + 0.3 * busy:  # push: lean over the half bar
        strokes = [pulse for pulse in strokes if pulse != grid.half] + [grid.half - eighth, grid.half + eighth]
    return thin([pulse for pulse in strokes if pulse < grid.bar_pulses], grid)


def _between(chance: dict[int, float], pulse: int, eighth: int) -> float:
    """Chance of a stroke off the units: halves of a beat far more often than quarters of it."""
    return (0.35 * (chance[1] - 0.1) + 0.1) if pulse % eighth == 0 else chance[0] * 0.25


def _flow(grid: MeterGrid, busy: float, rng: Rng) -> tuple[int, ...]:
    """Run through the bar in even steps that start anew at each group, now and then leaving one out."""
    wished_s = 0.5 - 0.34 * busy
    bounds = [*grid.groups, grid.bar_pulses]
    lengths = [end - start for start, end in itertools.pairwise(bounds)]
    steps = [step for step in range(1, max(lengths) + 1) if all(length % step == 0 for length in lengths)]
    step = min(steps, key=lambda s: (abs(float(np.log(s * grid.pulse_s / wished_s))), s))
    pulses = range(0, grid.bar_pulses, step)
    return thin([p for p in pulses if p == 0 or grid.weights[p] > 2 or rng.random() < 0.93], grid)


def _resting(grid: MeterGrid, figure: str, rng: Rng) -> tuple[int, ...]:
    """One or two strokes: where phrases end."""
    if figure == "broken" and grid.half > 0:
        return thin([0, min(grid.groups[1], grid.half), grid.half], grid)
    return (0, grid.half) if grid.half > 0 and rng.random() < 0.3 else (0,)


def vary_rhythm(rhythm: tuple[int, ...], grid: MeterGrid, rng: Rng) -> tuple[int, ...]:
    """Change one or two strokes, the bar line excepted."""
    pulses = set(rhythm)
    for _ in range(1 + int(rng.random() < 0.4)):
        light = [p for p in pulses if p != 0 and grid.weights[p] < 3]
        if light and rng.random() < 0.5:
            pulses.discard(light[int(rng.integers(len(light)))])
        else:
            free = [p for p in range(1, grid.bar_pulses) if p not in pulses and p % max(1, grid.unit_pulses // 2) == 0]
            if free:
                pulses.add(free[int(rng.integers(len(free)))])
    return thin(sorted(pulses), grid)


def thin(pulses: list[int], grid: MeterGrid) -> tuple[int, ...]:
    """Drop strokes that follow faster than a hand can play; the heavier of two stays."""
    kept: list[int] = []
    for pulse in sorted(set(pulses)):
        if kept and (pulse - kept[-1]) * grid.pulse_s < MIN_STROKE_S:
            if grid.weights[pulse] <= grid.weights[kept[-1]]:
                continue
            kept.pop()
        kept.append(pulse)
    return tuple(kept) if kept and kept[0] == 0 else (0, *kept)


def regrain(genome: ChordGenome, grain: int) -> ChordGenome:
    """The same music played once more: only the small differences between strokes change."""
    return replace(genome, touch=replace(genome.touch, grain=grain))
