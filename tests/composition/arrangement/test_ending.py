"""The last chord: what is struck and held, what a melody may keep."""

import pytest

from whitelight.composition.arrangement.ending import CRASH, KICK, Ring, last_ring, nearest_tone, rung_out
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key, MidiTrack, Notes

BEAT, BAR = 480, 1920
RING = Ring(start_tick=BAR, end_tick=2 * BAR, near_ticks=60, root=0, tones=(0, 4, 7))


def ended(stage: str, *rows: tuple[int, int, int, int], is_drum: bool = False) -> list[tuple[int, int, int]]:
    midi_track = rung_out(stage, MidiTrack(stage, is_drum=is_drum, notes=Notes.from_rows(rows)), RING)
    return [(onset, onset + duration, pitch) for onset, duration, pitch, _ in midi_track.notes.to_rows()]


def test_chords_are_led_to_the_nearest_tones_and_held() -> None:
    dominant = [(BAR, BEAT, pitch, 70) for pitch in (55, 59, 62)]
    assert ended("chords", (0, BAR, 60, 70), *dominant, (BAR + BEAT, BEAT, 57, 70)) == [
        (0, BAR, 60), (BAR, 2 * BAR, 55), (BAR, 2 * BAR, 60),
    ]  # fmt: skip


def test_a_chord_held_into_the_ring_is_struck_again() -> None:
    assert ended("harmony", (BEAT, BAR, 64, 60)) == [(BEAT, BAR, 64), (BAR, 2 * BAR, 64)]


def test_the_bass_plays_the_root() -> None:
    assert ended("bass", (0, BEAT, 43, 80), (BAR, BEAT, 43, 80), (BAR + BEAT, BEAT, 38, 80))[-1] == (BAR, 2 * BAR, 48)


def test_drums_strike_once() -> None:
    rows = [(beat * BEAT, 60, 42, 80) for beat in range(8)]
    played = ended("drums", *rows, is_drum=True)
    assert [row for row in played if row[0] >= BAR] == [(BAR, 2 * BAR, KICK), (BAR, 2 * BAR, CRASH)]
    assert len([row for row in played if row[0] < BAR]) == 4


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ((BAR + BEAT, BEAT, 62), (BAR + BEAT, 2 * BAR, 60)),  # a tone of the chord, held
        ((BAR - BEAT, 2 * BEAT, 64), (BAR - BEAT, 2 * BAR, 64)),  # held into the chord it fits
        ((BAR - BEAT, 2 * BEAT, 65), (BAR - BEAT, BAR, 65)),  # would rub
        ((BAR - BEAT, 2 * BEAT, 62), (BAR - BEAT, BAR + BEAT, 62)),  # neither
    ],
)
def test_the_last_note_of_a_melody(last: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    assert ended("melody", (0, BEAT, 67, 80), (*last, 80))[-1] == expected


def test_a_melody_keeps_what_does_not_rub() -> None:
    played = ended("lyrics", (BAR, BEAT, 65, 80), (BAR + BEAT, BEAT, 62, 80), (BAR + 2 * BEAT, BEAT, 60, 80))
    assert [pitch for _, _, pitch in played] == [64, 62, 60]


def test_who_is_silent_stays_silent() -> None:
    assert ended("harmony", (0, BEAT, 64, 60)) == [(0, BEAT, 64)]


def test_the_tonic_rings_from_where_it_comes_and_replaces_any_other_chord() -> None:
    tonic = SoundingChord(24, 8, 0, 4, (0, 4, 7, 9), "C6/E")
    ring = last_ring(tonic, BAR + 2 * BEAT, key=Key(0, "major"), last_bar=(BAR, 2 * BAR), near_ticks=60)
    assert (ring.start_tick, ring.tones) == (BAR + 2 * BEAT, (0, 4, 7, 9))
    other = SoundingChord(16, 16, 7, 7, (7, 11, 2), "G")
    ring = last_ring(other, BAR, key=Key(0, "minor"), last_bar=(BAR, 2 * BAR), near_ticks=60)
    assert (ring.start_tick, ring.root, ring.tones) == (BAR, 0, (0, 3, 7))


@pytest.mark.parametrize(("pitch", "expected"), [(60, 60), (61, 60), (62, 60), (63, 64), (70, 72), (0, 0), (127, 127)])
def test_the_nearest_tone(pitch: int, expected: int) -> None:
    assert nearest_tone(pitch, (0, 4, 7)) == expected
