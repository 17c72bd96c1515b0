"""Bars of a part: cut, repeated, counted in other ticks; two notes of one pitch never sound at once."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.arrangement.model import ArrangementError
from whitelight.composition.arrangement.placing import load_part, play_block, scaled, untangled
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, TextEvent, write_midi

BAR = 1920
ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 30), st.integers(60, 62), st.integers(1, 127)), max_size=25
)


def stored(folder: Path, *rows: tuple[int, int, int, int], n_bars: int, ticks_per_beat: int = 480) -> Path:
    lyrics = tuple(TextEvent(row[0], "la") for row in rows)
    midi_track = MidiTrack("Voice", notes=Notes.from_rows(rows), lyrics=lyrics)
    end = n_bars * 4 * ticks_per_beat
    piece = Piece(ticks_per_beat, TempoMap(ticks_per_beat), midi_tracks=(midi_track,), end_tick=end)
    path = folder / "part.mid"
    path.write_bytes(write_midi(piece))
    return path


def played(path: Path, *, from_bar: int, n_bars: int, section_bars: int = 8) -> list[tuple[int, int, int]]:
    part = load_part(path, ticks_per_beat=480, bar_ticks=BAR, section_bars=section_bars)
    piece = play_block(part, from_bar=from_bar, n_bars=n_bars, bar_ticks=BAR)
    assert piece.end_tick == n_bars * BAR
    assert [event.tick for event in piece.midi_tracks[0].lyrics] == [
        row[0] for row in piece.midi_tracks[0].notes.to_rows() if row[1] != BAR // 2
    ]
    return [row[:3] for row in piece.midi_tracks[0].notes.to_rows()]


def test_a_note_held_over_the_last_bar_line_ends_there(tmp_path: Path) -> None:
    path = stored(tmp_path, (0, 480, 60, 80), (BAR, 2 * BAR, 64, 80), n_bars=8)
    assert played(path, from_bar=0, n_bars=2) == [(0, 480, 60), (BAR, BAR, 64)]


def test_a_part_begins_where_it_is_told_and_is_repeated(tmp_path: Path) -> None:
    path = stored(tmp_path, (0, 480, 60, 80), (BAR, 480, 62, 80), n_bars=2)
    assert [(start // BAR, pitch) for start, _, pitch in played(path, from_bar=1, n_bars=4)] == [
        (0, 62), (1, 60), (2, 62), (3, 60),
    ]  # fmt: skip


def test_trailing_silence_that_was_cut_off_is_silence(tmp_path: Path) -> None:
    path = stored(tmp_path, (0, 480, 60, 80), (5 * BAR, 480, 62, 80), n_bars=6)
    assert [start // BAR for start, _, _ in played(path, from_bar=0, n_bars=16)] == [0, 5, 8, 13]


def test_other_ticks_are_counted_again(tmp_path: Path) -> None:
    path = stored(tmp_path, (96, 1, 60, 80), (192, 48, 62, 80), n_bars=1, ticks_per_beat=96)
    assert played(path, from_bar=0, n_bars=1) == [(480, 5, 60), (960, 240, 62)]


def test_a_missing_part_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bass" / "approved" / "verse_a.mid"
    with pytest.raises(ArrangementError, match=r"bass/approved/verse_a\.mid: not there; promote it again"):
        load_part(path, ticks_per_beat=480, bar_ticks=BAR, section_bars=8)


@settings(max_examples=60)
@given(rows=ROWS)
def test_untangled_notes_never_sound_twice(rows: list[tuple[int, int, int, int]]) -> None:
    notes = Notes.from_rows(rows)
    done = untangled(notes)
    ordered = sorted((pitch, onset, onset + duration) for onset, duration, pitch, _ in done.to_rows())
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(ordered))
    assert {(row[0], row[2]) for row in done.to_rows()} == {(row[0], row[2]) for row in notes.to_rows()}
    assert untangled(done) == done


def test_gain_counts_by_the_square_of_velocity() -> None:
    notes = Notes.from_rows([(0, 10, 60, 80), (10, 10, 60, 120)])
    assert scaled(notes, gain_db=-12.04, more=0.0).velocity.tolist() == [40, 60]
    assert scaled(notes, gain_db=0.0, more=10.0).velocity.tolist() == [90, 127]
    assert scaled(notes, gain_db=0.0, more=0.0) is notes
