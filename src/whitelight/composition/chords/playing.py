"""How chords are played: stroke patterns from the meter's own grouping, figures, articulation, dynamics.

A pattern is one bar; a section plays a main pattern, a variation of it and, where phrases end, a resting bar, so that
the music breathes. Strokes lie on pulses; a stroke every 0.11 s is the fastest a hand strums.
"""

import itertools
from dataclasses import replace

import numpy as np

from whitelight.composition.chords.genome import ARPEGGIOS, FIGURES, ChordGenome, Touch
from whitelight.composition.chords.manner import Habit
from whitelight.composition.chords.progression import compose_progression, draw_taste
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.voicing import FLOOR
from whitelight.composition.meter_grid import MeterGrid
from whitelight.composition.randomness import Rng, draw

MIN_STROKE_S = 0.11
LEVEL_RANGE = (44, 104)
CENTER_RANGE = (55, 78)  # the upper voices of pop piano lie at 52–66 (POP909, medians of second and top note)
FLOOR_RANGE, UPPER_RANGE = (31, 50), (2, 4)
BASS_ABOVE_FLOOR = 8  # semitones from the floor to the middle of the octave of the bass, wherever it is put
MANNER_SHARE = 0.8  # of candidates that play as the catalog does; the others keep the search open
PLAIN_BASS_AGAIN, PLAIN_FULL_AGAIN = 0.3, 0.2  # without a manner
MAX_ROLL = 40  # of 16 to the pulse: a slow hand over the strings


def compose_genome(setting: Setting, rng: Rng) -> ChordGenome:
    """Compose one candidate from nothing, mostly in the manner of the setting when it has one."""
    energy = setting.section.energy
    habit = draw_habit(setting, rng)
    chords = compose_progression(setting, draw_taste(energy, rng, habit), rng)
    lift = 4 * (energy - 0.5)
    if habit is None:
        floor, center, n_upper = FLOOR, round(60 + lift + rng.normal(0, 2.5)), 3 + draw((0.55, 0.45), rng)
    else:
        floor, center = habit_register(habit, lift, rng)
        n_upper = int(np.clip(round(habit.n_voices - 1 + rng.normal(0, 0.5)), *UPPER_RANGE))
    return ChordGenome(
        chords=chords,
        center=clip_center(center, floor),
        openness=draw((0.4, 0.35, 0.25), rng),
        n_upper=n_upper,
        floor=floor,
        touch=draw_touch(setting, rng, habit),
    )


def draw_habit(setting: Setting, rng: Rng) -> Habit | None:
    """Draw how the catalog would play it; None now and then, and always without a manner."""
    return setting.manner.draw(rng) if setting.manner and rng.random() < MANNER_SHARE else None


def habit_register(habit: Habit, lift: float, rng: Rng) -> tuple[int, int]:
    """Floor of the bass octave and center of the upper voices, near those of a habit."""
    floor = int(np.clip(round(habit.lowest - BASS_ABOVE_FLOOR + rng.normal(0, 1.5)), *FLOOR_RANGE))
    return floor, round(habit.center + lift + rng.normal(0, 1.5))


def clip_center(center: int, floor: int) -> int:
    """Keep the upper voices above any bass of the floor's octave, and not too far from it."""
    return int(np.clip(center, max(CENTER_RANGE[0], floor + 15), min(CENTER_RANGE[1], floor + 28)))


def draw_touch(setting: Setting, rng: Rng, habit: Habit | None = None) -> Touch:
    """Draw figure, patterns, articulation and dynamics."""
    energy, grid = setting.section.energy, setting.grid
    figure = habit.figure if habit else FIGURES[draw((0.28 - 0.12 * energy, 0.3, 0.24, 0.18), rng)]
    busy = float(np.clip(rng.beta(1.6, 2.0) + 0.25 * (energy - 0.5), 0.02, 0.98))
    rhythms = heard_rhythms(setting, habit, rng) if habit else draw_rhythms(grid, figure, busy, rng)
    pulse_16 = grid.pulse_s / 16
    return Touch(
        figure=figure,
        arpeggio=ARPEGGIOS[draw((0.4, 0.1, 0.35, 0.15), rng)],
        rhythms=rhythms,
        bar_rhythms=draw_bar_rhythms(setting.section.n_bars, rng),
        gate=habit.gate if habit else _draw_gate(figure, rng),
        roll=min(round(habit.roll_s / pulse_16), MAX_ROLL) if habit else _draw_roll(figure, rng),
        bass_again=habit.bass_again > rng.random() if habit else rng.random() < PLAIN_BASS_AGAIN,
        full_again=habit.full_again > rng.random() if habit else rng.random() < PLAIN_FULL_AGAIN,
        swing=round(habit.swing, 3) if habit and can_swing(grid) else 0.5,
        level=int(np.clip(round(62 + 22 * energy + rng.normal(0, 5)), *LEVEL_RANGE)),
        accent=int(rng.integers(5, 15)),
        swell=int(rng.integers(2, 13)),
        grain=int(rng.integers(0, 2**31)),
    )


def _draw_gate(figure: str, rng: Rng) -> float:
    """Mostly ringing; broken chords nearly always."""
    return float(
        rng.choice([1.0, 0.9, 0.7, 0.45], p=[0.9, 0, 0.05, 0.05] if figure == "broken" else [0.5, 0.25, 0.15, 0.1])
    )


def _draw_roll(figure: str, rng: Rng) -> int:
    return int(rng.integers(3, 9)) if figure == "strum" else int(rng.choice([0, 0, 1, 3]))


def heard_rhythms(setting: Setting, habit: Habit, rng: Rng) -> tuple[tuple[int, ...], ...]:
    """Take a bar the catalog plays in this meter, else draw patterns of the habit's pace."""
    grid, manner = setting.grid, setting.manner
    played = manner.draw_pattern(setting.meter, habit.figure, rng) if manner else None
    if played is not None:
        pulses = {_straight_pulse(onset * grid.bar_pulses, habit.swing, grid) for onset in played}
        main = thin(sorted(pulse for pulse in pulses if pulse < grid.bar_pulses), grid)
        return main, vary_rhythm(main, grid, rng), _calming(main, grid, rng)
    wanted = habit.strokes_per_s * grid.bar_s
    drawn = [draw_rhythms(grid, habit.figure, busy, rng) for busy in np.linspace(0.05, 0.95, 6).tolist()]
    return min(drawn, key=lambda rhythms: abs(len(rhythms[0]) - wanted))


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


def _calming(main: tuple[int, ...], grid: MeterGrid, rng: Rng) -> tuple[int, ...]:
    """The bar that closes: the same hand, which rests in its second half, now and then already on the bar line."""
    until = grid.half if grid.half > 0 and rng.random() < 0.75 else 0
    return tuple(pulse for pulse in main if pulse <= until)


def can_swing(grid: MeterGrid) -> bool:
    """Whether its unit is a quarter note in four pulses, of which eighths can be uneven."""
    return grid.unit_pulses == 4


def _straight_pulse(place: float, swing: float, grid: MeterGrid) -> int:
    """The pulse that swings to `place`, pulses from the bar line."""
    if not can_swing(grid) or swing == 0.5:
        return round(place)
    unit, share = divmod(place / grid.unit_pulses, 1.0)
    even = 0.5 * share / swing if share < swing else 0.5 + 0.5 * (share - swing) / (1.0 - swing)
    return round((unit + even) * grid.unit_pulses)


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
