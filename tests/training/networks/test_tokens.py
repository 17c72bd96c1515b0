from dataclasses import replace

import numpy as np

from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap
from whitelight.training.networks.changes import Change, change_piece
from whitelight.training.networks.material import pitched
from whitelight.training.networks.tokens import (
    EDGES,
    FIELDS,
    FIRST,
    MAX_BARS,
    PADDING,
    SIZES,
    TokenReader,
    tokenize,
)


def a_piece(rows: list[tuple[int, int, int, int]], *, meters: tuple[MeterChange, ...] = (), bpm: float = 120) -> Piece:
    return Piece(480, TempoMap.constant(bpm, 480), meters=meters, midi_tracks=(MidiTrack(notes=Notes.from_rows(rows)),))


def column(piece: Piece, name: str) -> list[int]:
    return [int(value) for value in tokenize(piece)[:, FIELDS.index(name)] - FIRST]


def test_a_bar_of_triplets_and_a_sixteenth_stands_exactly_on_the_grid() -> None:
    piece = a_piece([(0, 160, 60, 64), (160, 160, 64, 68), (320, 160, 67, 127), (480, 120, 72, 1), (1920, 480, 60, 64)])
    assert column(piece, "position") == [0, 4, 8, 12, 0]
    assert column(piece, "bars") == [0, 0, 0, 0, 1]
    assert column(piece, "pitch") == [60, 64, 67, 72, 60]
    assert column(piece, "velocity") == [16, 17, 31, 0, 16]
    assert column(piece, "shift") == [0, 4, 4, 4, np.searchsorted(EDGES, 36, side="right")]
    assert column(piece, "duration") == [4, 4, 4, 3, 12]


def test_positions_follow_changes_of_meter() -> None:
    meters = (MeterChange(0, Meter(3, 4)), MeterChange(1440, Meter(5, 8)))
    piece = a_piece([(0, 10, 60, 64), (1440, 10, 60, 64), (1440 + 1200, 10, 60, 64), (1680, 10, 60, 64)], meters=meters)
    assert column(piece, "position") == [0, 0, 6, 0]
    assert column(piece, "bars") == [0, 1, 0, 1]


def test_an_upbeat_is_counted_from_the_bar_line_before() -> None:
    piece = a_piece([(480, 10, 60, 64)], meters=(MeterChange(0, Meter(2, 4)), MeterChange(480, Meter(4, 4))))
    assert column(piece, "position") == [0]


def test_tempo_is_a_token_of_its_own() -> None:
    slow, fast = (column(a_piece([(0, 480, 60, 64)], bpm=bpm), "tempo") for bpm in (50, 200))
    assert slow < fast


def test_transposition_moves_the_pitch_alone(piece: Piece) -> None:
    higher = change_piece(pitched(piece), Change(semitones=5), np.random.default_rng(0))
    difference = tokenize(higher) - tokenize(piece)
    assert (difference[:, FIELDS.index("pitch")] == 5).all()
    assert (np.delete(difference, FIELDS.index("pitch"), axis=1) == 0).all()


def test_every_value_has_an_embedding_and_none_says_nothing() -> None:
    rng = np.random.default_rng(0)
    rows = [
        (int(on), int(length), int(rng.integers(0, 128)), int(rng.integers(1, 128)))
        for on, length in zip(rng.integers(0, 10**7, 500), rng.integers(1, 10**6, 500), strict=True)
    ]
    tokens = tokenize(a_piece(rows, bpm=399, meters=(MeterChange(0, Meter(25, 4)),)))
    assert (tokens >= FIRST).all()
    assert (tokens < np.array(SIZES)).all()
    assert tokens[:, 0].max() == FIRST + MAX_BARS


def test_windows_spread_from_the_first_note_to_the_last_and_pad_short_pieces(piece: Piece) -> None:
    tokens = tokenize(piece)
    windows = TokenReader(20, 3).spread(piece)
    assert windows.shape == (3, 20, len(FIELDS))
    assert (windows[0] == tokens[:20]).all()
    assert (windows[-1] == tokens[-20:]).all()
    long = TokenReader(len(tokens) + 7, 1).spread(piece)[0]
    assert (long[: len(tokens)] == tokens).all()
    assert (long[len(tokens) :] == PADDING).all()


def test_a_random_window_is_a_run_of_notes(piece: Piece) -> None:
    tokens, reader = tokenize(piece), TokenReader(16, 1)
    starts = set()
    for seed in range(20):
        window = reader.one(piece, np.random.default_rng(seed))
        found = [k for k in range(len(tokens) - 15) if (tokens[k : k + 16] == window).all()]
        assert found
        starts.add(found[0])
    assert len(starts) > 5


def test_drums_are_left_out(piece: Piece) -> None:
    drums = MidiTrack(is_drum=True, notes=Notes.from_rows([(0, 10, 36, 100)]))
    assert (tokenize(replace(piece, midi_tracks=(*piece.midi_tracks, drums))) == tokenize(piece)).all()


def test_the_same_notes_at_another_resolution_are_the_same_tokens() -> None:
    coarse = a_piece([(0, 240, 60, 64), (480, 480, 62, 64)])
    fine = Piece(
        960,
        TempoMap.constant(120, 960),
        midi_tracks=(MidiTrack(notes=Notes.from_rows([(0, 480, 60, 64), (960, 960, 62, 64)])),),
    )
    assert (tokenize(coarse) == tokenize(fine)).all()
