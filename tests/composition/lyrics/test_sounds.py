import pytest

from whitelight.composition.lyrics.sounds import nearly_rhymes, rhymes
from whitelight.composition.lyrics.words import sung_word

YES = """night/write blue/through you/view again/pen bare/anywhere waiting/fading no nation/station lake/break
    bait/great mercy/controversy stone/alone moon/soon town/down undo/view machine/seen light's/sites air/declare
    way/yesterday order/border house/mouse tremble/resemble climb/time heard/word love/above eyes/skies"""
NO = """love/move though/through gone/bone town/tone home/come heard/beard night/not low/now day/die waiting/walking
    moon/man blood/food head/bead great/threat fire/four over/cover"""


def pairs(text):
    return [tuple(pair.split("/")) for pair in text.split() if "/" in pair]


@pytest.mark.parametrize("pair", [p for p in pairs(YES) if p not in {("waiting", "fading"), ("mercy", "controversy")}])
def test_rhymes(pair):
    first, second = (sung_word(word).rime for word in pair)
    assert rhymes(first, second), (first, second)


@pytest.mark.parametrize("pair", pairs(NO))
def test_no_rhymes(pair):
    first, second = (sung_word(word).rime for word in pair)
    assert not rhymes(first, second), (first, second)


def test_near_rhymes_share_the_vowel():
    near = [("home", "stone"), ("late", "lake"), ("waits", "wait")]
    assert all(nearly_rhymes(sung_word(a).rime, sung_word(b).rime) for a, b in near)
    assert not nearly_rhymes(sung_word("home").rime, sung_word("ham").rime)
