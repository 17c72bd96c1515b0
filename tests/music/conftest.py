"""Random pieces with everything a piece can hold."""

from collections.abc import Callable

import numpy as np
import pytest

from whitelight.music import (
    SCALES,
    Controls,
    Key,
    KeyChange,
    Meter,
    MeterChange,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    TextEvent,
)

METERS = ((4, 4), (3, 4), (5, 8), (11, 8), (18, 32), (7, 4), (6, 8), (1, 4), (4, 3), (5, 6))


def _ticks(rng: np.random.Generator, n: int, below: int) -> list[int]:
    return sorted(rng.choice(below, size=min(n, below), replace=False).tolist())


def _notes(rng: np.random.Generator, length: int, *, first_in_first_out: bool) -> Notes:
    n = int(rng.integers(0, 40)) * int(rng.random() < 0.8)  # some parts are silent
    onset = np.sort(rng.integers(0, length, n))
    duration = rng.integers(1, max(length // 3, 2), n)
    pitch, velocity = rng.integers(58, 64, n), rng.integers(1, 128, n)
    if first_in_first_out:  # MIDI pairs overlapping notes of a pitch so: give them ends in the order of their starts
        for each in np.unique(pitch):
            same = np.flatnonzero(pitch == each)
            ends = np.sort(onset[same] + duration[same])
            duration[same] = ends - onset[same]
    return Notes(onset, duration, pitch, velocity)


def _track(rng: np.random.Generator, length: int, index: int, *, first_in_first_out: bool) -> MidiTrack:
    controls = [(tick, int(rng.choice([1, 7, 64, 128])), int(rng.integers(0, 128))) for tick in _ticks(rng, 6, length)]
    return MidiTrack(
        name=f"part {index}",
        program=int(rng.integers(0, 128)),
        is_drum=bool(rng.random() < 0.3),
        notes=_notes(rng, length, first_in_first_out=first_in_first_out),
        lyrics=tuple(TextEvent(tick, f"la{tick}") for tick in _ticks(rng, int(rng.integers(0, 4)), length)),
        controls=Controls.from_rows(controls),
    )


@pytest.fixture(scope="session")
def random_piece() -> Callable[..., Piece]:
    def make(seed: int, *, first_in_first_out: bool = True) -> Piece:
        rng = np.random.default_rng(seed)
        ticks_per_beat = int(rng.choice([1, 24, 96, 220, 480, 960]))
        length = int(rng.integers(8, 40)) * ticks_per_beat
        changes = [0, *(1 + tick for tick in _ticks(rng, int(rng.integers(0, 6)), length - 1))]
        tempos = tuple(int(us) for us in rng.integers(100_000, 2_000_000, len(changes)))
        return Piece(
            ticks_per_beat,
            TempoMap(ticks_per_beat, tuple(changes), tempos),
            meters=tuple(
                MeterChange(tick, Meter(*METERS[rng.integers(len(METERS))]))
                for tick in _ticks(rng, int(rng.integers(0, 4)), length)
            ),
            keys=tuple(
                KeyChange(tick, Key(int(rng.integers(12)), str(rng.choice(list(SCALES)))))
                for tick in _ticks(rng, int(rng.integers(0, 3)), length)
            ),
            markers=tuple(TextEvent(tick, f"section {tick} é") for tick in _ticks(rng, 3, length)),
            midi_tracks=tuple(
                _track(rng, length, index, first_in_first_out=first_in_first_out)
                for index in range(int(rng.integers(0, 5)))
            ),
            end_tick=length + int(rng.integers(0, 2 * length)),
        )

    return make
