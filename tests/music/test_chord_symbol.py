"""Chord symbols are read as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.music import Chord, InvalidChordError, read_symbol
from whitelight.music.chord import SHORTHANDS

NAMED = sorted(set(SHORTHANDS) - {"1"})  # a lone root is written as a chord without its other tones


@given(st.integers(0, 11), st.sampled_from(NAMED), st.sampled_from(["1", "3", "b3", "5", "b7", "2"]))
def test_what_symbol_writes_is_read_back(root: int, quality: str, bass: str) -> None:
    chord = Chord(root, quality, bass)
    again = read_symbol(chord.symbol())
    assert again.pitch_classes == chord.pitch_classes
    assert (again.root, again.bass_pitch_class, again.spelling) == (chord.root, chord.bass_pitch_class, chord.spelling)


@pytest.mark.parametrize(
    ("text", "harte"),
    [("Am", "A:min"), ("G7sus4", "G:sus4(b7)"), ("Cadd9", "C:maj(9)"), ("Bb", "Bb"), ("F#m7b5", "F#:hdim7"), ("Dsus", "D:sus4"), ("D/F#", "D/3")],
)  # fmt: skip
def test_symbols_of_song_books(text: str, harte: str) -> None:
    assert read_symbol(text).pitch_classes == Chord.parse(harte).pitch_classes


def test_no_chord() -> None:
    assert read_symbol("N.C.").is_none


@pytest.mark.parametrize("text", ["verse", "H", "Cxyz", "C/H", "Caddx", ""])
def test_other_words_are_no_chords(text: str) -> None:
    with pytest.raises(InvalidChordError, match="chord symbol"):
        read_symbol(text)
