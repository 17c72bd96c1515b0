from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whitelight.music import (
    MidiTrack,
    Notes,
    Piece,
    PieceError,
    TempoMap,
    note_cells,
    piano_roll,
    roll_channels,
    slice_piece,
)


def piece_of(*rows: tuple[int, int, int, int], end_tick: int = 0, is_drum: bool = False) -> Piece:
    parts = (MidiTrack("a", is_drum=is_drum, notes=Notes.from_rows(rows)),)
    return Piece(480, TempoMap(480), midi_tracks=parts, end_tick=end_tick)


def slow_roll(piece: Piece, start: int, end: int, *, n_steps: int, unit: str, drums: str) -> NDArray[np.float32]:
    """The definition, note by note and cell by cell, in fractions."""
    roll = np.zeros((128, n_steps), np.float32)

    def time(tick: int) -> int:
        return piece.tempo_map.exact_us(tick) if unit == "seconds" else tick

    width = Fraction(time(end) - time(start), n_steps)
    for midi_track in piece.midi_tracks:
        if drums != "include" and midi_track.is_drum != (drums == "only"):
            continue
        for onset, duration, pitch, velocity in midi_track.notes.to_rows():
            on, stop = time(max(onset, start)) - time(start), time(min(onset + duration, end)) - time(start)
            for cell in range(n_steps):
                if on < stop and on < (cell + 1) * width and stop > cell * width:
                    roll[pitch, cell] = max(roll[pitch, cell], np.float32(velocity) / np.float32(127))
    return roll


def test_cells_in_beats() -> None:
    piece = piece_of((0, 480, 60, 127), (481, 1, 62, 64), (960, 960, 60, 1), end_tick=1920)
    roll = piano_roll(piece, n_steps=4, unit="beats")
    assert roll.shape == (128, 4)
    assert roll.dtype == np.float32
    assert roll[60].tolist() == [1, 0, np.float32(1) / np.float32(127), np.float32(1) / np.float32(127)]
    assert roll[62].tolist() == [0, np.float32(64) / np.float32(127), 0, 0]
    assert roll.sum() == roll[[60, 62]].sum()


def test_seconds_follow_the_tempo() -> None:
    tempo_map = TempoMap(480, (0, 480), (250_000, 750_000))
    part = MidiTrack("a", notes=Notes.from_rows([(0, 480, 60, 100), (480, 480, 62, 100)]))
    piece = Piece(480, tempo_map, midi_tracks=(part,))
    assert (piano_roll(piece, n_steps=4)[[60, 62]] > 0).tolist() == [
        [True, False, False, False],
        [False, True, True, True],
    ]


def test_the_louder_note_wins_whatever_the_order() -> None:
    for velocities in ((30, 90), (90, 30)):
        piece = piece_of((0, 100, 60, velocities[0]), (50, 100, 60, velocities[1]))
        assert piano_roll(piece, n_steps=3, unit="beats")[60, 1] == np.float32(90) / np.float32(127)


def test_drums_are_chosen() -> None:
    piece = piece_of((0, 10, 36, 90), is_drum=True)
    assert not piano_roll(piece).any()
    assert piano_roll(piece, drums="only")[36].all()
    assert piano_roll(piece, drums="include")[36].all()


def test_silence_and_refusals() -> None:
    assert not piano_roll(piece_of()).any()
    assert piano_roll(piece_of(), n_steps=7).shape == (128, 7)
    piece = piece_of((0, 10, 36, 90))
    with pytest.raises(PieceError, match="expected 0 ≤ start ≤ end"):
        piano_roll(piece, start_tick=20)
    with pytest.raises(PieceError, match="unit 'bars'"):
        piano_roll(piece, unit="bars")
    with pytest.raises(PieceError, match="drums='no'"):
        piano_roll(piece, drums="no")
    with pytest.raises(PieceError, match="0 steps"):
        piano_roll(piece, n_steps=0)


SPANS = st.tuples(st.floats(0, 1), st.floats(0, 1))
VIEWS = st.fixed_dictionaries(
    {
        "n_steps": st.sampled_from([1, 7, 32, 100, 256]),
        "unit": st.sampled_from(["seconds", "beats"]),
        "drums": st.sampled_from(["exclude", "include", "only"]),
    }
)


def ticks_of(piece: Piece, span: tuple[float, float]) -> tuple[int, int]:
    start = min(int(span[0] * piece.end_tick), piece.end_tick - 1)
    return start, max(int(start + span[1] * (piece.end_tick - start)), start + 1)


@given(st.integers(0, 10**9), SPANS, VIEWS)
@settings(max_examples=60, deadline=None)
def test_rolls_are_what_the_definition_says(
    random_piece: Callable[..., Piece], seed: int, span: tuple[float, float], view: dict[str, Any]
) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    start, end = ticks_of(piece, span)
    roll = piano_roll(piece, start_tick=start, end_tick=end, **view)
    assert np.array_equal(roll, slow_roll(piece, start, end, **view))


@given(st.integers(0, 10**9), SPANS, VIEWS)
@settings(max_examples=120, deadline=None)
def test_roll_of_slice_is_slice_of_roll(
    random_piece: Callable[..., Piece], seed: int, span: tuple[float, float], view: dict[str, Any]
) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    start, end = ticks_of(piece, span)
    part = slice_piece(piece, start, end)
    for make in (piano_roll, roll_channels):
        whole = make(piece, start_tick=start, end_tick=end, **view)
        assert np.array_equal(make(part, **view), whole)


@given(st.integers(0, 10**9), st.integers(1, 6), st.data())
@settings(max_examples=60, deadline=None)
def test_columns_of_the_whole_roll_are_the_roll_of_the_part(
    random_piece: Callable[..., Piece], seed: int, ticks_per_step: int, data: st.DataObject
) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    n_steps = -(-piece.end_tick // ticks_per_step)
    whole = piano_roll(piece, n_steps=n_steps, unit="beats", end_tick=n_steps * ticks_per_step)
    first = data.draw(st.integers(0, n_steps - 1))
    stop = data.draw(st.integers(first + 1, n_steps))
    part = slice_piece(piece, first * ticks_per_step, stop * ticks_per_step)
    assert np.array_equal(piano_roll(part, n_steps=stop - first, unit="beats"), whole[:, first:stop])


def test_columns_in_seconds_too() -> None:
    tempo_map = TempoMap(480, (0, 960), (500_000, 400_000))
    part = MidiTrack("a", notes=Notes.from_rows([(100, 900, 60, 90), (955, 1100, 62, 80)]))
    piece = Piece(480, tempo_map, midi_tracks=(part,), end_tick=960 + 1200)  # 1 s and then 1 s
    whole = piano_roll(piece, n_steps=200)
    assert np.array_equal(piano_roll(slice_piece(piece, 0, 960), n_steps=100), whole[:, :100])
    assert np.array_equal(piano_roll(slice_piece(piece, 960, 2160), n_steps=100), whole[:, 100:])


def test_channels() -> None:
    piece = piece_of((0, 480, 60, 127), (480, 480, 60, 64), end_tick=960)
    sounding, onset, velocity = roll_channels(piece, n_steps=4, unit="beats")
    assert sounding[60].tolist() == [1, 1, 1, 1]
    assert onset[60].tolist() == [1, 0, 1, 0]
    assert np.array_equal(velocity, piano_roll(piece, n_steps=4, unit="beats"))


def test_very_long_pieces_stay_exact() -> None:
    tempo_map = TempoMap.constant(4, 32767)
    onset = 2**31 - 5
    part = MidiTrack("a", notes=Notes.from_rows([(onset, 2, 60, 64), (0, 1, 61, 64)]))
    piece = Piece(32767, tempo_map, midi_tracks=(part,), end_tick=2**31)
    cells = note_cells(piece, n_steps=2**20, unit="seconds")
    step = Fraction(2**31, 2**20)
    assert cells.first.tolist() == [0, int(onset // step)]
    assert cells.stop.tolist() == [1, 2**20]


def test_many_notes_are_painted_in_blocks(monkeypatch: pytest.MonkeyPatch, random_piece: Callable[..., Piece]) -> None:
    piece = max((random_piece(seed, first_in_first_out=False) for seed in range(9)), key=lambda piece: piece.n_notes)
    expected = piano_roll(piece, drums="include")
    assert expected.any()
    monkeypatch.setattr("whitelight.music.roll._BLOCK", 3)
    assert np.array_equal(piano_roll(piece, drums="include"), expected)
