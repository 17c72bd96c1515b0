"""What rubs is counted, and what was meant is told apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.clashes import ClashCount, clash_frame, count_clashes, judge_line, phrase_starts
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, TempoMap, TextEvent

Q = 480  # ticks of a quarter
BAR = 4 * Q
CHORDS = {"C": (48, 52, 55), "G7": (43, 47, 50, 53), "E7": (40, 44, 47, 50), "Fmaj7": (41, 45, 48, 52)}


def section(*symbols: str, key: str = "C major") -> SectionContext:
    """Four bars; a chord a bar, the last one stays."""
    names = [*symbols, *[symbols[-1]] * (4 - len(symbols))] if symbols else []
    rows = [(bar * BAR, BAR, pitch, 80) for bar, name in enumerate(names) for pitch in CHORDS[name]]
    changes = [bar for bar, name in enumerate(names) if bar == 0 or names[bar - 1] != name]
    markers = tuple(TextEvent(bar * BAR, names[bar]) for bar in changes)
    track = MidiTrack("Chords", notes=Notes.from_rows(rows))
    piece = Piece(Q, TempoMap.constant(100, Q), markers=markers, midi_tracks=(track,), end_tick=4 * BAR)
    return make_context(
        SectionPlan("part", "verse", 4, 0.4),
        key=Key.parse(key),
        meter=Meter(4, 4),
        tempo_bpm=100,
        heard={"chords": piece} if symbols else {},
    )


def line(*notes: tuple[float, float, int]) -> Notes:
    """Notes of (onset, duration in quarters, pitch)."""
    return Notes.from_rows([(round(onset * Q), round(length * Q), pitch, 80) for onset, length, pitch in notes])


def count(context: SectionContext, *notes: tuple[float, float, int], bass: Notes | None = None) -> ClashCount:
    return count_clashes(line(*notes), clash_frame(context), bass)


def test_chord_tones_and_clashes_on_strong_places() -> None:
    found = count(section("C"), (0, 1, 64), (2, 1, 65), (3, 1, 69), (4, 1, 62))  # E, F, A, D over C
    assert (found.n_notes, found.n_strong, found.n_strong_tones, found.n_strong_clashes) == (4, 3, 1, 1)
    assert found.n_strong_unintended == 1  # F is left by a leap
    assert found.strong_tone_share == pytest.approx(1 / 3)
    assert found.strong_clash_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("before", "after", "length", "is_prepared"),
    [(64, 64, 1, True), (72, 64, 1, False), (65, 64, 0.5, True), (64, 60, 1, False), (64, 64, 2, False)],
)
def test_a_clash_is_prepared_by_step_in_step_out_and_shortness(before, after, length, is_prepared) -> None:
    found = count(section("C"), (1, 1, before), (2, length, 65), (2 + length, 1, after))
    assert found.n_strong_clashes == 1
    assert found.n_strong_prepared == is_prepared


def test_a_step_over_a_rest_prepares_nothing() -> None:
    assert count(section("C"), (0, 0.5, 64), (2, 0.5, 65), (2.5, 1, 64)).n_strong_prepared == 0


def test_the_nearest_pulse_is_the_place() -> None:
    context = section("C", "G7")
    notes = Notes.from_rows([(BAR - 25, 240, 67, 80), (BAR + 2 * Q + 25, 240, 67, 80)])
    judged = judge_line(notes, clash_frame(context))
    assert judged.weight.tolist() == [4, 3]
    assert judged.chord.tolist() == [1, 1]


def test_borrowed_tones_and_leading_notes_are_meant() -> None:
    over_borrowed = count(section("C", "E7"), (4, 1, 68))  # G# over E7
    leading = count(section("C"), (1, 1, 66), (2, 1, 67))  # F# to G
    neither = count(section("C"), (1, 1, 66), (2, 1, 64))
    early = count(section("C", "E7"), (3.5, 1.5, 68))  # E7 arrives under it
    assert [c.n_foreign for c in (over_borrowed, leading, neither, early)] == [0, 0, 1, 0]
    assert [c.n_chromatic for c in (over_borrowed, leading, neither, early)] == [1, 1, 0, 1]


def test_phrases_end_where_one_breathes() -> None:
    notes = line((0, 1, 60), (1, 1, 62), (3, 1, 64), (4, 0.5, 65), (4.5, 3, 67), (7.5, 1, 60))
    assert phrase_starts(notes, Q).tolist() == [True, False, True, False, False, True]
    assert phrase_starts(Notes.empty(), Q).tolist() == []


def test_the_chord_that_arrives_under_the_held_last_note_counts() -> None:
    context = section("C", "G7")
    assert count(context, (3.5, 2, 62)).phrase_end_share == 1.0  # D before G7
    assert count(context, (3, 1, 62)).phrase_end_share == 0.0


def test_a_note_held_into_a_chord_it_rubs_with() -> None:
    context = section("C", "E7")
    assert count(context, (2, 4, 60)).n_held_clashes == 1  # C against B of E7
    assert count(context, (2, 2.5, 60)).n_held_clashes == 0


def test_the_other_part() -> None:
    bass = line((0, 4, 40), (4, 4, 41))
    context = section("C", "Fmaj7")
    assert count(context, (0, 1, 65), bass=bass).n_against == 1  # F over E: minor ninth
    assert count(context, (4, 1, 64), bass=bass).n_against == 0  # E over F in Fmaj7
    assert count(context, (3, 1.05, 64), bass=bass).n_against == 0  # a hair too long
    early = Notes.from_rows([(BAR - 20, 400, 64, 80)])  # both hands are early for Fmaj7
    assert count_clashes(early, clash_frame(context), Notes.from_rows([(BAR - 10, 400, 41, 80)])).n_against == 0
    passing = count(context, (0, 0.5, 64), (0.5, 0.5, 65), (1, 1, 67), bass=bass)
    assert (passing.n_against, passing.n_against_unintended, passing.against_share) == (1, 0, 0.0)
    assert count(context, (0, 1, 65)).n_against == 0


def test_hanging_and_overlapping() -> None:
    found = count(section("C"), (0, 1.5, 60), (1, 1, 62), (15.5, 1, 60))
    assert (found.n_hanging, found.n_overlapping) == (1, 1)


def test_without_chords_nothing_is_judged_against_them() -> None:
    found = count(section(), (0, 1, 60), (2, 1, 66))
    assert (found.n_notes, found.n_strong, found.n_phrases, found.n_foreign) == (2, 0, 0, 1)
    assert count(section()) == ClashCount()


def test_counts_add_up() -> None:
    one = count(section("C"), (0, 1, 64), (2, 1, 65))
    assert one + one == count(section("C"), (0, 1, 64), (2, 1, 65), (4, 1, 64), (6, 1, 65))
    assert one + ClashCount() == one


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8), st.integers(48, 84)), min_size=1, max_size=30))
def test_parts_are_never_more_than_the_whole(rows) -> None:
    notes = Notes.from_rows([(onset * 120, length * 120, pitch, 80) for onset, length, pitch in rows])
    found = count_clashes(notes, clash_frame(section("C", "G7", "E7")), notes.transposed(-13))
    assert found.n_strong_prepared <= found.n_strong_clashes <= found.n_strong - found.n_strong_tones
    assert found.n_phrase_tones <= found.n_phrases <= found.n_notes
    assert found.n_against == found.n_notes  # each is a minor ninth above its shadow
    assert found.n_foreign + found.n_chromatic <= found.n_notes
    assert np.isfinite([found.strong_tone_share, found.foreign_share, found.against_share]).all()
