"""Labels of texts: what they must hold for any text, and what they say of plain ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.dataset.rebracketing import MEASURES, label_text, type_names

WORDS = st.sampled_from(
    ["I", "don’t", "remember", "the", "door", "yesterday", "maybe", "ﬁction", "re-bracketed", ",", ".", "?", "—", "’till", "\n", "Déjà", "vu", "it’s", "😀"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map(" ".join))


@given(TEXTS)
@settings(deadline=None, max_examples=200)
def test_any_text(text: str) -> None:
    labels = label_text(text)
    assert labels == label_text(text)
    assert set(labels.types) == {item.type for item in labels.evidence}
    assert list(labels.types) == sorted(labels.types, key=type_names().index)
    values = [getattr(labels, name) for name in MEASURES]
    assert all(value is None for value in values) or all(0 <= value <= 1 for value in values)
    for item in labels.evidence:
        assert 0 <= item.start < item.end <= len(text)
        assert text[item.start : item.end] == text[item.start : item.end].strip()


@pytest.mark.parametrize("text", ["", "  \n", "…", "?!", "—"])
def test_text_without_words_has_no_measures(text: str) -> None:
    labels = label_text(text)
    assert labels.types == ()
    assert labels.evidence == ()
    assert all(getattr(labels, name) is None for name in MEASURES)
