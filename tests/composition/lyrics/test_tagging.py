import pytest

from whitelight.composition.lyrics.agreement import agree, is_grammatical
from whitelight.composition.lyrics.tagging import ing_of, lexicon, past_of, plural_of, tag_line, third_person


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("I light the light", "SUBJ VERB DET NOUN"),
        ("they drown in the harbor", "SUBJ VERB PREP DET NOUN"),
        ("the lamps are turning slowly", "DET NOUNS BE ING ADV"),
        ("call for the understudy", "VERB PREP DET NOUN"),
        ("she walks with Johanna", "SUBJ VERBS PREP NAME"),
    ],
)
def test_words_are_what_their_line_makes_them(line, tags):
    assert tag_line(line.split()) == tuple(tags.split())


def test_forms_of_words():
    assert [plural_of(word) for word in ("city", "box", "lamp", "day")] == ["cities", "boxes", "lamps", "days"]
    assert [third_person(word) for word in ("go", "carry", "watch")] == ["goes", "carries", "watches"]
    assert [past_of(word) for word in ("stop", "carry", "love", "answer")] == [
        "stopped",
        "carried",
        "loved",
        "answered",
    ]
    assert [ing_of(word) for word in ("lie", "make", "see", "begin")] == ["lying", "making", "seeing", "beginning"]
    assert lexicon().verbs["break"] == ("breaks", "broke", "broken", "breaking")


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("she go", "she goes"),
        ("they was here", "they were here"),
        ("you is late", "you are late"),
        ("the lamp are low", "the lamp is low"),
        ("the lamps is low", "the lamps are low"),
        ("a hour", "an hour"),
        ("an lamp", "a lamp"),
        ("he don't know", "he doesn't know"),
    ],
)
def test_agreement_is_mended(line, mended):
    words = line.split()
    assert " ".join(agree(words, tag_line(words))) == mended


@pytest.mark.parametrize(
    "line", ["I think I hear the rain", "let them come in", "can you see the light", "I'm lost", "we have to go"]
)
def test_what_people_say_passes(line):
    assert is_grammatical(line.split(), tag_line(line.split()))


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("shoot the hero grows", "VERB DET NOUN VERBS"),
        ("she the lamp", "SUBJ DET NOUN"),
        ("to hard", "TO ADJ"),
        ("I'm need the score", "SUBJ VERB DET NOUN"),
        ("my of", "POSS PREP"),
        ("I've already stare", "SUBJ ADV VERB"),
        ("don't even the lamp", "MODAL ADV DET NOUN"),
    ],
)
def test_what_nobody_says_does_not(line, tags):
    assert not is_grammatical(line.split(), tags.split())
