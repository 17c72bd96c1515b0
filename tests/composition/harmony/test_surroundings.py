"""What is in the way of a supporting part."""

from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.context import make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.harmony.surroundings import NOTHING, make_surroundings
from whitelight.music import Key, Meter, MidiTrack, Notes

PLAN = SectionPlan("verse", "verse", 4, 0.5)


def surroundings(**parts):
    plain = make_context(PLAN, key=Key.parse("C major"), meter=Meter(4, 4), tempo_bpm=120)
    ticks = plain.pulse_ticks
    heard = {
        stage: plain.piece(
            [MidiTrack(stage, notes=Notes.from_rows([(s * ticks, d * ticks, p, 80) for s, d, p in rows]))]
        )
        for stage, rows in parts.items()
    }
    return make_surroundings(replace(plain, heard=heard))


def test_a_held_note_keeps_its_room() -> None:
    around = surroundings(melody=[(4, 8, 72)])
    assert around.melody[3:13].tolist() == [NOTHING] + [72] * 8 + [NOTHING]
    assert around.melody_starts.sum() == 1
    blocked = {p for p in range(128) if around.in_the_way[p, 6]}
    assert {71, 73, 70, 74, 59, 61, 47, 49} <= blocked  # near it, and its semitones in every octave
    assert not {72, 60, 64, 67, 69, 75} & blocked  # doublings, thirds, fifths
    assert around.share_in_the_way(0, 16)[71] == pytest.approx(0.5)
    assert not around.in_the_way[:, :4].any()


def test_passing_notes_move_nobody() -> None:
    assert not surroundings(melody=[(5, 1, 72)]).in_the_way.any()
    assert surroundings(melody=[(4, 1, 72)]).in_the_way.any()  # struck on a beat


def test_the_bass_stays_the_lowest() -> None:
    around = surroundings(bass=[(0, 16, 43)])
    assert around.in_the_way[:44, 0].all()
    assert not around.in_the_way[45, 0]
    assert around.in_the_way[54, 0]  # a semitone, octaves above
    assert around.has_bass
    assert not around.has_melody
    assert around.melody_center is None


def test_nothing_is_in_the_way_of_silence() -> None:
    around = surroundings()
    assert not around.in_the_way.any()
    assert (np.diff(around.summed, axis=1) == 0).all()
    assert around.melody_onsets_per_bar == 0.0
