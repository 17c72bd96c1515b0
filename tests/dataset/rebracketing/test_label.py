"""Labels of texts: what they must hold for any text, and what they say of plain ones."""

import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.catalog import read_catalog
from whitelight.dataset.rebracketing import MEASURES, Rebracketing, label_text, type_names
from whitelight.files import load_yaml

WORDS = st.sampled_from(
    ["I", "don’t", "remember", "the", "door", "yesterday", "maybe", "ﬁction", "re-bracketed", ",", ".", "?", "—", "’till", "\n", "Déjà", "vu", "it’s", "😀"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map(" ".join))
SENTENCES = load_yaml(Path(__file__).with_name("sentences.yml"))
LONG_ENOUGH = "I remember the door of the house where nobody told the truth.\n"


def values(labels: Rebracketing) -> list[float | None]:
    return [getattr(labels, name) for name in MEASURES]


def spans(text: str) -> list[str]:
    return [text[item.start : item.end] for item in label_text(text).evidence]


@given(TEXTS)
@settings(deadline=None, max_examples=200)
def test_any_text(text: str) -> None:
    labels = label_text(text)
    assert labels == label_text(text)
    assert set(labels.types) == {item.type for item in labels.evidence}
    assert list(labels.types) == sorted(labels.types, key=type_names().index)
    assert all(v is None for v in values(labels)) or all(0 <= v <= 1 for v in values(labels) if v is not None)
    places = [(item.start, item.end) for item in labels.evidence]
    assert places == sorted(places)
    for name in labels.types:
        own = [(item.start, item.end) for item in labels.evidence if item.type == name]
        assert all(one[1] <= other[0] for one, other in pairwise(own)), "evidence of a type overlaps"
    for start, end in places:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()


@pytest.mark.parametrize("text", ["", "  \n", "…", "?!", "—", "’"])
def test_text_without_words_has_no_measures(text: str) -> None:
    assert label_text(text) == Rebracketing()


def test_words_without_cues_measure_zero() -> None:
    labels = label_text("two plus two is four")
    assert labels.types == ()
    assert values(labels) == [0.0] * 6


def test_one_word() -> None:
    labels = label_text("forgotten")
    assert labels.types == ("memory",)
    assert labels.coverage == 1.0
    assert labels.intensity == pytest.approx(2 / (8 * 0.6))  # it counts as a text of eight words


@pytest.mark.parametrize(("text", "types"), SENTENCES.items())
def test_sentences(text: str, types: list[str]) -> None:
    assert list(label_text(text).types) == types


def test_evidence_is_the_text_as_given() -> None:
    assert spans("  Mémoire? I’ve FORGOTTEN — the re-membered ﬁction") == ["FORGOTTEN", "ﬁction"]
    assert "used\xa0to" in spans("I used\xa0to know, then\nlost  track of it")
    assert "lost  track" in spans("I used\xa0to know, then\nlost  track of it")


def test_ties_keep_both_types() -> None:
    assert label_text("the door before the window after").types == ("spatial", "temporal")


def test_little_evidence_beside_much_is_no_type() -> None:
    assert label_text("fear and joy and sorrow and love, here").types == ("experiential",)


@given(st.lists(WORDS, min_size=1, max_size=30).map(" ".join))
@settings(deadline=None, max_examples=100)
def test_spelling_of_signs_does_not_matter(text: str) -> None:
    labels = label_text(text)
    for other in (text.replace("’", "'"), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        assert label_text(other).types == labels.types
        assert values(label_text(other)) == values(labels)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in text)
    assert label_text(wide).types == labels.types
    assert values(label_text(text.upper())) == values(labels)


@given(st.lists(WORDS, min_size=1, max_size=30).map(" ".join), st.integers(2, 5))
@settings(deadline=None, max_examples=100)
def test_a_repeated_text_keeps_its_measures(text: str, n: int) -> None:
    whole = LONG_ENOUGH + text + ".\n"
    assert values(label_text(whole * n)) == pytest.approx(values(label_text(whole)))
    assert set(label_text(whole).types) <= set(label_text(whole * n).types)


@pytest.mark.parametrize(
    ("measure", "high", "low"),
    [
        ("intensity", "terror and despair in an unreal labyrinth of dreams", "the committee approved the new budget of the old school"),
        ("coverage", "here and now we see and remember", "we ate bread and soup and beans and rice, then left"),
        ("boundary_fluidity", "day melts into night, the walls dissolve and become water", "day follows night and every wall stands"),
        ("temporal_complexity", "we had gone before she came, and we will wait until it is again", "we eat and we sing and we go and we sing"),
        ("temporal_complexity", "she was a child and she will be a queen", "she was a child and she was a queen"),
        ("ontological_uncertainty", "maybe it was a dream, or did it seem so?", "it was a house, certainly and of course"),
        ("ontological_uncertainty", "I don't know and I don't understand", "I know and I understand"),
        ("memory_discrepancy", "I misremembered the color, it was not there", "I saw the color and I liked it"),
        ("memory_discrepancy", "I cannot recall it, I don't remember", "they could not forget it"),
    ],
)  # fmt: skip
def test_measures_tell_apart(measure: str, high: str, low: str) -> None:
    assert getattr(label_text(high), measure) > getattr(label_text(low), measure) + 0.1


def test_negation_ends_at_a_stop() -> None:
    near, far = label_text("I do not know it, not at all, sir"), label_text("I do not, know it, sir, at all, sir")
    assert near.ontological_uncertainty > 0 == far.ontological_uncertainty


def test_real_texts(shared_data: Path) -> None:
    catalog = read_catalog(shared_data / "earthlyframes")
    concepts = [label_text(song.concept) for song in catalog.songs if song.concept]
    lines = [label_text(line.text) for song in catalog.songs for line in song.lyric_lines]
    assert np.mean([bool(x.types) for x in concepts]) > 0.95
    assert np.mean([bool(x.types) for x in lines]) > 0.7
    for labels in (concepts, lines):
        table = np.array([values(x) for x in labels], float)
        assert (table.std(axis=0) > 0.05).all(), "a measure does not spread"
        correlations = np.abs(np.corrcoef(table.T) - np.eye(len(MEASURES)))
        assert correlations.max() < 0.9, "a measure repeats another"


def test_speed() -> None:
    lines = [f"I don't remember the door, {i} times it seemed to open" for i in range(2000)]
    started = time.process_time()
    for line in lines:
        label_text(line)
    assert time.process_time() - started < 1.0
