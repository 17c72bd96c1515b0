"""Composing a melody from nothing: cells of rhythm, phrases over them, and a plan of turns that sings them.

Where chords return the melody wants to return; the first half closes open, the section closes at home.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whitelight.composition.melody.contour import draw_heights
from whitelight.composition.melody.genome import MelodyGenome, Phrase, Touch, Turn
from whitelight.composition.melody.rhythm import (
    Cell,
    Places,
    draw_cell,
    draw_phrase_rhythm,
    places_of,
    vary_cell,
)
from whitelight.composition.melody.setting import RANGE_ST, Setting, in_manner
from whitelight.composition.melody.spans import Span, section_spans, turn_numbers
from whitelight.composition.randomness import Rng, draw

LEVEL_RANGE = (46, 108)
LEAN_CHANCE = 0.4
SAME_CLOSE = 0.65
ANSWER, SAME_BEGINNING = 0.45, 0.6  # chance that a phrase keeps the first one's rhythm, and its first half
SAME_CHORDS = 3.0  # how much likelier a plan is for each return that its chords make, too
CONTRAST_LIFT = 2.0  # scale steps a middle phrase may lie higher


@dataclass(frozen=True, slots=True)
class Material:
    """What the phrases of one melody share: two cells of rhythm, the places notes may begin, the lowest MIDI pitch."""

    cells: tuple[Cell, Cell]
    places: Places
    low: int


def compose_genome(setting: Setting, rng: Rng) -> MelodyGenome:
    """Compose one candidate, mostly in the manner of one melody of the catalog when there is one."""
    setting = in_manner(setting, rng)
    section, grid = setting.context.section, setting.context.grid
    numbers = turn_numbers(section.n_bars, grid)
    n_turns = list(numbers)[draw(list(numbers.values()), rng)]
    spans = section_spans(n_turns, section.n_bars, grid)
    plan = draw_plan(setting, spans, rng)
    places = places_of(setting, setting.tables.off_beat * float(rng.uniform(0.25, 1.45)))
    cell = draw_cell(setting, places, rng)
    low = draw_low(setting, rng)
    material = Material((cell, vary_cell(cell, places, rng)), places, low)
    phrases = draw_phrases(setting, [spans[plan.index(phrase)] for phrase in range(max(plan) + 1)], material, rng)
    return MelodyGenome(phrases, draw_turns(setting, plan, rng), low, draw_touch(setting, rng))


def draw_low(setting: Setting, rng: Rng) -> int:
    """Lowest pitch of the line: half its range below the middle of the section."""
    return clip_low(setting, round(setting.center - RANGE_ST / 2 + rng.normal(0, 1.2)))


def clip_low(setting: Setting, low: int) -> int:
    """Keep the line inside the voice."""
    return int(np.clip(low, setting.register[0], setting.register[1] - RANGE_ST))


def draw_plan(setting: Setting, spans: Sequence[Span], rng: Rng) -> list[int]:
    """Say which phrase each turn sings; plans whose returns fall on the same chords are likelier."""
    n = len(spans)
    shipped = setting.tables.plans
    rows = shipped.get(n) or {letters * (n // 8) + letters[: n % 8]: w for letters, w in shipped[8].items()}
    chords = [_chords_of(setting, span) for span in spans]
    letters, weights = list(rows), []
    for plan in letters:
        weight = rows[plan] * (1.0 + setting.role.repetition * (1.0 - len(set(plan)) / 4))
        for turn in range(n):
            for before in range(turn):
                if plan[turn] == plan[before]:
                    weight *= SAME_CHORDS if chords[turn] == chords[before] else 0.8
        weights.append(weight)
    plan = letters[draw(weights, rng)]
    order = list(dict.fromkeys(plan))
    return [order.index(letter) for letter in plan]


def _chords_of(setting: Setting, span: Span) -> tuple[tuple[int, int], ...]:
    """Where chords begin in a span and their roots."""
    return tuple(
        (max(chord.start - span[0], 0), chord.root)
        for chord in setting.context.chords
        if chord.start < span[1] and chord.end > span[0]
    )


def draw_phrases(setting: Setting, spans: Sequence[Span], material: Material, rng: Rng) -> tuple[Phrase, ...]:
    """Draw a phrase for each span; later ones keep the rhythm of the first or contrast with it."""
    phrases: list[Phrase] = []
    cells, places, low = material.cells, material.places, material.low
    for span in spans:
        fate = rng.random()
        if phrases and fate < ANSWER:
            phrases.append(answer(setting, phrases[0], low, rng))
            continue
        own = cells if not phrases or fate < 0.75 else (cells[1], vary_cell(cells[1], places, rng))
        onsets, lengths = draw_phrase_rhythm(setting, span, own if rng.random() < 0.5 else own[:1], places, rng)
        lift = float(rng.uniform(0.0, CONTRAST_LIFT)) if phrases else 0.0
        phrases.append(make_phrase(setting, onsets, lengths, low=low, rng=rng, lift=lift))
    return tuple(phrases)


def make_phrase(
    setting: Setting, onsets: Sequence[int], lengths: Sequence[int], *, low: int, rng: Rng, lift: float = 0.0
) -> Phrase:
    """Give a rhythm its heights."""
    heights = draw_heights(setting, onsets, rng, low=low, lift=lift)
    leans = rng.random(len(onsets)) < LEAN_CHANCE
    return Phrase(tuple(onsets), tuple(lengths), tuple(heights), tuple(leans.tolist()))


def answer(setting: Setting, phrase: Phrase, low: int, rng: Rng) -> Phrase:
    """The same rhythm said otherwise: the beginning kept and a new end, or a new line altogether."""
    heights = draw_heights(setting, phrase.onsets, rng, low=low, lift=float(rng.uniform(0.0, CONTRAST_LIFT)))
    kept = len(phrase) // 2 if rng.random() < SAME_BEGINNING else 0
    if kept:
        drop = phrase.heights[kept - 1] - heights[kept - 1]
        heights = [*phrase.heights[:kept], *(height + (2 * drop) // 3 for height in heights[kept:])]
    return Phrase(phrase.onsets, phrase.lengths, tuple(heights), phrase.leans)


def draw_turns(setting: Setting, plan: Sequence[int], rng: Rng) -> tuple[Turn, ...]:
    """Let every turn close: a phrase that returns mostly as it did before, the last one at home."""
    closes: dict[int, int] = {}
    turns = []
    for turn, phrase in enumerate(plan):
        is_known = phrase in closes and turn < len(plan) - 1 and rng.random() < SAME_CLOSE
        close = closes[phrase] if is_known else draw_close(setting, turn, len(plan), rng)
        closes.setdefault(phrase, close)
        turns.append(Turn(phrase, close))
    return tuple(turns)


def draw_close(setting: Setting, turn: int, n_turns: int, rng: Rng) -> int:
    """Degree on which a turn ends: at home in the end, open in the middle."""
    if turn == n_turns - 1:
        closes = setting.tables.final_closes
        return list(closes)[draw(list(closes.values()), rng)]
    open_ones = {degree: weight * (0.5 if degree == 0 else 1.0) for degree, weight in setting.closes.items()}
    return list(open_ones)[draw(list(open_ones.values()), rng)]


def draw_touch(setting: Setting, rng: Rng) -> Touch:
    """Draw loudness and articulation; energy is louder and closer to the beat."""
    energy = setting.context.section.energy
    return Touch(
        level=int(np.clip(round(66 + 24 * energy + rng.normal(0, 5)), *LEVEL_RANGE)),
        accent=int(rng.integers(3, 11)),
        swell=int(rng.integers(4, 15)),
        gate=(1.0, 0.95, 0.88, 0.75)[draw((0.3, 0.4, 0.2, 0.1), rng)],
        late_ms=int(np.clip(round(rng.normal(6 - 6 * energy, 6)), -10, 20)),
        grain=int(rng.integers(0, 2**31)),
    )
