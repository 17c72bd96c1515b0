"""Mutations and crossover of bass genomes: one thing a bassist would try next; `line.settle` keeps every promise."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from whitelight.composition.bass.figures import ground_of, pitched, way_in
from whitelight.composition.bass.genome import BassGenome, BassNote
from whitelight.composition.bass.line import HIGHEST, LOWEST, settle
from whitelight.composition.bass.playing import (
    CENTER_RANGE,
    LEVEL_RANGE,
    OWN_CENTER_RANGE,
    draft,
    draw_bar,
    draw_feel,
    draw_program,
)
from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import shipped_styles
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng, draw

N_CHANGES = (0.7, 0.2, 0.1)  # of candidates that change in one, two, three things
MAX_TRIES = 4
Mutation = Callable[[BassGenome, Setting, Rng], BassGenome]


def mutate(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Change one to three things about a genome."""
    changed = genome
    for _ in range(MAX_TRIES):  # some find nothing to do: a chord that cannot move, a copy of an equal bar
        changed = change(changed, MUTATIONS, setting, rng, how_many=N_CHANGES)
        if changed != genome:
            return changed
    return refeel(genome, setting, rng)


def _settled(genome: BassGenome, notes: Sequence[BassNote], setting: Setting) -> BassGenome:
    return genome.with_notes(settle(notes, setting, center=genome.center, style=genome.style))


def _bar(genome: BassGenome, setting: Setting, bar: int) -> list[BassNote]:
    size = setting.grid.bar_pulses
    return [note for note in genome.notes if bar * size <= note.start < (bar + 1) * size]


def _without(genome: BassGenome, taken: Sequence[BassNote]) -> list[BassNote]:
    return [note for note in genome.notes if note not in taken]


def redraw_bar(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Draw one bar anew."""
    bar = int(rng.integers(setting.n_bars))
    fresh = draw_bar(draft(genome, setting, rng), bar, rng)
    return _settled(genome, [*_without(genome, _bar(genome, setting, bar)), *fresh], setting)


def repitch_bar(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Keep the rhythm of a bar and draw its pitches anew."""
    own = _bar(genome, setting, int(rng.integers(setting.n_bars)))
    fresh = pitched(draft(genome, setting, rng), [note.start for note in own], rng)
    return _settled(genome, [*_without(genome, own), *fresh], setting)


def copy_rhythm(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Let one bar, or every second one, have the rhythm of another."""
    model, target = rng.integers(setting.n_bars, size=2).tolist()
    size, plan, changed = setting.grid.bar_pulses, draft(genome, setting, rng), genome
    targets = range(target % 2, setting.n_bars, 2) if rng.random() < 0.4 else (target,)
    onsets = [note.start - model * size for note in _bar(genome, setting, model)]
    for bar in targets:
        own = _bar(changed, setting, bar)
        fresh = pitched(plan, [bar * size + onset for onset in onsets], rng)
        changed = _settled(changed, [*_without(changed, own), *fresh], setting)
    return changed


def add_or_drop(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Leave out one note between the changes, or put one where the meter and the kick ask for it."""
    changes = {chord.start for chord in setting.chords}
    inner = [note for note in genome.notes if note.start not in changes]
    if inner and rng.random() < 0.5:
        left = inner[int(rng.integers(len(inner)))]
        notes = _without(genome, [left])
        longer = [replace(n, duration=left.end - n.start) if n.end == left.start else n for n in notes]
        return _settled(genome, longer, setting)
    taken = {note.start for note in genome.notes}
    weights = np.tile(setting.onsets, setting.n_bars) + 0.6 * setting.kicks + 1e-3
    weights[list(taken)] = 0.0
    start = draw(weights, rng)
    fresh = pitched(draft(genome, setting, rng), [start], rng)
    return _settled(genome, [*genome.notes, *fresh], setting)


def lead_in(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Lead into one chord by step, or stop doing so."""
    changes = {chord.start for chord in setting.chords[1:]}
    pairs = [i for i, note in enumerate(genome.notes[1:]) if note.start in changes]
    if not pairs:
        return genome
    place = pairs[int(rng.integers(len(pairs)))]
    note, notes = genome.notes[place], list(genome.notes)
    plan = draft(genome, setting, rng)
    plan.style = replace(plan.style, approach=1.0)
    pitch = way_in(plan, note.start, note.pitch, rng)
    if pitch is None or rng.random() < 0.3:
        pitch = ground_of(setting, genome.center)[setting.places[note.start]]
    notes[place] = replace(note, pitch=pitch)
    return _settled(genome, notes, setting)


def shift_octave(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Play one chord an octave away."""
    chord = setting.chords[int(rng.integers(len(setting.chords)))]
    own = [note for note in genome.notes if chord.start <= note.start < chord.end]
    shift = 12 if np.mean([note.pitch for note in own]) < genome.center else -12
    if not all(LOWEST <= note.pitch + shift <= HIGHEST for note in own):
        return genome
    moved = [replace(note, pitch=note.pitch + shift) for note in own]
    return _settled(genome, [*_without(genome, own), *moved], setting)


def articulate(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Hold some notes to the next one, cut others short."""
    ends = [*(note.start for note in genome.notes[1:]), setting.context.n_pulses]
    chance = float(rng.uniform(0.0, 0.5))
    notes = [
        replace(note, duration=max((end - note.start) // (2 if rng.random() < chance else 1), 1))
        for note, end in zip(genome.notes, ends, strict=True)
    ]
    return _settled(genome, notes, setting)


def recenter(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Move the register a little."""
    limits = OWN_CENTER_RANGE if setting.habit(genome.habit) else CENTER_RANGE
    center = int(np.clip(genome.center + rng.integers(-3, 4), *limits))
    ground, before = ground_of(setting, center), ground_of(setting, genome.center)
    notes = []
    for note in genome.notes:
        place = setting.places[note.start]
        notes.append(replace(note, pitch=note.pitch + ground[place] - before[place]))
    return _settled(replace(genome, center=center), notes, setting)


def refeel(genome: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Other dynamics, articulation and timing, now and then another instrument."""
    feel, style = genome.feel, shipped_styles()[genome.style]
    if rng.random() < 0.2:
        habit = setting.habit(genome.habit)
        program = habit.program if habit else draw_program(style, rng)
        return replace(genome, program=program, feel=draw_feel(setting, style, habit, rng))
    changed = replace(
        feel,
        level=int(np.clip(feel.level + rng.integers(-5, 6), *LEVEL_RANGE)),
        accent=int(np.clip(feel.accent + rng.integers(-4, 5), 0, 26)),
        gate=round(float(np.clip(feel.gate + rng.normal(0, 0.1), 0.25, 1.0)), 2),
        late_ms=round(float(np.clip(feel.late_ms + rng.normal(0, 2), -4, 10)), 1),
        grain=int(rng.integers(2**31)),
    )
    return replace(genome, feel=changed)


MUTATIONS: tuple[Mutation, ...] = (  # small ones: whole new lines come from the search's fresh candidates
    redraw_bar,
    repitch_bar,
    repitch_bar,
    copy_rhythm,
    copy_rhythm,
    add_or_drop,
    add_or_drop,
    lead_in,
    lead_in,
    shift_octave,
    articulate,
    recenter,
    refeel,
)


def cross(first: BassGenome, second: BassGenome, setting: Setting, rng: Rng) -> BassGenome:
    """Begin with the notes of one and close with those of the other, cut at a bar line; feel of either."""
    cut = int(rng.integers(1, setting.n_bars)) * setting.grid.bar_pulses
    notes = [note for note in first.notes if note.start < cut]
    notes += [note for note in second.notes if note.start >= cut]
    other = second if rng.random() < 0.5 else first
    child = replace(first, program=other.program, feel=other.feel)
    return _settled(child, notes, setting)
