"""Voicing: which octave every chord tone sounds in, chosen for the whole progression at once.

The best of all progressions of voicings is found exactly (Viterbi over the voicings of every chord). Voices are paired
one to one: between two sorted voicings of equal size and |distance| costs, pairing in order is an optimal assignment,
so no voice is ever matched twice (summing distances to the nearest note is the known trap).

Rules: the bass keeps to one octave of its own; no interval under 5 semitones below C3; the upper voices move as little
as they can; the top voice stays within a fourth where any voicing allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

FLOOR = 36  # the bass octave begins at C2 to F2 (POP909 bass: D2–A3, median A2)
FLOOR_SLACK = 6  # semitones among which the octave of the bass is chosen
LOWEST_UPPER, HIGHEST_UPPER = 46, 88
C3 = 48  # below it, intervals under a fourth blur
TOP_LEAP = 5  # a fourth
_SPAN = ((4, 7, 10), (7, 10, 14), (9, 13, 17))  # wished span of 2, 3 and 4 upper voices, by openness
_PARALLEL_COST, _LEAP_COST, _STILL_COST = 0.8, 6.0, 0.5


_Asked = tuple[tuple[int, ...], int, int, int, int]  # pitch classes, bass, center, openness, voices above the bass


@dataclass(frozen=True, slots=True)
class Voicing:
    """MIDI pitches of one chord: the bass and the upper voices, ascending."""

    bass: int
    upper: tuple[int, ...]

    @property
    def pitches(self) -> tuple[int, ...]:
        """All voices, bass first."""
        return (self.bass, *self.upper)


@dataclass(frozen=True, slots=True)
class ChordTones:
    """What a voicing must sound: pitch classes root first, and which of them is the bass."""

    pitch_classes: tuple[int, ...]
    bass: int


def voice_progression(
    chords: Sequence[ChordTones], *, center: int, openness: int, n_upper: int, floor: int = FLOOR
) -> tuple[Voicing, ...]:
    """Voice a progression with the least total cost.

    Parameters
    ----------
    center : MIDI pitch around which the upper voices lie.
    openness : 0 close, 1 open, 2 wide.
    n_upper : voices above the bass, the same throughout; 2 to 4.
    floor : lowest MIDI pitch of the bass octave; at most `center` - 15, so that there is room above any bass.
    """
    basses = place_basses([chord.bass for chord in chords], floor)
    asked = [(chord.pitch_classes, bass, center, openness, n_upper) for chord, bass in zip(chords, basses, strict=True)]
    options = [voicing_options(*one) for one in asked]
    arrived = options[0][1]
    came_from: list[NDArray[np.intp]] = []
    for place in range(1, len(chords)):
        own_cost = options[place][1]
        total = arrived[:, np.newaxis] + _move_cost_between(asked[place - 1], asked[place])  # (before, after)
        best = total.argmin(axis=0)
        came_from.append(best)
        arrived = total[best, np.arange(len(best))] + own_cost
    choice = int(arrived.argmin())
    chosen = [choice]
    for best in reversed(came_from):
        chosen.append(int(best[chosen[-1]]))
    return tuple(
        Voicing(bass, tuple(voicings[index].tolist()))
        for bass, (voicings, _), index in zip(basses, options, reversed(chosen), strict=True)
    )


def place_basses(bass_pitch_classes: Sequence[int], floor: int = FLOOR) -> list[int]:
    """Put all basses into the one octave near `floor` in which they leap least."""
    lows = range(floor, floor + FLOOR_SLACK)
    lines = [[low + (pc - low) % 12 for pc in bass_pitch_classes] for low in lows]
    return min(lines, key=lambda line: (sum(abs(b - a) for a, b in pairwise(line)), line))


@lru_cache(maxsize=8192)
def voicing_options(
    pitch_classes: tuple[int, ...], bass: int, center: int, openness: int, n_upper: int
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """All allowed upper voices of a chord over a bass, and what each costs by itself.

    Returns
    -------
    voicings, shape (n, n_upper), ascending pitches; costs, shape (n,).
    """
    for reach in (9, 11, 13, 16, 20, 24):
        low, high = max(center - reach, LOWEST_UPPER, bass + 3), min(center + reach, HIGHEST_UPPER)
        pool = [pitch for pitch in range(low, high + 1) if pitch % 12 in pitch_classes]
        found = [voices for voices in combinations(pool, n_upper) if _is_allowed(voices, pitch_classes, bass)]
        if found:
            break
    else:  # every chord has all its tones within an octave above any bass, so the widest reach finds one
        raise AssertionError(f"no voicing of {pitch_classes} over {bass} around {center}")
    voicings = np.array(found, dtype=np.int16)
    return voicings, _own_costs(voicings, pitch_classes, bass, center, openness)


def _is_allowed(voices: tuple[int, ...], pitch_classes: tuple[int, ...], bass: int) -> bool:
    """Whether the voices complete the chord, are no cluster, and lie wide enough below C3."""
    sounding = {pitch % 12 for pitch in voices} | {bass % 12}
    if not needed_tones(pitch_classes, bass % 12, len(voices)) <= sounding:
        return False
    lowest_gap = voices[0] - bass
    gaps = [b - a for a, b in pairwise(voices)]
    below_c3 = [gap for low, gap in zip((bass, *voices), (lowest_gap, *gaps), strict=False) if low < C3]
    return min(below_c3, default=12) >= 5 and max(gaps) <= 12 and gaps[-1] > 1 and lowest_gap <= 24


def needed_tones(pitch_classes: tuple[int, ...], bass: int, n_upper: int) -> set[int]:
    """Tones that must sound. Where voices are too few a perfect fifth goes first, then the root, then the last color."""
    needed = set(pitch_classes)
    for spare in ((pitch_classes[0] + 7) % 12, pitch_classes[0], pitch_classes[-1]):
        if len(needed - {bass}) > n_upper or (len(needed) == 5 and spare != pitch_classes[0]):
            needed.discard(spare)
    return needed


def _own_costs(
    voicings: NDArray[np.int16], pitch_classes: tuple[int, ...], bass: int, center: int, openness: int
) -> NDArray[np.float64]:
    """Cost of register, span, doubled thirds, missing tones and close semitones, shape (n,)."""
    n_upper = voicings.shape[1]
    span = voicings[:, -1] - voicings[:, 0]
    gaps = np.diff(voicings, axis=1)
    third = [pc for pc in pitch_classes if (pc - pitch_classes[0]) % 12 in (3, 4)]
    sounding = np.concatenate([voicings, np.full((len(voicings), 1), bass)], axis=1) % 12
    doubled = np.maximum(np.isin(sounding, third).sum(axis=1) - 1, 0)
    missing = len(set(pitch_classes)) - np.array([len(set(row) & set(pitch_classes)) for row in sounding.tolist()])
    costs = 0.35 * np.abs(voicings.mean(axis=1) - center) + 0.2 * np.abs(span - _SPAN[n_upper - 2][openness])
    return np.asarray(costs + 0.7 * doubled + 0.6 * missing + 0.8 * (gaps == 1).sum(axis=1), dtype=np.float64)


@lru_cache(maxsize=8192)
def _move_cost_between(before: _Asked, after: _Asked) -> NDArray[np.float64]:
    """`move_cost` of all voicings of two chords; the same changes return in many candidates."""
    return move_cost(voicing_options(*before)[0], voicing_options(*after)[0], before[1], after[1])


def move_cost(
    before: NDArray[np.int16], after: NDArray[np.int16], bass_before: int, bass_after: int
) -> NDArray[np.float64]:
    """Cost of going from each voicing to each other, shape (n_before, n_after).

    Mean movement of the upper voices in semitones, plus: a top leap over a fourth, octaves or fifths in parallel with
    the bass, a chord that changes under voices that all stay.
    """
    moves = np.abs(before[:, np.newaxis, :] - after[np.newaxis, :, :])  # (before, after, voice)
    cost = moves.mean(axis=2) + _LEAP_COST * np.maximum(moves[:, :, -1] - TOP_LEAP, 0)
    bass_moves = bass_after != bass_before
    if bass_moves:
        over_before, over_after = (before[:, -1] - bass_before) % 12, (after[:, -1] - bass_after) % 12
        same = (over_before[:, np.newaxis] == over_after[np.newaxis, :]) & (moves[:, :, -1] > 0)
        cost = cost + _PARALLEL_COST * (same & ((over_after == 0) | (over_after == 7))[np.newaxis, :])
        cost = cost + _STILL_COST * (moves.sum(axis=2) == 0)
    return np.asarray(cost, dtype=np.float64)


def paired_motion(before: Voicing, after: Voicing) -> float:
    """Mean movement of the upper voices in semitones, paired one to one."""
    pairs = zip(before.upper, after.upper, strict=True)
    return sum(abs(b - a) for a, b in pairs) / len(before.upper)
