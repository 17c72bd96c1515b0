"""Piano rolls on an exact grid.

The span [start_tick, end_tick) is divided into `n_steps` equal cells, in seconds or in beats. A cell is on when a
note sounds anywhere in it, however briefly. All borders are computed in integers (ticks, or the exact time of
`TempoMap.exact_us`), so the roll of a slice equals the slice of the roll to the last bit.
A note held over the start counts as starting there, as it does in a slice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.music.piece import Piece, PieceError

N_PITCHES = 128
_BLOCK = 16_384  # notes filled at once: at 256 steps at most 4 million cells, 32 MB of indices


@dataclass(frozen=True, slots=True)
class NoteCells:
    """Cells that notes cover, as columns of equal length: `first` ≤ cell < `stop`."""

    first: NDArray[np.int64]
    stop: NDArray[np.int64]
    pitch: NDArray[np.int16]
    velocity: NDArray[np.int16]


def piano_roll(
    piece: Piece,
    *,
    n_steps: int = 256,
    unit: str = "seconds",
    start_tick: int = 0,
    end_tick: int | None = None,
    drums: str = "exclude",
) -> NDArray[np.float32]:
    """Loudness of every pitch over time.

    Parameters
    ----------
    n_steps : cells along time, ≥ 1.
    unit : "seconds" or "beats", what the cells are equal in.
    start_tick, end_tick : span shown; None is the end of the piece.
    drums : "exclude", "include" or "only".

    Returns
    -------
    shape (128, n_steps), axis 1 is time; velocity / 127 of the loudest note in the cell, 0 where nothing sounds.
    """
    cells = note_cells(piece, n_steps=n_steps, unit=unit, start_tick=start_tick, end_tick=end_tick, drums=drums)
    return fill(cells, cells.velocity.astype(np.float32) / np.float32(127), n_steps)


def roll_channels(
    piece: Piece,
    *,
    n_steps: int = 256,
    unit: str = "seconds",
    start_tick: int = 0,
    end_tick: int | None = None,
    drums: str = "exclude",
) -> NDArray[np.float32]:
    """Three rolls of one grid: sounding (0 or 1), onset (1 where a note starts), velocity (as `piano_roll`).

    Returns
    -------
    shape (3, 128, n_steps).
    """
    cells = note_cells(piece, n_steps=n_steps, unit=unit, start_tick=start_tick, end_tick=end_tick, drums=drums)
    velocity = fill(cells, cells.velocity.astype(np.float32) / np.float32(127), n_steps)
    onset = np.zeros_like(velocity)
    onset[cells.pitch, cells.first] = 1
    return np.stack([(velocity > 0).astype(np.float32), onset, velocity])


def note_cells(
    piece: Piece, *, n_steps: int, unit: str, start_tick: int = 0, end_tick: int | None = None, drums: str = "exclude"
) -> NoteCells:
    """Cells covered by every note sounding in the span, exactly; the notes come in no particular order."""
    end = piece.end_tick if end_tick is None else end_tick
    if not 0 <= start_tick <= end or n_steps < 1:
        raise PieceError(f"roll of ticks {start_tick} to {end} in {n_steps} steps: expected 0 ≤ start ≤ end, steps ≥ 1")
    if unit not in ("seconds", "beats"):
        raise PieceError(f"unit '{unit}': expected seconds or beats")
    picked = [
        (notes.onset_tick[rows], notes.duration_ticks[rows], notes.pitch[rows], notes.velocity[rows])
        for notes in (midi_track.notes for midi_track in piece.tracks_with(drums))
        if len(notes)
        for rows in (notes.sounding(start_tick, end),)
    ]
    if not picked or start_tick == end:
        nothing, none = np.empty(0, np.int64), np.empty(0, np.int16)
        return NoteCells(nothing, nothing, none, none)
    onset, duration, pitch, velocity = (np.concatenate(columns) for columns in zip(*picked, strict=True))
    stop = np.minimum(onset + duration, end)
    onset = np.maximum(onset, start_tick)
    sounds = stop > onset
    if not sounds.all():
        onset, stop, pitch, velocity = onset[sounds], stop[sounds], pitch[sounds], velocity[sounds]
    if unit == "seconds":
        exact = piece.tempo_map.exact_us(np.concatenate([onset, stop, np.array([start_tick, end])]))
        onset, stop, start_tick, end = exact[: len(onset)], exact[len(onset) : -2], int(exact[-2]), int(exact[-1])
    first, after = _cells(onset - start_tick, stop - start_tick, end - start_tick, n_steps)
    return NoteCells(first, after, pitch, velocity)


def fill(cells: NoteCells, values: NDArray[np.float32], n_steps: int) -> NDArray[np.float32]:
    """Paint `values` (one per note, > 0) into a roll of shape (128, n_steps); the greatest value wins a cell."""
    roll = np.zeros(N_PITCHES * n_steps, np.float32)
    order = np.argsort(cells.velocity, kind="stable")  # painted last wins: softest first
    lengths = cells.stop - cells.first
    begins = cells.pitch.astype(np.int64) * n_steps + cells.first
    for block in range(0, len(order), _BLOCK):
        chosen = order[block : block + _BLOCK]
        length = lengths[chosen]
        total = np.cumsum(length)
        index = np.repeat(begins[chosen] - (total - length), length) + np.arange(int(total[-1]))
        roll[index] = np.repeat(values[chosen], length)
    return roll.reshape(N_PITCHES, n_steps)


def _cells(
    onset: NDArray[np.int64], stop: NDArray[np.int64], span: int, n_steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First cell and the cell after the last, for times from 0 to `span`; whole numbers of any size."""
    if span * n_steps >= 2**63:
        onset, stop = onset.astype(object), stop.astype(object)  # exact at any size, only slower
    first, after = onset * n_steps // span, -(-(stop * n_steps) // span)
    return first.astype(np.int64), after.astype(np.int64)
