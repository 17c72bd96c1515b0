import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.lyrics import STAGE, LlmLyricist, LyricBrief, find_phrases, learn_words, with_offered
from whitelight.composition.lyrics.llm import prompt, read_answer

_spec = importlib.util.spec_from_file_location("fake_model", Path(__file__).with_name("test_chat.py"))
fake_model = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fake_model)

GOOD = [  # six notes a phrase
    {"phrase": 0, "lines": ["The lamp is turning slow", "Too long a line for such a little tune", "Too few"]},
    {"phrase": 1, "lines": ["And now the harbor lights will go", "A stranger waits below"]},
    {"phrase": 9, "lines": ["Nowhere to go tonight"]},
]


@pytest.fixture(scope="module")
def context(sung):
    return sung()


@pytest.fixture(scope="module")
def phrases(context):
    return find_phrases(context.notes_of("melody"), context)


def test_lines_that_fit_are_kept_and_the_rest_is_counted(phrases):
    lines, dropped = read_answer(f"Sure! Here you go:\n```json\n{json.dumps(GOOD)}\n```", phrases)
    assert [(line.phrase, line.text, line.is_mended) for line in lines] == [
        (0, "The lamp is turning slow", False),
        (1, "A stranger waits below", False),
    ]
    assert dropped == {"too many syllables": 2, "too few syllables": 1, "no such phrase": 1}


def test_one_syllable_too_many_is_mended(phrases):
    (line,), _ = read_answer('[{"phrase": 0, "lines": ["And so the lamp is out"]}]', phrases)
    assert line.n_syllables == 6
    (line,), _ = read_answer('[{"phrase": 0, "lines": ["But now a lamp is turning"]}]', phrases)
    assert (line.is_mended, line.n_syllables) == (True, 6)


def test_lines_of_the_corpus_are_not_taken(phrases, corpus):
    style = learn_words([*corpus, "the lamp is turning slow"])
    assert read_answer('[{"phrase": 0, "lines": ["The lamp is turning slow"]}]', phrases, style) == (
        (),
        {"copies a line of the corpus": 1},
    )


@given(st.one_of(st.text(max_size=60), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["phrase", "lines", "x"]), inner),
       max_leaves=12).map(json.dumps)))  # fmt: skip
def test_whatever_it_answers_is_read_or_dropped(phrases, text):
    lines, dropped = read_answer(text, phrases)
    assert lines or dropped
    assert all(line.n_syllables in (len(phrases[line.phrase]), len(phrases[line.phrase]) - 1) for line in lines)


def test_the_prompt_says_what_the_melody_wants(phrases):
    _, user = prompt(phrases, LyricBrief(title="Low\nTide", concept="the sea"), role="chorus", n=5)
    assert '"Low Tide"' in user["content"]
    assert "0: 6 syllables, stresses X" in user["content"]
    assert "5 different lines" in user["content"]


def test_offered_lines_are_sung(context, phrases):
    answer = fake_model.completion(json.dumps(GOOD), {"prompt_tokens": 90, "completion_tokens": 40})
    with fake_model.FakeModel(answer) as fake:
        found = LlmLyricist.at(fake.url, "tiny").propose(phrases, LyricBrief(title="Low Tide"), environment={})
    assert found.texts == ("The lamp is turning slow", "A stranger waits below")
    assert found.usage.prompt_tokens == 90
    brief = with_offered(LyricBrief(title="Low Tide"), found)
    craft = STAGE.craft(context, brief)
    rng = np.random.default_rng(0)
    texts = "\n".join(craft.play(craft.compose(rng)).lyrics for _ in range(25))
    assert "The lamp is turning slow" in texts
    assert "A stranger waits below" in texts


def test_an_answer_without_lines_leaves_the_songwriters_own(context, phrases):
    with fake_model.FakeModel(fake_model.completion("I cannot do that.")) as fake:
        found = LlmLyricist.at(fake.url, "tiny").propose(phrases, LyricBrief(), environment={})
    assert (found.texts, dict(found.dropped)) == ((), {"the answer holds no JSON lines": 1})
    assert STAGE.craft(context, with_offered(LyricBrief(), found)).compose(np.random.default_rng(0)).stanzas
