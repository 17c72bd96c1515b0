"""Prosody: syllables and stress as sung, rhyme and repetition found, nothing of it by meaning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.encoders import make_encoder
from whitelight.encoders.prosody import ProsodyEncoder, measure, measure_names
from whitelight.encoders.syllables import scan_word

COUPLETS = "I walk along the silver night\nand every window holds a light\nthe river carries down the stone\nand I am walking home alone"
PROSE = "Somebody left.\nThe telephone is quiet, quite\nempty\nunimaginable distances between two ordinary rooms"


@pytest.mark.parametrize(
    ("word", "pattern"),
    [
        ("night", "S"),
        ("the", "w"),
        ("table", "Sw"),
        ("believe", "wS"),
        ("again", "wS"),
        ("beautiful", "Sww"),
        ("creation", "wSw"),
        ("imagination", "wwwSw"),
        ("electricity", "wwSww"),
        ("loved", "S"),
        ("wanted", "Sw"),
        ("roses", "Sw"),
        ("radio", "Sww"),
    ],
)
def test_syllables_and_stress(word: str, pattern: str) -> None:
    assert "".join("S" if strong else "w" for strong in scan_word(word).stresses) == pattern


def test_rhymes_are_heard_not_spelled() -> None:
    rime = lambda word: scan_word(word).rime  # noqa: E731  six uses
    assert rime("night") == rime("write") == rime("bite")
    assert rime("day") == rime("they")
    assert rime("night") != rime("stone")


def test_verse_and_prose_are_told_apart() -> None:
    verse, prose = measure(COUPLETS), measure(PROSE)
    assert verse["rhyme with the last line"] == pytest.approx(2 / 3)
    assert prose["rhyme with the last line"] == 0
    assert verse["syllables per line, spread"] < prose["syllables per line, spread"]
    assert verse["iambic"] > 0.8 > verse["trochaic"]
    assert prose["words of 4 syllables"] > 0
    chorus = measure("oh the rain\noh the rain\noh the rain")
    assert chorus["lines said before"] == pytest.approx(2 / 3)
    assert chorus["lines that begin like the last"] == 1


def test_it_is_an_encoder_of_the_registry() -> None:
    encoder = make_encoder("prosody")
    assert isinstance(encoder, ProsodyEncoder)
    assert encoder.modality == "text"
    found = encoder.encode([COUPLETS, "", "…"])
    assert found.shape == (3, len(measure_names()))
    assert (found[1:] == 0).all()
    assert ProsodyEncoder("de_DE").fingerprint() != encoder.fingerprint()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_gives_finite_numbers_under_the_same_names(text: str) -> None:
    found = measure(text)
    assert not found or tuple(found) == measure_names()
    assert np.isfinite(list(found.values())).all()
