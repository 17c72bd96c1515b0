"""Pitches of a counter-line: near the wished steps, in the chord, in thirds and sixths with the melody, never in its way.

A path through all allowed pitches is found exactly (Viterbi). Tones outside the chord are short, lie on weak places and
are reached and left by step; tones outside both scale and chord are never taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.harmony.genome import LineNote
from whitelight.composition.harmony.surroundings import NOTHING, STRONG, Surroundings
from whitelight.composition.sounding import SoundingChord

PASSING_S = 0.5  # the longest a tone outside the chord may last
AROUND = 12  # semitones around the center in which the line stays
_WISH_COST, _WAY_COST, _FOREIGN_COST, _JUMPED_FOREIGN_COST = 0.28, 40.0, 1.2, 30.0
_TOGETHER_COST = np.array([0.6, 9.0, 2.5, 0.0, 0.0, 0.8, 3.0, 0.8, 0.0, 0.0, 2.5, 9.0])  # by semitones over an octave
_STEP_COST = np.array([0.9, 0.0, 0.0, 0.4, 0.4, 0.9, 3.0, 0.9, 2.0, 2.0, 6.0, 6.0, 2.0])  # by semitones; wider 8
_WIDE_COST = 8.0


@dataclass(frozen=True, slots=True)
class _Place:
    """What one note may be."""

    pitches: NDArray[np.int16]
    costs: NDArray[np.float64]
    is_foreign: NDArray[np.bool_]


def place_line(
    line: Sequence[LineNote], around: Surroundings, *, center: int, low: int, high: int
) -> tuple[int | None, ...]:
    """Find the pitch of every note; None for a note that has no place (it is left out).

    Parameters
    ----------
    center : MIDI pitch the steps are counted around. low, high : of the instrument.
    """
    places = [_place(note, around, center, low, high) for note in line]
    kept = [index for index, place in enumerate(places) if len(place.pitches)]
    found: list[int | None] = [None] * len(line)
    if not kept:
        return tuple(found)
    arrived, came_from = places[kept[0]].costs, list[NDArray[np.intp]]()
    for before, after in pairwise(kept):
        total = arrived[:, np.newaxis] + _going(places[before], places[after])
        best = total.argmin(axis=0)
        came_from.append(best)
        arrived = total[best, np.arange(len(best))] + places[after].costs
    choice = int(arrived.argmin())
    for index, best in zip(reversed(kept), [*reversed(came_from), None], strict=True):
        found[index] = int(places[index].pitches[choice])
        choice = choice if best is None else int(best[choice])
    return tuple(found)


def wished_pitch(step: int, around: Surroundings, center: int) -> int:
    """Pitch of a scale step counted from the tonic nearest to the center."""
    key = around.context.key
    tonic = center + (key.tonic - center + 6) % 12 - 6
    octave, degree = divmod(step, 7)
    return tonic + 12 * octave + key.scale_intervals[degree]


def _place(note: LineNote, around: Surroundings, center: int, low: int, high: int) -> _Place:
    context = around.context
    pulse_s, weight = context.grid.pulse_s, context.grid.weights[note.start % context.grid.bar_pulses]
    end = min(note.start + note.duration, context.n_pulses)
    chords = [chord for chord in context.chords if chord.start < end and chord.end > note.start]
    own = set.intersection(*(set(chord.tones) for chord in chords)) if chords else set(context.key.scale_pitch_classes)
    own = own or set(chords[0].tones)
    may_pass = weight < STRONG and note.duration * pulse_s <= PASSING_S and len(chords) == 1
    classes = own | _passing(chords[0], context.key.scale_pitch_classes) if may_pass else own
    way = around.share_in_the_way(note.start, end)
    pitches = np.array(
        [
            p
            for p in range(max(low, center - AROUND), min(high, center + AROUND) + 1)
            if p % 12 in classes and way[p] < 0.5
        ],
        dtype=np.int16,
    )
    foreign = np.array([p % 12 not in own for p in pitches.tolist()], dtype=np.bool_)
    costs = _WISH_COST * np.abs(pitches - wished_pitch(note.step, around, center)) + _WAY_COST * way[pitches]
    return _Place(pitches, costs + _FOREIGN_COST * foreign + _together(pitches, note.start, end, around), foreign)


def _passing(chord: SoundingChord, scale: Sequence[int]) -> set[int]:
    """Tones of the scale that do not rub against the chord."""
    near = {(tone + step) % 12 for tone in chord.tones for step in (1, -1)}
    return set(scale) - near


def _together(pitches: NDArray[np.int16], start: int, end: int, around: Surroundings) -> NDArray[np.float64]:
    """Cost of the intervals with the melody while both sound, by share of the note's time."""
    melody = around.melody[start:end]
    sounding = melody[melody != NOTHING]
    if not len(sounding):
        return np.zeros(len(pitches))
    intervals = np.abs(pitches[:, np.newaxis] - sounding[np.newaxis, :]) % 12
    return np.asarray(_TOGETHER_COST[intervals].sum(axis=1) / (end - start), dtype=np.float64)


def _going(before: _Place, after: _Place) -> NDArray[np.float64]:
    """Cost of each step between two notes; a tone outside the chord wants steps on both sides."""
    size = np.abs(after.pitches[np.newaxis, :] - before.pitches[:, np.newaxis])
    cost = np.where(size <= 12, _STEP_COST[np.minimum(size, 12)], _WIDE_COST)
    leaps = (size > 2) | (size == 0)
    jumped = leaps & (before.is_foreign[:, np.newaxis] | after.is_foreign[np.newaxis, :])
    return np.asarray(cost + _JUMPED_FOREIGN_COST * jumped, dtype=np.float64)
