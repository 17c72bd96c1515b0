from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from whitelight.composition.chords.playing import FLOOR_RANGE, UPPER_RANGE, clip_center
from whitelight.composition.chords.vocabulary import QUALITIES
from whitelight.composition.chords.voicing import (
    ChordTones,
    Voicing,
    move_cost,
    needed_tones,
    paired_motion,
    place_basses,
    voice_progression,
    voicing_options,
)


def tones(root: int, quality: str, inversion: int = 0) -> ChordTones:
    classes = tuple((root + interval) % 12 for interval in QUALITIES[quality])
    return ChordTones(classes, classes[inversion])


chords = st.builds(
    lambda root, quality, inversion: tones(root, quality, inversion % min(len(QUALITIES[quality]), 4)),
    st.integers(0, 11),
    st.sampled_from(sorted(QUALITIES)),
    st.integers(0, 3),
)
voicing_style = {
    "center": st.integers(40, 90),
    "openness": st.integers(0, 2),
    "n_upper": st.integers(*UPPER_RANGE),
    "floor": st.integers(*FLOOR_RANGE),
}


@settings(max_examples=60, deadline=None)
@given(progression=st.lists(chords, min_size=1, max_size=7), **voicing_style)
def test_every_voicing_keeps_the_rules(progression, center, openness, n_upper, floor):
    center = clip_center(center, floor)
    voiced = voice_progression(progression, center=center, openness=openness, n_upper=n_upper, floor=floor)
    basses = [voicing.bass for voicing in voiced]
    assert max(basses) - min(basses) <= 11
    for chord, voicing in zip(progression, voiced, strict=True):
        assert voicing.bass % 12 == chord.bass
        assert list(voicing.pitches) == sorted(set(voicing.pitches))
        sounding = {pitch % 12 for pitch in voicing.pitches}
        assert needed_tones(chord.pitch_classes, chord.bass, n_upper) <= sounding <= set(chord.pitch_classes)
        for low, high in zip(voicing.pitches, voicing.pitches[1:], strict=False):
            assert high - low >= (5 if low < 48 else 1)
        assert floor <= voicing.bass <= floor + 16
        assert voicing.upper[-1] <= 88


def test_the_progression_found_is_the_best_of_all():
    progression = [tones(0, "maj"), tones(9, "min"), tones(5, "maj7"), tones(7, "7")]
    style = {"center": 62, "openness": 0, "n_upper": 3}
    voiced = voice_progression(progression, **style)
    basses = place_basses([chord.bass for chord in progression])
    options = [voicing_options(c.pitch_classes, b, 62, 0, 3) for c, b in zip(progression, basses, strict=True)]
    moves = [move_cost(options[i][0], options[i + 1][0], basses[i], basses[i + 1]) for i in range(len(progression) - 1)]

    def cost(choice):
        own = sum(options[i][1][index] for i, index in enumerate(choice))
        own -= options[0][1][choice[0]] - options[0][1][choice[0]]
        return own + sum(moves[i][choice[i], choice[i + 1]] for i in range(len(moves)))

    best = min(product(*(range(len(o[1])) for o in options)), key=cost)
    assert [v.upper for v in voiced] == [tuple(o[0][i].tolist()) for o, i in zip(options, best, strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    before=st.lists(st.integers(48, 80), min_size=4, max_size=4, unique=True).map(sorted),
    after=st.lists(st.integers(48, 80), min_size=4, max_size=4, unique=True).map(sorted),
)
def test_pairing_in_order_is_an_optimal_assignment(before, after):
    distance = np.abs(np.subtract.outer(before, after))
    rows, columns = linear_sum_assignment(distance)
    motion = paired_motion(Voicing(40, tuple(before)), Voicing(40, tuple(after)))
    assert motion == pytest.approx(distance[rows, columns].mean())


def test_nearest_note_sums_would_be_smaller_and_wrong():
    before, after = Voicing(40, (60, 64, 67)), Voicing(40, (60, 61, 62))
    nearest = sum(min(abs(b - a) for a in after.upper) for b in before.upper) / 3
    assert paired_motion(before, after) > nearest


def test_pop_cadence_moves_about_as_pianists_do():
    progression = [tones(0, "maj"), tones(9, "min"), tones(5, "maj"), tones(7, "maj"), tones(0, "maj")]
    voiced = voice_progression(progression, center=62, openness=0, n_upper=3)
    motions = [paired_motion(a, b) for a, b in pairwise(voiced)]
    assert np.mean(motions) <= 2.0
    assert all(abs(a.upper[-1] - b.upper[-1]) <= 5 for a, b in pairwise(voiced))


def test_ninths_drop_the_fifth_and_then_the_root():
    assert needed_tones((0, 4, 7, 10, 2), 0, 4) == {0, 4, 10, 2}
    assert needed_tones((2, 5, 9, 0, 4), 9, 3) == {5, 0, 4}
    assert needed_tones((0, 4, 7), 0, 3) == {0, 4, 7}
