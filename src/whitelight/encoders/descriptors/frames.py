"""A piece on a grid of half seconds: what sounds and what is struck in each frame.

Conventions: frames of all pieces lie in one row, `ragged` says which belong to whom; a frame starts at the first
note of its piece; chroma is [12, frames], the average number of notes of that pitch class sounding in the frame.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.ragged import Array, Ragged

FRAME_S = 0.5
PARTS = 64  # of a frame: times are rounded to 1/64 of a frame, so that sums are whole numbers and exact
MAX_FRAMES = 4096  # 34 minutes; longer pieces get longer frames, so that memory stays bounded


class Frames:
    """Frame grid of a batch; arrays are computed when first asked for."""

    def __init__(self, notes: Ragged, span_s: Array, onset_s: Array, duration_s: Array, pitch: Array) -> None:
        self.frame_s = np.maximum(FRAME_S, span_s / MAX_FRAMES)
        counts = np.where(notes.counts > 0, np.floor(span_s / self.frame_s).astype(np.int64) + 1, 0)
        self.ragged = Ragged.from_counts(counts)
        self._pitch_class = pitch % 12
        rate, offset = notes.spread(1 / self.frame_s), notes.spread(self.ragged.offsets[:-1])
        self.onset = onset_s * rate + offset  # frames from the start of the batch's row
        self.end = (onset_s + duration_s) * rate + offset
        self.onset_frame = np.minimum(self.onset.astype(np.int64), max(self.ragged.size - 1, 0))

    @cached_property
    def chroma(self) -> NDArray[np.float32]:
        """Sounding notes per pitch class, shape (12, frames): exact overlap of every note with every frame."""
        width = self.ragged.size + 2
        at = np.concatenate((self.onset * PARTS, self.end * PARTS)).astype(np.int64)
        frame, part = at // PARTS, (at % PARTS).astype(np.float64)
        sign = np.repeat((1.0, -1.0), len(self.onset))
        late = part * sign  # a note that begins late in its frame has its full effect in the next one
        cell = np.concatenate((self._pitch_class, self._pitch_class)) * width + frame
        change = np.bincount(cell, sign * PARTS - late, 12 * width)
        change[1:] += np.bincount(cell, late, 12 * width)[:-1]
        sounding = np.cumsum(change.astype(np.int32).reshape(12, width), axis=1)[:, : self.ragged.size]
        return sounding * np.float32(1 / PARTS)

    @cached_property
    def voices(self) -> NDArray[np.float32]:
        """Average number of notes sounding in each frame."""
        return self.chroma.sum(axis=0)

    @cached_property
    def onsets(self) -> NDArray[np.float64]:
        """Notes struck in each frame."""
        return self.count()

    def count(self, weights: Array | None = None) -> NDArray[np.float64]:
        """Sum of weights (or number) of the notes struck in each frame."""
        return np.bincount(self.onset_frame, weights, self.ragged.size).astype(np.float64)

    def pool(self, values: Array, n_frames: int) -> tuple[Ragged, Array]:
        """Sum every `n_frames` frames of a piece: layout of the windows and values of shape (..., windows)."""
        counts = -(-self.ragged.counts // n_frames)
        windows = Ragged.from_counts(counts)
        if not windows.size:
            return windows, values[..., :0]
        within = np.arange(windows.size) - windows.spread(windows.offsets[:-1])
        starts = windows.spread(self.ragged.offsets[:-1]) + within * n_frames
        return windows, np.add.reduceat(values, starts, axis=-1)
