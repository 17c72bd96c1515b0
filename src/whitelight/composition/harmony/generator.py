"""Candidates from nothing: family, register, rhythm and touch, drawn as energy, melody and bass allow."""

import numpy as np

from whitelight.composition.harmony.genome import (
    COUNTER_LINE,
    FAMILIES,
    HELD,
    INNER,
    OFF_BEAT,
    PAD,
    PULSED,
    QUARTET,
    EnsembleGenome,
    LineNote,
    Touch,
)
from whitelight.composition.harmony.instruments import LINE_INSTRUMENTS, PAD_PROGRAMS, QUARTET_PARTS
from whitelight.composition.harmony.rhythm import (
    draw_bar_rhythms,
    draw_line,
    draw_presence,
    draw_rhythm,
    draw_steps,
    line_of,
)
from whitelight.composition.harmony.surroundings import Surroundings
from whitelight.composition.randomness import Rng, draw

CENTER_STEP = 3  # semitones: neighbors sound alike and share their voicings
CENTERS = {PAD: (54, 75), COUNTER_LINE: (45, 78), QUARTET: (60, 72)}
LEVEL_RANGE = (30, 96)
BEHIND_MELODY = 10  # velocity
FEWEST_NOTES = 3
N_GRAINS = 1 << 31


def compose_genome(around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Compose one candidate."""
    section = around.context.section
    family = FAMILIES[draw((0.36, 0.26, 0.2 + 0.3 * section.energy), rng)]
    presence = draw_presence(section.n_bars, section.energy, section.lift, rng)
    figure, rhythms, bar_rhythms = draw_figure(around, family, presence, rng)
    program = draw_program(family, rng)
    return EnsembleGenome(
        family=family,
        program=program,
        n_voices=draw_n_voices(family, section.energy, rng),
        center=draw_center(around, family, program, rng),
        openness=draw((0.4, 0.4, 0.2), rng),
        figure=figure,
        rhythms=rhythms,
        bar_rhythms=bar_rhythms,
        line=draw_answer(around, presence, rng) if family == COUNTER_LINE else (),
        touch=draw_touch(around, rng),
    )


def draw_answer(around: Surroundings, presence: list[bool], rng: Rng) -> tuple[LineNote, ...]:
    """Draw a line that says something: a few notes at least."""
    for _ in range(6):
        line = draw_line(around, presence, rng)
        if len(line) >= FEWEST_NOTES:
            return line
    bars = range(around.context.section.n_bars)
    return line_of([bar * around.context.grid.bar_pulses for bar in bars], draw_steps(len(bars), rng), around, rng)


def draw_program(family: str, rng: Rng) -> int:
    """Draw who plays; a quartet is called by its first violin."""
    if family == QUARTET:
        return QUARTET_PARTS[-1].program
    programs = PAD_PROGRAMS if family == PAD else tuple(LINE_INSTRUMENTS)
    return programs[int(rng.integers(len(programs)))]


def draw_n_voices(family: str, energy: float, rng: Rng) -> int:
    """Draw how many voices sound: fewer at low energy."""
    if family == COUNTER_LINE:
        return 1
    return 4 if family == QUARTET else 2 + draw((0.9 - 0.7 * energy, 0.6, 0.1 + 0.7 * energy), rng)


def draw_figure(
    around: Surroundings, family: str, presence: list[bool], rng: Rng
) -> tuple[str, tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Draw figure, patterns and which pattern each bar plays."""
    if family == COUNTER_LINE:
        return HELD, (), ()
    section, grid = around.context.section, around.context.grid
    energy = section.energy
    inner = 0.25 * (family == QUARTET)
    figure = (HELD, PULSED, OFF_BEAT, INNER)[draw((0.75 - 0.35 * energy, 0.15 + 0.25 * energy, 0.15, inner), rng)]
    busy = float(np.clip(rng.beta(1.6, 2.0) + 0.4 * (energy - 0.5), 0.0, 1.0))
    rhythms = dict.fromkeys(draw_rhythm(grid, figure, busy, rng) for _ in range(1 + draw((0.3, 0.5, 0.2), rng)))
    return figure, tuple(rhythms), draw_bar_rhythms(section.n_bars, len(rhythms), presence, rng)


def draw_center(around: Surroundings, family: str, program: int, rng: Rng) -> int:
    """Draw the register: mostly below the melody, sometimes above it."""
    low, high = CENTERS[family]
    melody = around.melody_center
    if family == COUNTER_LINE:
        instrument = LINE_INSTRUMENTS[program]
        low, high = max(low, instrument.low + 7), min(high + 4, instrument.high - 7)
    if melody is None:
        wish = 62 + 6 * (around.context.section.energy - 0.5)
    else:
        wish = melody + (9 if rng.random() < 0.25 else -8)
    return fit_center(round(wish + rng.normal(0, 3)), low, high)


def fit_center(center: int, low: int, high: int) -> int:
    """Keep a center inside its bounds, on the lattice of centers."""
    return int(np.clip(center, low, max(high, low))) // CENTER_STEP * CENTER_STEP


def draw_touch(around: Surroundings, rng: Rng) -> Touch:
    """Draw articulation and dynamics: behind the melody, louder with energy."""
    return Touch(
        gate=(0.55, 0.8, 0.95, 1.0)[draw((0.12, 0.2, 0.3, 0.38), rng)],
        level=int(np.clip(round(wished_level(around) + rng.normal(0, 7)), *LEVEL_RANGE)),
        accent=int(rng.integers(0, 9)),
        swell=int(rng.integers(2, 22)),
        grain=int(rng.integers(N_GRAINS)),
    )


def wished_level(around: Surroundings) -> float:
    """Velocity that supports and does not cover."""
    level = 42 + 36 * around.context.section.energy
    loudest = around.melody_velocity
    return level if loudest is None else min(level, loudest - BEHIND_MELODY)
