from itertools import pairwise

import numpy as np
import pytest

from whitelight.composition.lyrics import find_phrases
from whitelight.composition.lyrics.phrases import MAX_SYLLABLES
from whitelight.composition.lyrics.rhyming import FREE, draw_plan
from whitelight.music import Notes


def sizes(context):
    return [len(phrase) for phrase in find_phrases(context.notes_of("melody"), context)]


def test_a_quarter_of_rest_ends_a_phrase(sung):
    assert sizes(sung([(0, 4, 60), (4, 4, 62), (12, 4, 64), (16, 4, 65)])) == [2, 2]
    assert sizes(sung([(0, 4, 60), (4, 4, 62), (11, 4, 64), (15, 4, 65)])) == [4]


def test_a_long_held_note_ends_one_too(sung):
    rows = [(0, 2, 60), (2, 2, 60), (4, 2, 62), (6, 10, 60), (16, 2, 60), (18, 2, 60), (20, 2, 60)]
    assert sizes(sung(rows)) == [4, 3]
    slow = [(0, 8, 60), (8, 8, 60), (16, 8, 62), (24, 8, 60)]  # two quarters apart everywhere: no gap stands out
    assert sizes(sung(slow)) == [4]


def test_what_is_longer_than_a_breath_is_cut_at_its_longest_note(sung):
    rows = [(2 * k, 2, 60 + k % 5) for k in range(9)] + [(18 + 5 + 2 * k, 2, 60) for k in range(9)]
    rows[8] = (16, 7, 60)
    assert sizes(sung(rows)) == [9, 9]
    assert max(sizes(sung([(k, 1, 60) for k in range(120)]))) <= MAX_SYLLABLES


def test_of_notes_struck_together_the_highest_is_sung(sung):
    context = sung()
    notes = Notes.from_rows([(0, 480, 60, 80), (0, 480, 67, 80), (480, 480, 62, 80)])
    (phrase,) = find_phrases(notes, context)
    assert [note.pitch for note in phrase.notes] == [67, 62]


def test_a_note_that_holds_into_the_bar_counts_as_its_downbeat(sung):
    (phrase,) = find_phrases(sung([(12, 2, 60), (14, 6, 64)]).notes_of("melody"), sung())
    assert [(note.own_weight, note.weight) for note in phrase.notes] == [(2, 2), (0, 4)]


def test_no_notes_no_phrases(sung):
    assert find_phrases(Notes.empty(), sung()) == ()


@pytest.mark.parametrize("n_lines", range(1, 13))
def test_rhymes_are_at_distance_one_or_two_and_about_half(n_lines):
    rng = np.random.default_rng(n_lines)
    plans = [draw_plan(n_lines, rng) for _ in range(200)]
    for plan in plans:
        assert len(plan) == n_lines
        for rime in set(plan) - {FREE}:
            places = [k for k, one in enumerate(plan) if one == rime]
            assert len(places) >= 2
            assert max(b - a for a, b in pairwise(places)) <= 2
    if n_lines >= 4:
        assert 0.4 < np.mean([np.mean([rime != FREE for rime in plan]) for plan in plans]) < 0.75
