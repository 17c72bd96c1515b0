"""Pieces made of numbers, for tests of encoders."""

from collections.abc import Callable

import numpy as np
import pytest

from whitelight.music import MidiTrack, Notes, Piece, TempoMap

Rows = list[tuple[int, int, int, int]]
MakePiece = Callable[..., Piece]


def make(rows: Rows, *, is_drum: bool = False, tempo_bpm: float = 120.0, ticks_per_beat: int = 480) -> Piece:
    end = max((onset + duration for onset, duration, _, _ in rows), default=0)
    track = MidiTrack(name="made", is_drum=is_drum, notes=Notes.from_rows(rows))
    return Piece(
        ticks_per_beat=ticks_per_beat,
        tempo_map=TempoMap.constant(tempo_bpm, ticks_per_beat),
        midi_tracks=(track,),
        end_tick=end,
    )


def random_rows(
    rng: np.random.Generator, n_notes: int, *, seconds: float = 20.0, low: int = 40, high: int = 85
) -> Rows:
    """Rows of a piece at 120 bpm, 480 ticks per beat (960 ticks a second), without exact ties."""
    onset = rng.integers(0, max(int(seconds * 960), 1), n_notes)
    duration = rng.integers(30, 2000, n_notes)
    pitch = rng.integers(low, high, n_notes)
    velocity = rng.integers(20, 110, n_notes)
    return [tuple(map(int, row)) for row in np.stack([onset, duration, pitch, velocity], axis=1)]  # type: ignore[misc]


@pytest.fixture(scope="session")
def make_piece() -> MakePiece:
    return make


@pytest.fixture(scope="session")
def make_random_rows() -> Callable[..., Rows]:
    return random_rows
