"""Voices under and over a melody: which tone each voice of a pad or quartet has in every chord, found all at once.

The cheapest of all progressions is found exactly (Viterbi over the voicings of every chord). Written into the costs:
every voice in its range and in order (no crossing), at most an octave between neighboring upper voices, chord complete,
little motion, no parallel octaves or fifths (between the outer voices at almost any price), the leading tone rises,
sevenths fall, and nothing that is in the melody's way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.voicing import needed_tones
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key

REACHES = (7, 10, 16, 30)  # semitones around its wished place in which a voice looks for its tone; the first that works
MAX_OPTIONS = 40
TOP_LEAP = 5  # a fourth
C3 = 48  # below it, intervals under a fourth blur
WIDEST_GAP, WIDEST_BASS_GAP = 12, 19
_OUTER_PARALLEL_COST, _PARALLEL_COST = 60.0, 3.0
_TENDENCY_OUTER_COST, _TENDENCY_COST = 10.0, 5.0
_PERFECT = np.isin(np.arange(12), (0, 7))
_MISSING_COST, _DOUBLED_THIRD_COST, _DOUBLED_LEADING_COST = 3.0, 0.7, 3.0
_LEAP_COST, _OVERLAP_COST, _WAY_COST, _STILL_COST = 3.0, 0.6, 9.0, 0.4

Tendency = tuple[int, tuple[int, ...]]  # pitch class, and by how many semitones it may go on


@dataclass(frozen=True, slots=True)
class Desk:
    """One voice: what it can play and where it should lie.

    Attributes
    ----------
    low, high : MIDI pitches. wish : MIDI pitch around which it looks. tones : pitch classes it may take, () for all.
    """

    low: int
    high: int
    wish: int
    tones: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What one chord's voicing must be: everything its options depend on.

    Attributes
    ----------
    tones : pitch classes, root first. bass : pitch class that sounds below, or in the lowest voice.
    leading : pitch class that must not be doubled, −1 for none.
    """

    tones: tuple[int, ...]
    bass: int
    desks: tuple[Desk, ...]
    leading: int


def voice_chords(
    asked: Sequence[Asked], tendencies: Sequence[tuple[Tendency, ...]], ways: Sequence[NDArray[np.float64]]
) -> tuple[tuple[int, ...], ...]:
    """Voice a progression with the least total cost.

    Parameters
    ----------
    tendencies : per change, which tones of the chord before want to go where; one fewer than chords.
    ways : per chord, share of its time in which each pitch is in the way, shape (128,).

    Returns
    -------
    per chord the pitches of its voices, ascending.
    """
    options = [voicing_options(one) for one in asked]
    costs = [own + _WAY_COST * way[voices].sum(axis=1) for (voices, own), way in zip(options, ways, strict=True)]
    arrived, came_from = costs[0], list[NDArray[np.intp]]()
    for place in range(1, len(asked)):
        total = arrived[:, np.newaxis] + _move_costs(asked[place - 1], asked[place], tendencies[place - 1])
        best = total.argmin(axis=0)
        came_from.append(best)
        arrived = total[best, np.arange(len(best))] + costs[place]
    chosen = [int(arrived.argmin())]
    for best in reversed(came_from):
        chosen.append(int(best[chosen[-1]]))
    return tuple(
        tuple(int(p) for p in voices[index]) for (voices, _), index in zip(options, reversed(chosen), strict=True)
    )


def tendencies_of(before: SoundingChord, after: SoundingChord, key: Key) -> tuple[Tendency, ...]:
    """Tones of a chord that want to go on: its seventh down by step, the leading tone of a dominant up to the tonic."""
    found: list[Tendency] = []
    if (before.root, before.tones) == (after.root, after.tones):
        return ()
    for tone in before.tones:
        interval = (tone - before.root) % 12
        if interval in (10, 11) or (interval == 9 and (before.root + 6) % 12 in before.tones):
            if any((tone - step) % 12 in after.tones for step in (0, 1, 2)):
                found.append((tone, (0, -1, -2)))
        elif tone == leading_tone(before, key) and key.tonic in after.tones:
            found.append((tone, (0, 1)))
    return tuple(found)


def leading_tone(chord: SoundingChord, key: Key) -> int:
    """Pitch class a semitone below the tonic where the chord is a dominant that holds it, −1 elsewhere."""
    leading = (key.tonic - 1) % 12
    is_dominant = (chord.root - key.tonic) % 12 in (7, 11)
    return leading if is_dominant and leading in chord.tones else -1


@lru_cache(maxsize=4096)
def voicing_options(asked: Asked) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """The best voicings of a chord and what each costs by itself.

    Returns
    -------
    voicings, shape (n, n_voices), ascending pitches; costs, shape (n,); n is at most `MAX_OPTIONS`.
    """
    found = np.empty((0, len(asked.desks)), dtype=np.int16)
    for reach in REACHES:
        pools = [_pool(desk, asked.tones, reach) for desk in asked.desks]
        found = np.stack(np.meshgrid(*pools, indexing="ij"), axis=-1).reshape(-1, len(pools)).astype(np.int16)
        gaps = np.diff(found, axis=1)
        strictly = 0 if reach == REACHES[-1] else 1  # chords of one or two tones may meet in unisons at last
        found = found[(gaps >= strictly).all(axis=1)] if gaps.size else found
        if len(found):
            break
    costs = _own_costs(found, asked)
    best = np.argsort(costs, kind="stable")[:MAX_OPTIONS]
    return found[best], costs[best]


def _pool(desk: Desk, tones: tuple[int, ...], reach: int) -> list[int]:
    allowed = desk.tones or tones
    low, high = max(desk.low, desk.wish - reach), min(desk.high, desk.wish + reach)
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in allowed]


def _own_costs(voices: NDArray[np.int16], asked: Asked) -> NDArray[np.float64]:
    """Cost of place, spacing, missing and doubled tones, shape (n,)."""
    wishes = np.array([desk.wish for desk in asked.desks])
    cost = 0.12 * np.abs(voices - wishes).sum(axis=1) + 0.2 * np.abs(voices.mean(axis=1) - wishes.mean())
    classes = voices % 12
    needed = needed_tones(asked.tones, asked.bass, voices.shape[1]) - {asked.bass}
    for tone in sorted(needed):
        cost += _MISSING_COST * ~(classes == tone).any(axis=1)
    thirds = [tone for tone in asked.tones if (tone - asked.tones[0]) % 12 in (3, 4)]
    cost += _DOUBLED_THIRD_COST * np.maximum(_among(classes, thirds).sum(axis=1) - 1, 0)
    cost += _DOUBLED_LEADING_COST * np.maximum((classes == asked.leading).sum(axis=1) - 1, 0)
    if voices.shape[1] > 1:
        gaps = np.diff(voices, axis=1)
        cost += 2.0 * (gaps == 1).sum(axis=1) + 0.8 * (gaps == 13).sum(axis=1) + 2.0 * (gaps == 0).sum(axis=1)
        cost += 20.0 * (gaps[:, 1:] > WIDEST_GAP).sum(axis=1) + 4.0 * (gaps[:, 0] > WIDEST_BASS_GAP)
        cost += 4.0 * ((gaps < 5) & (voices[:, :-1] < C3)).sum(axis=1)
        cost += 2.0 * (np.ptp(voices, axis=1) % 12 == 1)
    return np.asarray(cost, dtype=np.float64)


@lru_cache(maxsize=2048)
def _move_costs(before: Asked, after: Asked, tendencies: tuple[Tendency, ...]) -> NDArray[np.float32]:
    """`move_costs` between the options of two chords; the same changes return in many candidates."""
    return move_costs(voicing_options(before)[0], voicing_options(after)[0], tendencies).astype(np.float32)


def move_costs(
    before: NDArray[np.int16], after: NDArray[np.int16], tendencies: Sequence[Tendency] = ()
) -> NDArray[np.float64]:
    """Cost of going from each voicing to each other, shape (n_before, n_after)."""
    moves = after[np.newaxis, :, :] - before[:, np.newaxis, :]  # (before, after, voice)
    size = np.abs(moves)
    n_voices = before.shape[1]
    way = size.sum(axis=2)
    cost = way / n_voices + _LEAP_COST * np.maximum(size[:, :, -1] - TOP_LEAP, 0) + _STILL_COST * (way == 0)
    if n_voices > 1:
        parallel = are_parallel(before, after, *_pairs(n_voices))
        prices = np.full(parallel.shape[2], _PARALLEL_COST)
        prices[n_voices - 2] = _OUTER_PARALLEL_COST  # the pairs of the lowest voice come first
        cost += parallel @ prices
        cost += _OVERLAP_COST * (after[np.newaxis, :, :-1] > before[:, np.newaxis, 1:]).sum(axis=2)
    for tone, steps in tendencies:
        weights = np.full(n_voices, _TENDENCY_COST)
        weights[[0, -1]] = _TENDENCY_OUTER_COST
        stays_away = np.logical_and.reduce([moves != step for step in steps])
        cost += (stays_away * ((before % 12 == tone) * weights)[:, np.newaxis, :]).sum(axis=2)
    return np.asarray(cost, dtype=np.float64)


def are_parallel(
    before: NDArray[np.int16], after: NDArray[np.int16], low: Sequence[int], high: Sequence[int]
) -> NDArray[np.bool_]:
    """Whether pairs of voices go from an octave or fifth to the same, both moving; shape (n_before, n_after, n_pairs)."""
    gap_before, gap_after = ((one[:, high] - one[:, low]) % 12 for one in (before, after))
    perfect = _PERFECT[gap_before][:, np.newaxis] & (gap_before[:, np.newaxis] == gap_after[np.newaxis])
    moving = before[:, np.newaxis] != after[np.newaxis]
    return np.asarray(perfect & moving[:, :, low] & moving[:, :, high])


@lru_cache(maxsize=8)
def _pairs(n_voices: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    low, high = zip(*combinations(range(n_voices), 2), strict=True)
    return low, high


def _among(classes: NDArray[np.int16], chosen: Sequence[int]) -> NDArray[np.bool_]:
    """Whether each pitch class is one of some."""
    table = np.zeros(12, dtype=np.bool_)
    table[list(chosen)] = True
    return table[classes]
