import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.lyrics import STAGE, NoMelodyError, candidate_text, fit_words, genome_of_text, sing
from whitelight.composition.lyrics.fitting import NoSuchStanzaError, read_stanzas
from whitelight.music import Notes

TEXT = """\
The lamp is turning slow
And over the water it
Remembers where you go
Tonight

A letter from below
"""


@pytest.fixture(scope="module")
def context(sung):
    return sung()


def test_every_line_says_how_it_fits(context):
    fit = fit_words(TEXT, context.notes_of("melody"), context)
    assert [(line.stanza, line.phrase, line.n_syllables, line.n_notes) for line in fit.lines] == [
        (0, 0, 6, 6),
        (0, 1, 7, 6),
        (0, 2, 6, 6),
        (0, 3, 2, 6),
        (1, 0, 6, 6),
    ]
    assert [line.advice for line in fit.lines[1:4:2]] == ["1 syllable more than notes", "4 syllables fewer than notes"]
    assert (fit.n_stanzas, fit.n_phrases) == (2, 4)
    assert 0.5 < fit.syllables < 1.0


def test_wrong_stress_is_named(sung):
    melody = sung([(0, 2, 60), (2, 2, 60), (4, 2, 60), (6, 2, 60), (8, 8, 60)])
    good, bad = (
        fit_words(text, melody.notes_of("melody"), melody) for text in ("Remember me now", "Kitchen table low")
    )
    assert bad.lines[0].fits
    assert "Remember" in fit_words("Oh remember me", melody.notes_of("melody"), melody).lines[0].wrong_stress or good
    wrong = fit_words("The kitchen table", melody.notes_of("melody"), melody).lines[0]
    assert wrong.wrong_stress == ("kitchen", "table")
    assert "stress falls on the wrong syllable" in wrong.advice


def test_a_line_too_many_has_no_phrase(context):
    fit = fit_words("\n".join(["The lamp is turning slow"] * 6), context.notes_of("melody"), context)
    assert [line.phrase for line in fit.lines] == [0, 1, 2, 3, -1, -1]
    assert "no phrase" in fit.lines[-1].advice


def test_each_stanza_is_sung_over_the_same_notes(context):
    melody = context.notes_of("melody")
    first, second = (sing(TEXT, melody, context, stanza=k) for k in (0, 1))
    assert np.array_equal(first.notes.onset_tick, second.notes.onset_tick)
    assert [event.text for event in second.lyrics] == ["A", "let-", "ter", "from", "be-", "low"]
    with pytest.raises(NoSuchStanzaError, match="stanza 3 asked for, the words have 2"):
        sing(TEXT, melody, context, stanza=2)


def test_two_syllables_on_one_note_are_one_event(context):
    voice = sing("And over and over the water", context.notes_of("melody"), context)
    assert len(voice.lyrics) == 6
    assert "".join(event.text for event in voice.lyrics).replace("-", "").replace(" ", "") == "Andoverandoverthewater"


def test_nothing_to_sing(sung):
    empty = sung([])
    assert fit_words(TEXT, Notes.empty(), empty).n_phrases == 0
    with pytest.raises(NoMelodyError, match="approve a melody first"):
        sing(TEXT, Notes.empty(), empty)


def test_words_of_a_person_begin_a_search(context):
    genome = genome_of_text("The lamp is turning slow\nA stranger at the door\nAnd out across the snow", context)
    assert genome.plan == (0, -1, 0, -1)
    craft = STAGE.craft(context, None)
    assert craft.play(genome).lyrics.splitlines()[1] == "A stranger at the door"
    rng = np.random.default_rng(0)
    child = craft.cross(genome, craft.compose(rng), rng)
    craft.play(craft.mutate(child, rng))


def test_a_draft_reads_back_as_it_is(context):
    craft = STAGE.craft(context, None)
    for seed in range(10):
        genome = craft.compose(np.random.default_rng(seed))
        text = candidate_text(genome)
        fit = fit_words(text, context.notes_of("melody"), context)
        assert [[line.text for line in stanza if line.words] for stanza in map(fit.stanza, range(fit.n_stanzas))] == [
            [line.text for line in stanza if line.words] for stanza in genome.stanzas
        ]
        assert [line.notes for line in fit.stanza(0)] == [line.notes for line in genome.stanzas[0]]


@given(st.text(alphabet=st.sampled_from("aeoutrhsn'’-‑ \n—,.!?“”éßжд日🌊0A"), max_size=120))
def test_any_text_is_fitted_and_sung(context, text):
    melody = context.notes_of("melody")
    fit = fit_words(text, melody, context)
    assert 0.0 <= fit.syllables <= 1.0
    assert len(fit.lines) == sum(map(len, read_stanzas(text)))
    onsets = set(melody.onset_tick.tolist())
    for k in range(fit.n_stanzas):
        voice = sing(text, melody, context, stanza=k)
        assert {event.tick for event in voice.lyrics} <= onsets
        assert all(event.text.strip() for event in voice.lyrics)


@pytest.mark.slow
def test_it_keeps_up_with_typing(context):
    melody = context.notes_of("melody")
    lines = [f"The {word} lamp is turning slow" for word in ["a", "b", "c", "d", "e", "f", "g", "h"]]
    start = time.perf_counter()
    for k in range(20):
        fit_words("\n".join([*lines, "x" * k]), melody, context)
    assert (time.perf_counter() - start) / 20 < 0.05  # 20 ms on a free machine
