"""Voices: in order, complete, without parallels, with tones that go where they want to go."""

from itertools import pairwise

import numpy as np
import pytest

from whitelight.composition.harmony import STAGE
from whitelight.composition.harmony.genome import QUARTET
from whitelight.composition.harmony.rendering import voice
from whitelight.composition.harmony.surroundings import make_surroundings
from whitelight.composition.harmony.voicing import (
    MAX_OPTIONS,
    Asked,
    Desk,
    are_parallel,
    leading_tone,
    move_costs,
    tendencies_of,
    voice_chords,
    voicing_options,
)
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key

C_MAJOR = Key.parse("C major")
NO_WAY = np.zeros(128)
DESKS = (Desk(36, 62, 45), Desk(48, 76, 57), Desk(55, 83, 63), Desk(55, 88, 70))


def chord(symbol: str, root: int, *tones: int, start: int = 0) -> SoundingChord:
    return SoundingChord(start, 16, root, root, tones, symbol)


def quartets(context, n: int = 6) -> list[tuple[tuple[int, ...], ...]]:
    craft, rng = STAGE.craft(context, None), np.random.default_rng(1)
    found = [genome for genome in (craft.compose(rng) for _ in range(12 * n)) if genome.family == QUARTET][:n]
    return [voice(genome, make_surroundings(context)) for genome in found]


@pytest.mark.parametrize("key", ["C major", "D minor", "A harmonic minor", "E phrygian", "F lydian"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_quartet_keeps_the_rules(make_section, key: str, seed: int) -> None:
    context = make_section("4/4", key, melody=seed == 2, bass=False, seed=seed)
    asked = kept = 0
    for voicings in quartets(context):
        for chord_, pitches in zip(context.chords, voicings, strict=True):
            assert list(pitches) == sorted(set(pitches))  # no crossing, no unison
            assert all(b - a <= 12 for a, b in pairwise(pitches[1:]))
            assert pitches[0] % 12 == chord_.bass
            assert {p % 12 for p in pitches} <= set(chord_.tones)
        for a, b in pairwise(voicings):
            outer = are_parallel(np.array([a]), np.array([b]), (0,), (3,))
            assert not outer.any(), (a, b)
        for (one, other), (a, b) in zip(pairwise(context.chords), pairwise(voicings), strict=True):
            for tone, steps in tendencies_of(one, other, context.key):
                moves = [second - first for first, second in zip(a[1:], b[1:], strict=True) if first % 12 == tone]
                asked, kept = asked + len(moves), kept + sum(move in steps for move in moves)
    assert kept >= 0.9 * asked


def test_a_dominant_resolves() -> None:
    dominant, tonic = chord("G7", 7, 7, 11, 2, 5), chord("C", 0, 0, 4, 7, start=16)
    assert leading_tone(dominant, C_MAJOR) == 11
    assert leading_tone(chord("Em", 4, 4, 7, 11), C_MAJOR) == -1
    wants = tendencies_of(dominant, tonic, C_MAJOR)
    assert sorted(wants) == [(5, (0, -1, -2)), (11, (0, 1))]
    asked = [Asked(one.tones, one.root, DESKS, 11) for one in (dominant, tonic)]
    first, second = voice_chords(asked, [wants], [NO_WAY, NO_WAY])
    moves = {a % 12: b - a for a, b in zip(first[1:], second[1:], strict=True)}
    assert moves[11] == 1
    assert moves[5] == -1


def test_parallels_are_priced() -> None:
    before = np.array([[36, 52, 55, 60]], dtype=np.int16)  # an octave between the outer voices
    after = np.array([[38, 53, 57, 62], [38, 53, 57, 65], [36, 53, 57, 60]], dtype=np.int16)
    assert are_parallel(before, after, (0,), (3,))[0, :, 0].tolist() == [True, False, False]
    costs = move_costs(before, after)
    assert costs[0, 0] > costs[0, 1] + 50
    assert move_costs(before, after, ((0, (1,)),))[0, 2] > costs[0, 2]


def test_voices_avoid_what_is_in_the_way() -> None:
    asked = [Asked((0, 4, 7), 0, DESKS, -1)]
    way = np.zeros(128)
    free = voice_chords(asked, [], [way])[0]
    way[[free[3], free[2]]] = 1.0
    moved = voice_chords(asked, [], [way])[0]
    assert not {free[3], free[2]} & set(moved)


@pytest.mark.parametrize("tones", [(0,), (0, 7), (0, 1, 2, 3, 4, 5, 6, 7)])
def test_odd_chords_have_voicings(tones: tuple[int, ...]) -> None:
    voices, costs = voicing_options(Asked(tones, 0, DESKS, -1))
    assert 1 <= len(voices) == len(costs) <= MAX_OPTIONS
    assert (np.diff(voices, axis=1) >= 0).all()
    assert set((voices % 12).ravel().tolist()) <= set(tones)
