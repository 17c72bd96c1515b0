"""Mutations and crossover of chord genomes: one musical change each, then a repair that keeps every promise.

The promises (`repair`): the section ends on its tonic in root position, at most one chord is borrowed, slash chords stay
rare, durations fill the section exactly. An operator draws from the same grammar as the generator, so a child is never
further from the style than a fresh candidate.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from whitelight.composition.chords.coloring import HOME_QUALITIES, SLASH_LIMIT, borrow, draw_quality, invert, triad_of
from whitelight.composition.chords.genome import APPROACHES, ARPEGGIOS, FIGURES, ChordGene, ChordGenome
from whitelight.composition.chords.playing import (
    FLOOR_RANGE,
    LEVEL_RANGE,
    MAX_ROLL,
    UPPER_RANGE,
    clip_center,
    draw_bar_rhythms,
    draw_habit,
    draw_rhythms,
    draw_touch,
    heard_rhythms,
    vary_rhythm,
)
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.vocabulary import Function
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng, draw

Mutation = Callable[[ChordGenome, Setting, Rng], ChordGenome]


def mutate(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Change one thing about a genome, now and then two or three."""
    return repair(change(genome, MUTATIONS, setting, rng, how_many=(0.7, 0.22, 0.08)), setting)


def substitute_chord(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Draw one inner chord anew between its neighbors; the one before the close keeps to cadences."""
    chords, chain = list(genome.chords), setting.chain
    if len(chords) < 3:
        return genome
    place = 1 + int(rng.integers(len(chords) - 2))
    before, after = chords[place - 1].degree, chords[place + 1].degree
    weights = chain.next_degree[before] * (chain.next_degree[:, after] + 0.02)
    if place == len(chords) - 2:
        weights = weights * (chain.cadence + 0.01)
    function = chain.triads[draw(weights + 1e-9, rng)]
    quality = draw_quality(function, setting, 0.25, rng)
    chords[place] = ChordGene(function.root, quality, chords[place].duration, function.degree)
    return genome.with_chords(tuple(chords))


def recolor_chord(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Enrich a chord that stays in the scale, or make it plain again."""
    chords = list(genome.chords)
    place = int(rng.integers(len(chords)))
    chord = chords[place]
    if chord.is_borrowed:
        return genome
    quality = draw_quality(setting.chain.triads[chord.degree], setting, 0.6, rng)
    chords[place] = replace(chord, quality=quality, inversion=0)
    return genome.with_chords(tuple(chords))


def toggle_borrowed(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Take the borrowed chord home, or borrow one."""
    chords = [_at_home(chord, setting) for chord in genome.chords]
    if not any(chord.is_borrowed for chord in genome.chords):
        functions = [Function(chord.root, chord.degree, triad_of(chord.quality)) for chord in chords]
        found = borrow(setting.chain, functions, 1.0, rng)
        if found is not None:
            place, color = found
            duration = chords[place].duration
            chords[place] = ChordGene(color.root, color.quality, duration, color.degree, is_borrowed=True)
    return genome.with_chords(tuple(chords))


def reinvert(genome: ChordGenome, _setting: Setting, rng: Rng) -> ChordGenome:
    """Put all basses back to the roots, then invert a few anew."""
    roots = [replace(chord, inversion=0) for chord in genome.chords]
    return genome.with_chords(tuple(invert(roots, float(rng.choice([0.0, 0.15, 0.3])), rng)))


def move_change(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Move one chord change to another group of the meter between its neighbors."""
    if len(genome.chords) < 2:
        return genome
    starts, chords = genome.starts, list(genome.chords)
    place = 1 + int(rng.integers(len(chords) - 1))
    end = starts[place + 1] if place + 1 < len(chords) else setting.n_pulses
    places = [p for p in _change_points(setting) if starts[place - 1] < p < end]
    weights = [float(setting.grid.weights[p % setting.grid.bar_pulses]) ** 2 for p in places]
    new = places[draw(weights, rng)] if places else starts[place]
    chords[place - 1] = replace(chords[place - 1], duration=new - starts[place - 1])
    chords[place] = replace(chords[place], duration=end - new)
    return genome.with_chords(tuple(chords))


def split_or_merge(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Give a long chord a successor in its second part, or let a chord take over the time of the next."""
    chords, starts = list(genome.chords), genome.starts
    place = int(rng.integers(max(len(chords) - 1, 1)))
    chord = chords[place]
    inner = [p for p in _change_points(setting) if starts[place] < p < starts[place] + chord.duration]
    heavy = [p for p in inner if setting.grid.weights[p % setting.grid.bar_pulses] >= 3]
    if heavy and rng.random() < 0.6:
        at = heavy[int(rng.integers(len(heavy)))]
        function = setting.chain.triads[draw(setting.chain.next_degree[chord.degree], rng)]
        rest = starts[place] + chord.duration - at
        chords[place] = replace(chord, duration=at - starts[place], approach="none")
        chords.insert(place + 1, ChordGene(function.root, function.quality, rest, function.degree))
    elif len(chords) > 3 and place + 1 < len(chords) - 1:
        chords[place] = replace(chord, duration=chord.duration + chords.pop(place + 1).duration)
    return genome.with_chords(tuple(chords))


def rewrite_rhythm(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Vary the stroke patterns or draw new ones."""
    touch, grid = genome.touch, setting.grid
    habit = draw_habit(setting, rng) if rng.random() < 0.4 else None
    if habit is not None:  # as the catalog plays this figure
        rhythms = heard_rhythms(setting, replace(habit, figure=touch.figure), rng)
    elif setting.manner is None and rng.random() < 0.4:
        rhythms = draw_rhythms(grid, touch.figure, float(rng.random()), rng)
    else:
        main = vary_rhythm(touch.rhythms[0], grid, rng) if touch.figure != "hold" else touch.rhythms[0]
        rhythms = (main, vary_rhythm(main, grid, rng), *touch.rhythms[2:])
    bars = draw_bar_rhythms(setting.section.n_bars, rng) if rng.random() < 0.3 else touch.bar_rhythms
    return replace(genome, touch=replace(touch, rhythms=rhythms, bar_rhythms=bars))


def retouch(genome: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Play in another way: a new figure with its rhythms, or other articulation and dynamics."""
    touch = genome.touch
    if rng.random() < 0.3:
        return replace(genome, touch=draw_touch(setting, rng, draw_habit(setting, rng)))
    changed = replace(
        touch,
        arpeggio=ARPEGGIOS[int(rng.integers(len(ARPEGGIOS)))],
        gate=float(np.clip(round(touch.gate + rng.normal(0, 0.15), 2), 0.35, 1.0)),
        roll=int(np.clip(touch.roll + rng.integers(-2, 3), 0, MAX_ROLL)),
        bass_again=touch.bass_again != (rng.random() < 0.1),
        full_again=touch.full_again != (rng.random() < 0.1),
        level=int(np.clip(touch.level + rng.integers(-5, 6), *LEVEL_RANGE)),
        accent=int(np.clip(touch.accent + rng.integers(-3, 4), 3, 16)),
        swell=int(np.clip(touch.swell + rng.integers(-3, 4), 0, 14)),
    )
    return replace(genome, touch=changed)


def revoice(genome: ChordGenome, _setting: Setting, rng: Rng) -> ChordGenome:
    """Move the register, open or close the voicing, add or drop a voice."""
    floor = int(np.clip(genome.floor + rng.integers(-2, 3), *FLOOR_RANGE))
    return replace(
        genome,
        center=clip_center(genome.center + int(rng.integers(-2, 3)), floor),
        openness=int(np.clip(genome.openness + rng.integers(-1, 2), 0, 2)),
        n_upper=genome.n_upper if rng.random() < 0.7 else int(rng.integers(UPPER_RANGE[0], UPPER_RANGE[1] + 1)),
        floor=floor,
    )


def toggle_approach(genome: ChordGenome, _setting: Setting, rng: Rng) -> ChordGenome:
    """Lead into one chord by a step in the bass, from the other side, or not at all."""
    chords = list(genome.chords)
    place = int(rng.integers(len(chords)))
    chords[place] = replace(chords[place], approach=APPROACHES[int(rng.integers(len(APPROACHES)))])
    return genome.with_chords(tuple(chords))


MUTATIONS: tuple[Mutation, ...] = (
    substitute_chord,
    substitute_chord,  # twice: the chords matter most
    recolor_chord,
    toggle_borrowed,
    reinvert,
    move_change,
    split_or_merge,
    rewrite_rhythm,
    retouch,
    revoice,
    toggle_approach,
)


def cross(first: ChordGenome, second: ChordGenome, setting: Setting, rng: Rng) -> ChordGenome:
    """Begin with the chords of one and close with those of the other, cut at a bar line; each trait from either.

    As often the chords stay those of the first and only voices and touch may change: what is good about the one and
    what is good about the other hardly depend on each other.
    """
    n_bars = setting.section.n_bars
    if rng.random() < 0.5:
        played, voiced = (second, first) if rng.random() < 0.5 else (first, second)
        return repair(replace(voiced, chords=first.chords, touch=played.touch), setting)
    cut = int(rng.integers(1, n_bars)) * setting.grid.bar_pulses
    head = [
        replace(chord, duration=min(chord.duration, cut - start))
        for start, chord in zip(first.starts, first.chords, strict=True)
        if start < cut
    ]
    tail = [
        replace(chord, duration=start + chord.duration - max(start, cut))
        for start, chord in zip(second.starts, second.chords, strict=True)
        if start + chord.duration > cut
    ]
    voices = first if rng.random() < 0.5 else second
    touch = first.touch if rng.random() < 0.5 else second.touch
    return repair(replace(voices, chords=(*head, *tail), touch=touch), setting)


def repair(genome: ChordGenome, setting: Setting) -> ChordGenome:
    """Return the genome with its promises kept (see the module)."""
    chords: list[ChordGene] = []
    n_borrowed, slash_time = 0, 0
    for place, gene in enumerate(genome.chords):
        chord = gene
        if chord.is_borrowed:
            n_borrowed += 1
            chord = chord if n_borrowed == 1 and place > 0 else _at_home(chord, setting)
        if chord.inversion:
            slash_time += chord.duration
            is_too_much = place == 0 or slash_time > SLASH_LIMIT * setting.n_pulses
            chord = replace(chord, inversion=0) if is_too_much else chord
        chords.append(chord)
    tonic, last = setting.chain.triads[0], chords[-1]
    is_home = last.root == 0 and not last.is_borrowed and last.quality in (tonic.quality, *HOME_QUALITIES)
    chords[-1] = replace(
        last,
        root=0,
        degree=0,
        quality=last.quality if is_home else tonic.quality,
        inversion=0,
        approach="none",
        is_borrowed=False,
    )
    figure = genome.touch.figure
    assert figure in FIGURES
    assert sum(chord.duration for chord in chords) == setting.n_pulses
    return genome.with_chords(tuple(chords))


def _at_home(chord: ChordGene, setting: Setting) -> ChordGene:
    """Return the chord itself, or the scale's own triad on its degree when it was borrowed."""
    if not chord.is_borrowed:
        return chord
    triad = setting.chain.triads[chord.degree]
    return ChordGene(triad.root, triad.quality, chord.duration, triad.degree)


def _change_points(setting: Setting) -> list[int]:
    """Group starts of all bars."""
    grid = setting.grid
    return [bar * grid.bar_pulses + start for bar in range(setting.section.n_bars) for start in grid.groups]
