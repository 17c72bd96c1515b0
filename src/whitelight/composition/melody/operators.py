"""Mutations and crossover of melodies: one musical change each, then a repair that keeps every promise.

The promises (`repair`): at least two notes to a phrase, onsets that rise, notes that do not overlap, heights near the
voice, a section that closes on the tonic, its third or its fifth.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from whitelight.composition.melody.composing import (
    LEAN_CHANCE,
    LEVEL_RANGE,
    answer,
    clip_low,
    draw_close,
    draw_plan,
    draw_touch,
    make_phrase,
)
from whitelight.composition.melody.contour import draw_heights, height_limits
from whitelight.composition.melody.genome import MelodyGenome, Phrase, Turn
from whitelight.composition.melody.rhythm import MAX_NOTES, draw_cell, draw_phrase_rhythm, places_of, vary_cell
from whitelight.composition.melody.setting import Setting
from whitelight.composition.melody.spans import section_spans
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng, draw

Mutation = Callable[[MelodyGenome, Setting, Rng], MelodyGenome]
HOME = (0, 2, 4)  # degrees on which a section may close


def mutate(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Change one to three things about a genome."""
    return repair(change(genome, MUTATIONS, setting, rng, how_many=(0.5, 0.3, 0.2)), setting)


def move_note(genome: MelodyGenome, _setting: Setting, rng: Rng) -> MelodyGenome:
    """Move one note of an idea by a step or a third."""
    place, phrase = _pick(genome, rng)
    note = int(rng.integers(len(phrase)))
    heights = list(phrase.heights)
    heights[note] += (-2, -1, 1, 2)[draw((0.2, 0.3, 0.3, 0.2), rng)]
    return genome.with_phrase(place, replace(phrase, heights=tuple(heights)))


def redraw_tail(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Keep how an idea begins and let it go on otherwise."""
    place, phrase = _pick(genome, rng)
    kept = int(rng.integers(len(phrase)))
    heights = draw_heights(setting, phrase.onsets, rng, low=genome.low)
    drop = phrase.heights[kept] - heights[kept]
    tail = [height + drop for height in heights[kept:]]
    return genome.with_phrase(place, replace(phrase, heights=(*phrase.heights[:kept], *tail)))


def answer_phrase(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Let one idea answer another in its rhythm."""
    place, _ = _pick(genome, rng)
    source = genome.phrases[int(rng.integers(len(genome.phrases)))]
    return genome.with_phrase(place, answer(setting, source, genome.low, rng))


def mirror_phrase(genome: MelodyGenome, _setting: Setting, rng: Rng) -> MelodyGenome:
    """Turn an idea upside down around its first note, or move it in sequence."""
    place, phrase = _pick(genome, rng)
    first = phrase.heights[0]
    if rng.random() < 0.4:
        heights = tuple(2 * first - height for height in phrase.heights)
    else:
        shift = (-2, -1, 1, 2)[int(rng.integers(4))]
        heights = tuple(height + shift for height in phrase.heights)
    return genome.with_phrase(place, replace(phrase, heights=heights))


def rewrite_rhythm(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Give an idea a new rhythm; its line is stretched over it."""
    place, phrase = _pick(genome, rng)
    span = _span_of(genome, setting, place)
    places = places_of(setting, setting.tables.off_beat * float(rng.uniform(0.25, 1.45)))
    cell = draw_cell(setting, places, rng)
    cells = (cell, vary_cell(cell, places, rng)) if rng.random() < 0.5 else (cell,)
    onsets, lengths = draw_phrase_rhythm(setting, span, cells, places, rng)
    at = np.interp(onsets, phrase.onsets, np.arange(len(phrase))).round().astype(int).tolist()
    heights = tuple(phrase.heights[i] for i in at)
    leans = tuple(phrase.leans[i] for i in at)
    return genome.with_phrase(place, Phrase(tuple(onsets), tuple(lengths), heights, leans))


def split_or_join(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Split a note in two, or let a note take over the time of the next."""
    place, phrase = _pick(genome, rng)
    rows = list(zip(phrase.onsets, phrase.lengths, phrase.heights, phrase.leans, strict=True))
    spacing = places_of(setting, 1.0).spacing
    note = int(rng.integers(len(rows)))
    onset, length, height, leans = rows[note]
    if rng.random() < 0.5 and length >= 2 * spacing and len(rows) < MAX_NOTES:
        half = max(length // (2 * spacing), 1) * spacing
        step = (-1, 0, 1)[int(rng.integers(3))]
        rows[note : note + 1] = [(onset, half, height, leans), (onset + half, length - half, height + step, False)]
    elif len(rows) > 3 and note + 1 < len(rows):
        following = rows.pop(note + 1)
        rows[note] = (onset, following[0] + following[1] - onset, height, leans)
    return genome.with_phrase(place, _phrase(rows))


def shift_onset(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Push one onset ahead of its place or back to the next one; the note before makes room."""
    place, phrase = _pick(genome, rng)
    rows = list(zip(phrase.onsets, phrase.lengths, phrase.heights, phrase.leans, strict=True))
    spacing = places_of(setting, 1.0).spacing
    note = int(rng.integers(1, len(rows)))
    shift = spacing if rng.random() < 0.4 else -spacing
    onset, length, height, leans = rows[note]
    if rows[note - 1][0] + 1 <= onset + shift - max(spacing // 2, 1) and length - shift >= 1:
        rows[note] = (onset + shift, length - shift, height, leans)
        before = rows[note - 1]
        rows[note - 1] = (before[0], min(max(before[1] + shift, 1), onset + shift - before[0]), *before[2:])
    return genome.with_phrase(place, _phrase(rows))


def hold_end(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Hold the last note of an idea longer, or let it go sooner."""
    place, phrase = _pick(genome, rng)
    spacing = places_of(setting, 1.0).spacing
    longer = spacing * (1 if rng.random() < 0.5 else -1) * int(rng.integers(1, 3))
    lengths = (*phrase.lengths[:-1], max(phrase.lengths[-1] + longer, spacing))
    return genome.with_phrase(place, replace(phrase, lengths=lengths))


def close_otherwise(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """End one turn on another degree."""
    turns = list(genome.turns)
    turn = int(rng.integers(len(turns)))
    turns[turn] = replace(turns[turn], close=draw_close(setting, turn, len(turns), rng))
    return replace(genome, turns=tuple(turns))


def replan(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Let the turns sing the ideas in another order."""
    n_turns = len(genome.turns)
    spans = section_spans(n_turns, setting.context.section.n_bars, setting.context.grid)
    plan = draw_plan(setting, spans, rng)
    turns = [replace(turn, phrase=phrase) for turn, phrase in zip(genome.turns, plan, strict=True)]
    phrases = list(genome.phrases)
    while len(phrases) <= max(plan):
        phrases.append(answer(setting, phrases[0], genome.low, rng))
    return replace(genome, phrases=tuple(phrases), turns=tuple(turns))


def shift_turn(genome: MelodyGenome, _setting: Setting, rng: Rng) -> MelodyGenome:
    """Sing one turn a step or a third higher or lower: a sequence."""
    turns = list(genome.turns)
    turn = int(rng.integers(len(turns)))
    turns[turn] = replace(turns[turn], shift=int(np.clip(turns[turn].shift + rng.integers(-2, 3), -3, 3)))
    return replace(genome, turns=tuple(turns))


def move_register(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Move the whole line by one or two steps."""
    step = (-2, -1, 1, 2)[int(rng.integers(4))]
    phrases = tuple(replace(one, heights=tuple(h + step for h in one.heights)) for one in genome.phrases)
    return replace(genome, phrases=phrases, low=clip_low(setting, genome.low + 2 * step))


def lean_otherwise(genome: MelodyGenome, _setting: Setting, rng: Rng) -> MelodyGenome:
    """Draw anew which notes of an idea may lean beside the chord."""
    place, phrase = _pick(genome, rng)
    leans = rng.random(len(phrase)) < LEAN_CHANCE
    return genome.with_phrase(place, replace(phrase, leans=tuple(leans.tolist())))


def renew_phrase(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """A new line over the rhythm of an idea."""
    place, phrase = _pick(genome, rng)
    new = make_phrase(setting, phrase.onsets, phrase.lengths, low=genome.low, rng=rng, lift=float(rng.uniform(-1, 2)))
    return genome.with_phrase(place, new)


def retouch(genome: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """Sing it in another way: articulation and loudness."""
    touch = genome.touch
    if rng.random() < 0.3:
        return replace(genome, touch=draw_touch(setting, rng))
    changed = replace(
        touch,
        level=int(np.clip(touch.level + rng.integers(-6, 7), *LEVEL_RANGE)),
        accent=int(np.clip(touch.accent + rng.integers(-3, 4), 2, 14)),
        swell=int(np.clip(touch.swell + rng.integers(-4, 5), 2, 20)),
        late_ms=int(np.clip(touch.late_ms + rng.integers(-6, 7), -12, 25)),
    )
    return replace(genome, touch=changed)


MUTATIONS: tuple[Mutation, ...] = (
    move_note,
    move_note,  # twice: the line matters most
    redraw_tail,
    answer_phrase,
    mirror_phrase,
    rewrite_rhythm,
    split_or_join,
    shift_onset,
    hold_end,
    close_otherwise,
    replan,
    shift_turn,
    move_register,
    lean_otherwise,
    renew_phrase,
    retouch,
)


def cross(first: MelodyGenome, second: MelodyGenome, setting: Setting, rng: Rng) -> MelodyGenome:
    """The plan of one with some ideas of the other; of unlike plans, the notes of one and the manner of the other."""
    if len(first.turns) != len(second.turns):
        return repair(replace(first, touch=second.touch), setting)
    phrases = list(first.phrases)
    for place in range(min(len(phrases), len(second.phrases))):
        if rng.random() < 0.5:
            phrases[place] = second.phrases[place]
    turns = tuple(
        replace(turn, close=other.close) if rng.random() < 0.5 else turn
        for turn, other in zip(first.turns, second.turns, strict=True)
    )
    touch = first.touch if rng.random() < 0.5 else second.touch
    low = first.low if rng.random() < 0.5 else second.low
    return repair(MelodyGenome(tuple(phrases), turns, low, touch), setting)


def repair(genome: MelodyGenome, setting: Setting) -> MelodyGenome:
    """Return the genome with its promises kept (see the module); ideas that nobody sings are dropped."""
    low = clip_low(setting, genome.low)
    limits = height_limits(setting, low)
    used = sorted({turn.phrase for turn in genome.turns})
    phrases = tuple(_repair_phrase(genome.phrases[place], limits) for place in used)
    turns = [Turn(used.index(turn.phrase), turn.close, turn.shift) for turn in genome.turns]
    if turns[-1].close not in HOME:
        turns[-1] = replace(turns[-1], close=0)
    return MelodyGenome(phrases, tuple(turns), low, genome.touch)


def _repair_phrase(phrase: Phrase, limits: tuple[int, int]) -> Phrase:
    rows = sorted(zip(phrase.onsets, phrase.lengths, phrase.heights, phrase.leans, strict=True))
    rows = [row for place, row in enumerate(rows) if place == 0 or row[0] > rows[place - 1][0]]
    following = [row[0] for row in rows[1:]]
    lengths = [min(row[1], after - row[0]) for row, after in zip(rows, following, strict=False)] + [rows[-1][1]]
    kept = []
    for row, length in zip(rows, lengths, strict=True):
        height = row[2]
        while height > limits[1] + 1:
            height -= 7
        while height < limits[0] - 1:
            height += 7
        kept.append((row[0], max(length, 1), min(max(height, limits[0]), limits[1]), row[3]))
    return _phrase(kept)


def _phrase(rows: list[tuple[int, int, int, bool]]) -> Phrase:
    onsets, lengths, heights, leans = zip(*rows, strict=True)
    return Phrase(onsets, lengths, heights, leans)


def _pick(genome: MelodyGenome, rng: Rng) -> tuple[int, Phrase]:
    place = int(rng.integers(len(genome.phrases)))
    return place, genome.phrases[place]


def _span_of(genome: MelodyGenome, setting: Setting, phrase: int) -> tuple[int, int]:
    """Span of the first turn that sings a phrase."""
    spans = section_spans(len(genome.turns), setting.context.section.n_bars, setting.context.grid)
    return next((span for turn, span in zip(genome.turns, spans, strict=True) if turn.phrase == phrase), spans[0])
