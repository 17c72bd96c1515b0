"""A note that its new chord does not take in is led a semitone away; what belongs stays."""

from collections.abc import Callable

import pytest

from whitelight.composition.clashes import clash_frame, judge_line
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.white.settling import settled
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece

BAR = 1920


@pytest.fixture
def section() -> SectionContext:
    """Four bars of A minor under A minor, E major, A minor, A minor."""
    plan = SectionPlan("verse", "verse", 4, 0.5)
    empty = make_context(plan, key=Key.parse("A minor"), meter=Meter(4, 4), tempo_bpm=120.0, heard={}, label="a")
    bar = empty.end_tick // 4
    chords = ((57, 60, 64), (56, 59, 64), (57, 60, 64), (57, 60, 64))
    rows = [(k * bar, bar, pitch, 80) for k, tones in enumerate(chords) for pitch in tones]
    heard = {"chords": empty.piece([MidiTrack("Chords", notes=Notes.from_rows(rows))])}
    return make_context(plan, key=empty.key, meter=empty.meter, tempo_bpm=120.0, heard=heard, label="a")


def lines(section: SectionContext, *pitches: int, name: str = "Melody") -> Piece:
    """One note a bar."""
    bar = section.end_tick // 4
    return section.piece(
        [MidiTrack(name, notes=Notes.from_rows([(k * bar, bar // 2, p, 80) for k, p in enumerate(pitches)]))]
    )


def pitches(piece: Piece) -> list[int]:
    return [pitch for part in piece.midi_tracks for _, _, pitch, _ in part.notes.to_rows()]


def test_a_leading_tone_stays_over_its_dominant_and_goes_elsewhere(section: SectionContext) -> None:
    frame = clash_frame(section)
    assert pitches(settled(lines(section, 69, 68, 68, 69), "melody", frame)) == [69, 68, 69, 69]


def test_a_strong_note_that_rubs_becomes_a_tone_of_the_chord(section: SectionContext) -> None:
    frame = clash_frame(section)
    found = settled(lines(section, 65, 64, 59, 69), "melody", frame)  # F over A minor, B over A minor
    line = judge_line(found.midi_tracks[0].notes, frame)
    assert not (line.is_strong & line.is_clash & ~line.is_prepared).any()
    assert abs(pitches(found)[0] - 65) == 1


@pytest.mark.parametrize("stage", ["chords", "drums"])
def test_chords_and_drums_are_left_alone(section: SectionContext, stage: str) -> None:
    piece = lines(section, 68, 63, 68, 66)
    assert settled(piece, stage, clash_frame(section)) is piece


def test_two_voices_led_to_one_pitch_are_one_note(section: SectionContext) -> None:
    bar = section.end_tick // 4
    rows = [(2 * bar, bar, 68, 80), (2 * bar, bar // 2, 69, 80)]
    piece = section.piece([MidiTrack("Pad", notes=Notes.from_rows(rows))])
    found = settled(piece, "harmony", clash_frame(section))
    assert found.midi_tracks[0].notes.to_rows() == [(2 * bar, bar, 69, 80)]


def test_nothing_is_judged_without_chords(context_for: Callable[..., SectionContext]) -> None:
    context = context_for()
    piece = lines(context, 61, 63, 66, 68)
    assert settled(piece, "melody", clash_frame(context)) is piece
