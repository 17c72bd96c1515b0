import itertools

import pytest

from whitelight.composition.melody.chord_scales import chord_scale
from whitelight.composition.sounding import sounding
from whitelight.music import SCALES, Key, read_symbol


@pytest.mark.parametrize(
    ("key", "symbol", "scale"),
    [
        ("C major", "Am", (0, 2, 4, 5, 7, 9, 11)),
        ("C major", "E7", (0, 2, 4, 5, 8, 9, 11)),  # G# for G
        ("C major", "Fm", (0, 2, 4, 5, 7, 8, 11)),  # Ab for A
        ("C major", "Bb", (0, 2, 4, 5, 7, 9, 10)),  # Bb for B
        ("C major", "D7", (0, 2, 4, 6, 7, 9, 11)),  # F# for F
        ("A minor", "E7", (0, 2, 3, 5, 7, 8, 11)),  # G# for G
        ("A minor", "A", (0, 2, 4, 5, 7, 8, 10)),
        ("C major", "Ab", (0, 2, 3, 5, 7, 8, 11)),  # Ab and Eb
    ],
)
def test_a_borrowed_tone_takes_the_place_of_its_degree(key, symbol, scale) -> None:
    assert chord_scale(Key.parse(key), sounding(read_symbol(symbol), 0, 16)) == scale


@pytest.mark.parametrize("name", sorted(SCALES))
def test_degrees_rise_over_any_chord(name) -> None:
    key = Key(2, name)
    for root in ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"):
        for quality in ("", "m", "7", "maj7", "dim", "m7b5", "aug"):
            degrees = chord_scale(key, sounding(read_symbol(root + quality), 0, 16))
            assert len(degrees) == 7
            assert all(a < b for a, b in itertools.pairwise(degrees))
            assert degrees[-1] - degrees[0] < 12
