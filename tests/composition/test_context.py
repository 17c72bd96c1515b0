"""What a stage hears of the parts before it."""

from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.setting import ChordStyle, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, TempoMap, TextEvent, read_midi

VERSE = SectionPlan("A", "verse", 8, 0.4)  # its name is a chord symbol, too
KEY = Key.parse("D minor")


def chord_part(meter: str, seed: int) -> tuple[bytes, tuple[int, ...]]:
    style = ChordStyle(shipped_rules())
    craft = ChordCraft(make_setting(VERSE, key=KEY, meter=Meter.parse(meter), tempo_bpm=100, style=style))
    genome = craft.compose(np.random.default_rng(seed))
    return craft.play(genome).midi, genome.starts


def hear(meter: str, **heard: Piece) -> SectionContext:
    return make_context(VERSE, key=KEY, meter=Meter.parse(meter), tempo_bpm=100, heard=heard, label="a")


@pytest.mark.parametrize("meter", ["4/4", "7/8", "6/8", "18/32", "3/4"])
def test_the_chords_of_a_written_part_are_read_back(meter: str) -> None:
    midi, starts = chord_part(meter, 3)
    context = hear(meter, chords=read_midi(midi))
    assert tuple(chord.start for chord in context.chords) == starts
    assert context.chords[-1].end == context.n_pulses
    assert context.chords[-1].root == KEY.tonic
    assert context.chord_at(context.n_pulses) is None


@pytest.mark.parametrize("meter", ["4/4", "7/8", "3/4"])
def test_without_markers_the_notes_name_the_chords(meter: str) -> None:
    right = total = 0
    for seed in range(10):
        piece = read_midi(chord_part(meter, seed)[0])
        marked, heard = hear(meter, chords=piece), hear(meter, chords=replace(piece, markers=()))
        for pulse in range(marked.n_pulses):
            one, other = marked.chord_at(pulse), heard.chord_at(pulse)
            assert one is not None
            assert other is not None
            right, total = right + (one.root == other.root), total + 1
    assert right / total > 0.85


def test_markers_that_the_notes_contradict_are_not_believed() -> None:
    piece = read_midi(chord_part("4/4", 1)[0])
    lied = tuple(TextEvent(marker.tick, "F#") for marker in piece.markers)
    assert {chord.root for chord in hear("4/4", chords=replace(piece, markers=lied)).chords} != {6}


def test_a_hand_made_part_is_fitted() -> None:
    rows = [(0, 384, pitch, 80) for pitch in (50, 53, 57)] + [(10_000, 96, 50, 80)]
    piece = Piece(96, TempoMap.constant(72, 96), midi_tracks=(MidiTrack("by hand", notes=Notes.from_rows(rows)),))
    context = hear("4/4", chords=piece)
    laid = context.heard["chords"]
    assert (laid.ticks_per_beat, laid.end_tick) == (context.ticks_per_beat, context.end_tick)
    assert len(context.notes_of("chords")) == 3  # the last one lies beyond the section
    assert [(chord.symbol, chord.duration) for chord in context.chords] == [("Dm", context.n_pulses)]
    assert len(context.notes_of("bass")) == 0


def test_pieces_sound_together() -> None:
    piece = read_midi(chord_part("4/4", 1)[0])
    context = hear("4/4", chords=piece)
    both = context.together(context.piece([MidiTrack("Bass")]))
    assert [part.name for part in both.midi_tracks] == ["Chords", "Bass"]
    assert both.end_tick == context.end_tick
    assert both.markers[0].text == "A"
