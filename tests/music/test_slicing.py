from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import (
    BarGrid,
    BarPosition,
    Controls,
    Key,
    KeyChange,
    Meter,
    MeterChange,
    MidiTrack,
    Notes,
    Piece,
    PieceError,
    TempoMap,
    TextEvent,
    read_midi,
    roll_channels,
    slice_piece,
    slice_seconds,
    write_midi,
)


def song() -> Piece:
    part = MidiTrack(
        "piano",
        program=4,
        notes=Notes.from_rows([(0, 3000, 48, 80), (100, 50, 60, 70), (1000, 480, 62, 90), (1900, 200, 64, 60)]),
        lyrics=(TextEvent(100, "one"), TextEvent(1000, "two"), TextEvent(1920, "three")),
        controls=Controls.from_rows([(0, 7, 90), (50, 64, 127), (1500, 64, 0), (1600, 64, 100)]),
    )
    return Piece(
        480,
        TempoMap(480, (0, 500, 1200), (500_000, 400_000, 600_000)),
        meters=(MeterChange(0, Meter(3, 4)),),
        keys=(KeyChange(0, Key.parse("F# minor")), KeyChange(1200, Key.parse("A"))),
        markers=(TextEvent(0, "Intro"), TextEvent(960, "Verse")),
        midi_tracks=(part, MidiTrack("silent", notes=Notes.from_rows([(0, 10, 60, 60)]))),
        end_tick=4000,
    )


def test_what_was_in_force_is_kept() -> None:
    part = slice_piece(song(), 900, 1920)
    assert part.end_tick == 1020
    assert part.tempo_map == TempoMap(480, (0, 300), (400_000, 600_000))
    assert part.keys == (KeyChange(0, Key.parse("F# minor")), KeyChange(300, Key.parse("A")))
    assert part.meters == (MeterChange(0, Meter(3, 4)), MeterChange(540, Meter(3, 4)))
    assert part.markers == (TextEvent(60, "Verse"),)
    piano, silent = part.midi_tracks
    assert (piano.name, piano.program) == ("piano", 4)
    assert piano.notes.to_rows() == [(0, 1020, 48, 80), (100, 480, 62, 90), (1000, 20, 64, 60)]
    assert piano.lyrics == (TextEvent(100, "two"),)
    assert piano.controls == Controls.from_rows([(0, 7, 90), (0, 64, 127), (600, 64, 0), (700, 64, 100)])
    assert silent.name == "silent"
    assert len(silent.notes) == 0


def test_a_released_pedal_is_not_pressed_again() -> None:
    expected = Controls.from_rows([(0, 7, 90), (0, 64, 0), (100, 64, 100)])
    assert slice_piece(song(), 1500, 1700).midi_tracks[0].controls == expected
    assert slice_piece(song(), 1550, 1590).midi_tracks[0].controls.state_at(1) == {7: 90}
    assert slice_piece(song(), 1599, 1700).midi_tracks[0].controls.state_at(500) == {7: 90, 64: 100}


def test_bars_stay_where_they_were() -> None:
    piece = song()
    for start in (0, 1, 480, 1440, 1441):
        part, before = slice_piece(piece, start, 4000), BarGrid.of(piece).position(start)
        grid = BarGrid.of(part)
        assert {tick + start for tick in grid.starts(part.end_tick).tolist()} - {start} == {
            tick for tick in BarGrid.of(piece).starts(4000).tolist() if tick > start
        }
        assert (grid.position(0) == BarPosition(0, before.beat)) == (before.beat == 0)


def test_seconds_go_to_the_nearest_tick() -> None:
    piece = song()
    assert slice_seconds(piece, 0.5001, 1.0) == slice_piece(piece, 480, piece.tempo_map.seconds_to_ticks(1.0))


def test_a_slice_past_the_end_is_silence() -> None:
    part = slice_piece(song(), 3900, 5000)
    assert part.end_tick == 1100
    assert part.n_notes == 0


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (-1, 5)])
def test_no_slice(start: int, end: int) -> None:
    with pytest.raises(PieceError, match="expected 0 ≤ start < end"):
        slice_piece(song(), start, end)


@given(st.integers(0, 10**9), st.data())
@settings(max_examples=100, deadline=None)
def test_slices_of_slices_are_slices(random_piece: Callable[..., Piece], seed: int, data: st.DataObject) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    start = data.draw(st.integers(0, piece.end_tick - 1))
    end = data.draw(st.integers(start + 1, piece.end_tick))
    inner_start = data.draw(st.integers(0, end - start - 1))
    inner_end = data.draw(st.integers(inner_start + 1, end - start))
    twice = slice_piece(slice_piece(piece, start, end), inner_start, inner_end)
    once = slice_piece(piece, start + inner_start, start + inner_end)
    assert replace(twice, meters=()) == replace(once, meters=())
    lengths = [change.meter.beats_per_bar * piece.ticks_per_beat for change in piece.meters]
    if all(length.denominator == 1 for length in lengths):  # other bar lines lie between ticks and are rounded anew
        starts = [BarGrid.of(part).starts(part.end_tick).tolist() for part in (twice, once)]
        assert starts[0] == starts[1]


@given(st.integers(0, 10**9), st.data())
@settings(max_examples=60, deadline=None)
def test_slices_side_by_side_hold_all_sound_and_time(
    random_piece: Callable[..., Piece], seed: int, data: st.DataObject
) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    inner = data.draw(st.lists(st.integers(1, piece.end_tick - 1), max_size=5, unique=True))
    edges = [0, *sorted(inner), piece.end_tick]
    parts = [slice_piece(piece, start, end) for start, end in pairwise(edges)]
    assert sum(int(part.all_notes().duration_ticks.sum()) for part in parts) == piece.all_notes().duration_ticks.sum()
    assert sum(part.end_tick for part in parts) == piece.end_tick
    assert sum(part.tempo_map.exact_us(part.end_tick) for part in parts) == piece.tempo_map.exact_us(piece.end_tick)
    assert sum(len(part.markers) for part in parts) == len([m for m in piece.markers if m.tick < piece.end_tick])


@given(st.integers(0, 10**9), st.data())
@settings(max_examples=60, deadline=None)
def test_a_slice_survives_the_file(random_piece: Callable[..., Piece], seed: int, data: st.DataObject) -> None:
    piece = random_piece(seed)
    start = data.draw(st.integers(0, piece.end_tick - 1))
    part = slice_piece(piece, start, data.draw(st.integers(start + 1, piece.end_tick)))
    assert read_midi(write_midi(part)) == part


@pytest.mark.parametrize("folder", ["pop909", "emopia/midi", "groove"])
def test_real_files(shared_data: Path, folder: str) -> None:
    rng = np.random.default_rng(5)
    files = sorted((shared_data / folder).rglob("*.mid"))
    for file in files[:: max(len(files) // 10, 1)]:
        piece = read_midi(file)
        for _ in range(8):
            start, end = sorted(rng.choice(piece.end_tick, 2, replace=False).tolist())
            part = slice_piece(piece, start, end)
            for unit in ("seconds", "beats"):
                whole = roll_channels(piece, unit=unit, start_tick=start, end_tick=end, drums="include")
                assert np.array_equal(roll_channels(part, unit=unit, drums="include"), whole)
                again = read_midi(write_midi(part))
                assert np.array_equal(roll_channels(again, unit=unit, drums="include"), whole)
