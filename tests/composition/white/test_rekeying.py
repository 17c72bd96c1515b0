"""Degree to degree: the same tune in another mode, in the same register."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.white import rekey_pitch
from whitelight.composition.white.rekeying import rekey_table, tonic_shift
from whitelight.music import SCALES, Key

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@pytest.mark.parametrize(
    ("source", "target", "pitches", "expected"),
    [
        ("C major", "D dorian", (60, 62, 64, 65, 67, 69, 71), (62, 64, 65, 67, 69, 71, 72)),
        ("C major", "C minor", (64, 69, 71), (63, 68, 70)),
        ("A minor", "C major", (57, 60, 67), (60, 64, 71)),
        ("C minor", "C major", (71,), (71,)),  # a raised leading tone still leads
        ("C major", "C minor", (63, 66), (63, 66)),  # a lowered third stays one, so does a raised fourth
        ("C major", "B major", (60,), (59,)),  # to the nearest tonic
        ("C major", "F# major", (60,), (54,)),
    ],
)
def test_known_cases(source: str, target: str, pitches: tuple[int, ...], expected: tuple[int, ...]) -> None:
    found = tuple(rekey_pitch(pitch, Key.parse(source), Key.parse(target)) for pitch in pitches)
    assert found == expected


@given(KEYS, KEYS, st.integers(12, 115))
def test_degrees_are_kept_and_the_register_too(source: Key, target: Key, pitch: int) -> None:
    moved = rekey_pitch(pitch, source, target)
    assert abs(moved - pitch) <= 7
    if pitch % 12 in source.scale_pitch_classes:
        degree = source.scale_pitch_classes.index(pitch % 12)
        assert moved % 12 == target.scale_pitch_classes[degree]
    else:
        assert (moved - target.tonic) % 12 == (pitch - source.tonic) % 12
    assert rekey_pitch(pitch, source, source) == pitch


@given(KEYS, KEYS)
def test_the_scale_stays_in_order_and_midi_is_not_left(source: Key, target: Key) -> None:
    table = rekey_table(source, target)
    assert min(table) >= 0
    assert max(table) <= 127
    scale = [p for p in range(12, 115) if p % 12 in source.scale_pitch_classes]
    assert all(table[low] < table[high] for low, high in pairwise(scale))
    assert -6 <= tonic_shift(source, target) <= 5
