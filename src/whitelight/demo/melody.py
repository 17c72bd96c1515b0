"""Melodies of the demo: two-bar phrases from an album's rhythms, interval habits and contours.

Chord tones on strong beats and at phrase ends; between them notes of the scale that do not rub against the chord.
Phrases follow the scheme a b a c over a section, so that a motif comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whitelight.demo.grammar import MelodyPart
from whitelight.demo.harmony import ChordSpan, nearest, pick
from whitelight.demo.plan import Bar, SectionPlan, SongPlan, bars_of
from whitelight.demo.steps import Hit, fit_pattern, hits, strong_steps

_SIZES = {"repeat": (0,), "step": (1, 2), "third": (3, 4), "leap": (5, 7, 8, 9)}  # semitones aimed at
_SCHEME = "abac"
_LONG_STEPS = 4  # a note this long must belong to the chord
_HELD_STEPS = 6  # the last note of a phrase
_LIFT = {"verse": -1, "chorus": 2, "outro": -2, "intro": 0}  # semitones against the album's center
_PENTATONIC = {True: (0, 2, 3, 4, 6), False: (0, 1, 2, 4, 5)}  # degrees kept, minor and major


@dataclass(frozen=True, slots=True)
class Motif:
    """What a phrase keeps when it returns over other chords: two bars of rhythm and a move per note."""

    bars: tuple[tuple[Hit, ...], ...]
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sung:
    """A melody note: the bar of its section, where in the bar, and its pitch."""

    bar: int
    hit: Hit
    pitch: int


def sing_section(plan: SongPlan, section: SectionPlan, rng: np.random.Generator) -> tuple[Sung, ...]:
    """Return the melody of one section, phrase by phrase."""
    bars = bars_of(plan, section)
    motifs: dict[str, Motif] = {}
    notes: list[Sung] = []
    for index, start in enumerate(range(0, section.n_bars, 2)):
        name = _SCHEME[index % len(_SCHEME)]
        if name not in motifs:
            motifs[name] = _motif(plan, min(2, section.n_bars), rng)
        first = plan.album.melody.center + _LIFT[section.role] + int(rng.integers(-2, 3))
        notes += _phrase(bars[start : start + 2], motifs[name], first, is_last=start + 2 >= section.n_bars)
    return tuple(notes)


def _motif(plan: SongPlan, n_bars: int, rng: np.random.Generator) -> Motif:
    part = plan.album.melody
    patterns = [part.rhythms[index] for index in rng.integers(len(part.rhythms), size=n_bars)]
    bars = tuple(hits(fit_pattern(pattern, plan.meter)) for pattern in patterns)
    n_notes = sum(map(len, bars))
    contour = pick(part.contours, rng)
    moves = []
    for index in range(n_notes):
        size = int(rng.choice(_SIZES[pick(part.intervals, rng)]))
        upward = rng.random() < _chance_up(contour, index / max(n_notes - 1, 1))
        moves.append(size if upward else -size)
    return Motif(bars, tuple(moves))


def _chance_up(contour: str, place: float) -> float:
    """Chance that a move at `place` (0–1 of the phrase) goes up; real phrases peak early."""
    if contour == "arch":
        return 0.85 if place < 0.4 else 0.22
    if contour == "valley":
        return 0.2 if place < 0.5 else 0.8
    if contour == "wave":
        return 0.75 if int(place * 4) % 2 == 0 else 0.25
    return {"rise": 0.72, "fall": 0.28}.get(contour, 0.5)


def _phrase(bars: Sequence[Bar], motif: Motif, first: int, *, is_last: bool) -> list[Sung]:
    """Sing a motif over `bars`; its last note is a held chord tone, the tonic at a section's end."""
    plan = bars[0].plan
    part = plan.album.melody
    center = part.center + _LIFT[bars[0].section.role]
    places = [(bar, hit) for bar, bar_hits in zip(bars, motif.bars, strict=True) for hit in bar_hits]
    pitch = first
    notes = []
    for index, ((bar, hit), move) in enumerate(zip(places, motif.moves, strict=True)):
        is_end = index == len(places) - 1
        span = bar.chord_at(hit.step)
        must_fit = is_end or hit.n_steps >= _LONG_STEPS or hit.step in strong_steps(plan.meter)
        allowed = _ending(plan, span) if is_end and is_last else _allowed(plan, part, span, must_fit=must_fit)
        pitch = _closest(allowed, _inside(pitch + move, center, part.span))
        n_steps = max(hit.n_steps, min(_HELD_STEPS, bar.n_steps - hit.step)) if is_end else hit.n_steps
        notes.append(Sung(bar.index, Hit(hit.step, n_steps, hit.symbol), pitch))
    return notes


def _allowed(plan: SongPlan, part: MelodyPart, span: ChordSpan, *, must_fit: bool) -> Sequence[int]:
    """Pitch classes a note may take: the chord's, or with a passing note the scale's that do not rub against it."""
    if must_fit:
        return span.pitch_classes
    scale = plan.key.scale_pitch_classes
    if part.notes == "pentatonic":
        scale = tuple(scale[degree] for degree in _PENTATONIC[plan.key.is_minor])
    chord = set(span.pitch_classes)
    foreign = chord - set(plan.key.scale_pitch_classes)
    rubbing = {(pitch_class + shift) % 12 for pitch_class in foreign for shift in (1, 11)}
    return [pitch_class for pitch_class in (*scale, *foreign) if pitch_class not in rubbing or pitch_class in chord]


def _ending(plan: SongPlan, span: ChordSpan) -> Sequence[int]:
    """Tonic where the chord has it, else a chord tone."""
    return (plan.key.tonic,) if plan.key.tonic in span.pitch_classes else span.pitch_classes[:3]


def _closest(pitch_classes: Sequence[int], aim: float) -> int:
    return min(
        (nearest(pitch_class, aim) for pitch_class in pitch_classes), key=lambda pitch: (abs(pitch - aim), pitch)
    )


def _inside(aim: float, center: float, span: int) -> float:
    """Reflect a pitch that leaves the singer's range."""
    low, high = center - span / 2, center + span / 2
    if aim > high:
        return max(2 * high - aim, low)
    return min(2 * low - aim, high) if aim < low else aim
