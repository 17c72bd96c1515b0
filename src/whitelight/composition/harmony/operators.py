"""Mutations and crossover of ensembles: one musical change each; every child keeps the promises of a fresh candidate."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from whitelight.composition.harmony.generator import (
    CENTER_STEP,
    CENTERS,
    FEWEST_NOTES,
    LEVEL_RANGE,
    draw_center,
    draw_figure,
    draw_n_voices,
    draw_program,
    draw_touch,
    fit_center,
)
from whitelight.composition.harmony.genome import COUNTER_LINE, PAD, SILENT, EnsembleGenome, LineNote
from whitelight.composition.harmony.instruments import LINE_INSTRUMENTS
from whitelight.composition.harmony.rhythm import (
    HIGHEST_STEP,
    draw_line_bar,
    draw_presence,
    draw_rhythm,
    draw_steps,
    line_of,
)
from whitelight.composition.harmony.surroundings import Surroundings
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng, draw

Mutation = Callable[[EnsembleGenome, Surroundings, Rng], EnsembleGenome]


def mutate(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Change one to three things."""
    mutations = LINE_MUTATIONS if genome.family == COUNTER_LINE else VOICE_MUTATIONS
    return change(genome, mutations, around, rng, how_many=(0.5, 0.3, 0.2))


def move_register(genome: EnsembleGenome, _around: Surroundings, rng: Rng) -> EnsembleGenome:
    """A little higher or lower."""
    low, high = CENTERS[genome.family]
    if genome.family == COUNTER_LINE:
        instrument = LINE_INSTRUMENTS[genome.program]
        low, high = max(low, instrument.low + 7), min(high + 4, instrument.high - 7)
    step = CENTER_STEP * int(rng.choice([-2, -1, 1, 2]))
    return replace(genome, center=fit_center(genome.center + step, low, high))


def change_player(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Another instrument, in its own register."""
    program = draw_program(genome.family, rng)
    return replace(genome, program=program, center=draw_center(around, genome.family, program, rng))


def change_voices(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """More or fewer voices, closer or wider."""
    n_voices = draw_n_voices(genome.family, around.context.section.energy, rng)
    return replace(genome, n_voices=n_voices, openness=draw((0.4, 0.4, 0.2), rng))


def change_figure(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Another figure in the same bars."""
    presence = [rhythm != SILENT for rhythm in genome.bar_rhythms]
    figure, rhythms, bar_rhythms = draw_figure(around, genome.family, presence, rng)
    return replace(genome, figure=figure, rhythms=rhythms, bar_rhythms=bar_rhythms)


def vary_rhythm(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Draw one pattern anew."""
    rhythms = list(genome.rhythms)
    place = int(rng.integers(len(rhythms)))
    rhythms[place] = draw_rhythm(around.context.grid, genome.figure, float(rng.random()), rng)
    return replace(genome, rhythms=tuple(rhythms))


def change_entries(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Enter and rest elsewhere."""
    section = around.context.section
    presence = draw_presence(section.n_bars, section.energy, section.lift, rng)
    bars = [
        (max(rhythm, 0) if present else SILENT) for rhythm, present in zip(genome.bar_rhythms, presence, strict=True)
    ]
    return replace(genome, bar_rhythms=tuple(bars))


def rewrite_bars(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Write one or two bars of the line anew, or let them rest."""
    bar_pulses, n_bars = around.context.grid.bar_pulses, around.context.section.n_bars
    first = int(rng.integers(n_bars))
    bars = range(first, min(first + 1 + int(rng.integers(2)), n_bars))
    rests = rng.random() < 0.5 * (1.0 - around.context.section.energy)
    fresh = [] if rests else [bar * bar_pulses + offset for bar in bars for offset in draw_line_bar(around, bar, rng)]
    steps = dict(zip(fresh, draw_steps(len(fresh), rng), strict=True))
    kept = {note.start: note.step for note in genome.line if note.start // bar_pulses not in bars}
    return _relined(genome, kept | steps, around, rng)


def bend_line(genome: EnsembleGenome, _around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Move a stretch of the line by a step or two."""
    if not genome.line:
        return genome
    low, high = sorted(rng.integers(0, len(genome.line) + 1, 2).tolist())
    step = int(rng.choice([-2, -1, 1, 2]))
    notes = [
        replace(note, step=int(np.clip(note.step + step, -HIGHEST_STEP, HIGHEST_STEP)))
        if low <= place <= high
        else note
        for place, note in enumerate(genome.line)
    ]
    return replace(genome, line=tuple(notes))


def thin_or_fill(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Leave a note out, or add one."""
    steps = {note.start: note.step for note in genome.line}
    if len(steps) > FEWEST_NOTES and rng.random() < 0.5:
        del steps[genome.line[int(rng.integers(len(genome.line)))].start]
    else:
        bar = int(rng.integers(around.context.section.n_bars))
        for offset in draw_line_bar(around, bar, rng)[:1]:
            steps.setdefault(bar * around.context.grid.bar_pulses + offset, draw_steps(1, rng)[0])
    return _relined(genome, steps, around, rng)


def _relined(genome: EnsembleGenome, steps: dict[int, int], around: Surroundings, rng: Rng) -> EnsembleGenome:
    """The line with these onsets; notes whose successor stayed keep their length."""
    onsets = sorted(steps)
    if len(onsets) < FEWEST_NOTES:
        return genome
    old = {note.start: note for note in genome.line}
    fresh = line_of(onsets, [steps[onset] for onset in onsets], around, rng)
    ends = [*onsets[1:], around.context.n_pulses]
    notes = [
        LineNote(note.start, old[note.start].duration, note.step)
        if note.start in old and note.start + old[note.start].duration <= end
        else note
        for note, end in zip(fresh, ends, strict=True)
    ]
    return replace(genome, line=tuple(notes))


def retouch(genome: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Other articulation and dynamics near the old ones."""
    touch, other = genome.touch, draw_touch(around, rng)
    level = int(np.clip((touch.level + other.level) // 2 + rng.integers(-3, 4), *LEVEL_RANGE))
    return replace(genome, touch=replace(other, level=level))


VOICE_MUTATIONS: tuple[Mutation, ...] = (
    move_register, change_player, change_voices, change_figure, vary_rhythm, change_entries, retouch,
)  # fmt: skip
LINE_MUTATIONS: tuple[Mutation, ...] = (
    move_register, change_player, rewrite_bars, bend_line, thin_or_fill, rewrite_bars, retouch,
)  # fmt: skip


def cross(first: EnsembleGenome, second: EnsembleGenome, around: Surroundings, rng: Rng) -> EnsembleGenome:
    """Material of one, manner of the other; two of a family also trade voices, figures or halves of their lines."""
    child = replace(first, touch=second.touch)
    if first.family != second.family:
        if COUNTER_LINE in (first.family, second.family):
            return child
        low, high = CENTERS[first.family]
        bars = tuple(min(rhythm, len(first.rhythms) - 1) for rhythm in second.bar_rhythms)
        return replace(child, bar_rhythms=bars, center=fit_center(second.center, low, high))
    if first.family == COUNTER_LINE:
        half = around.context.n_pulses // 2
        begun = tuple(note for note in first.line if note.start + note.duration <= half)
        line = begun + tuple(note for note in second.line if note.start >= half)
        return replace(child, line=line) if len(line) >= FEWEST_NOTES else child
    if rng.random() < 0.5:
        child = replace(child, center=second.center, openness=second.openness)
    if rng.random() < 0.5:
        child = replace(child, figure=second.figure, rhythms=second.rhythms, bar_rhythms=second.bar_rhythms)
    return replace(child, program=second.program, n_voices=second.n_voices) if first.family == PAD else child
