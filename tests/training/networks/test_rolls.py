import numpy as np

from whitelight.music import MidiTrack, Notes, Piece, TempoMap, roll_channels
from whitelight.training.networks.changes import Change, change_piece
from whitelight.training.networks.material import pitched
from whitelight.training.networks.rolls import CELL_S, LOWEST, N_PITCHES, RollReader


def a_piece(rows: list[tuple[int, int, int, int]]) -> Piece:
    return Piece(480, TempoMap.constant(120, 480), midi_tracks=(MidiTrack(notes=Notes.from_rows(rows)),))


def test_channels_are_sounding_onset_and_centered_velocity() -> None:
    window = RollReader(16, 1).spread(a_piece([(0, 480, 60, 84), (480, 480, 62, 44)]))[0]
    assert window.shape == (3, N_PITCHES, 16)
    sounding, onset, velocity = window[:, 60 - LOWEST]
    assert sounding.tolist() == [1.0] * 5 + [0.0] * 11  # half a second
    assert onset.tolist() == [1.0] + [0.0] * 15
    np.testing.assert_allclose(velocity, [1.0] * 5 + [0.0] * 11, atol=1e-5)
    np.testing.assert_allclose(window[2, 62 - LOWEST, 5:10], -1.0, atol=1e-5)


def test_windows_are_parts_of_the_exact_roll() -> None:
    rows = [(240 * k, 200, 40 + k, 64 + k) for k in range(40)]  # a quarter of a second each
    piece = a_piece(rows)
    n_cells = round(piece.duration_s / CELL_S)
    whole = roll_channels(piece, n_steps=n_cells, end_tick=n_cells * 96)[:, LOWEST : LOWEST + N_PITCHES]
    first, last = RollReader(20, 2).spread(piece)
    assert (first[0] == whole[0, :, :20]).all()
    assert (
        last[0]
        == roll_channels(piece, n_steps=20, start_tick=piece.end_tick - 1920, end_tick=piece.end_tick)[
            0, LOWEST : LOWEST + N_PITCHES
        ]
    ).all()


def test_after_the_end_nothing_sounds() -> None:
    window = RollReader(40, 1).one(a_piece([(0, 480, 60, 64)]), np.random.default_rng(0))
    assert window[0, :, :5].sum() == 5
    assert window[:, :, 5:].sum() == 0


def test_a_random_window_moves(piece: Piece) -> None:
    reader = RollReader(16, 1)
    found = {reader.one(piece, np.random.default_rng(seed)).tobytes() for seed in range(8)}
    assert len(found) > 4


def test_a_faster_piece_is_a_shorter_roll(piece: Piece) -> None:
    faster = change_piece(pitched(piece), Change(tempo=0.5), np.random.default_rng(0))
    ends = [int(np.flatnonzero(RollReader(128, 1).spread(one)[0][0].any(axis=0)).max()) for one in (piece, faster)]
    assert ends == [71, 35]  # 7.2 seconds, and half of it
