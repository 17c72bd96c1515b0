import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.lyrics.words import Kind, sung_word, tokens


@pytest.mark.parametrize(
    ("word", "syllables", "strong"),
    [
        ("kitchen", ("kit", "chen"), 0),
        ("again", ("a", "gain"), 1),
        ("remember", ("re", "mem", "ber"), 1),
        ("fire", ("fire",), 0),
        ("half-light", ("half-", "light"), 0),
        ("didn't", ("did", "n't"), 0),
        ("machine", ("ma", "chine"), 1),
    ],
)
def test_syllables_and_stress(word, syllables, strong):
    found = sung_word(word)
    assert (found.syllables, found.strong) == (syllables, strong)


def test_function_words_are_weaker_than_content():
    assert [sung_word(word).kinds for word in ("the", "moon")] == [(Kind.FUNCTION,), (Kind.CONTENT,)]


def test_tokens_keep_apostrophes_and_hyphens():
    assert tokens("I’m ’round the half-light, *“Fall back!”* — dancin' 'til 3") == [
        "I'm", "'round", "the", "half-light", "Fall", "back", "dancin'", "'til", "3",
    ]  # fmt: skip


@given(st.text(max_size=30))
def test_syllables_are_the_letters_of_the_word(text):
    for token in tokens(text):
        word = sung_word(token)
        assert "".join(word.syllables) == token
        assert len(word.syllables) == len(word.kinds) >= 1
