"""Windows of a piece as piano rolls: what the convolutional network reads.

The project's exact roll in seconds (`music.roll`), cells of 0.1 s, pitches 16 to 111, three channels as in
`encoders.roll`: something sounds, a note starts, velocity centered on mezzo-forte.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.roll import CHANNELS, VELOCITY_CENTER, VELOCITY_SCALE
from whitelight.music import Piece, roll_channels

CELL_S = 0.1
LOWEST, N_PITCHES = 16, 96  # the piano and three semitones either way, a multiple of what the network pools
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RollReader:
    """Draws windows.

    Attributes
    ----------
    n_steps : cells of a window. n_windows : spread evenly over a piece in judging it.
    """

    n_steps: int
    n_windows: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one window: channels, pitches, cells."""
        return (len(CHANNELS), N_PITCHES, self.n_steps)

    def one(self, piece: Piece, rng: np.random.Generator) -> Floats:
        """Draw a window that starts anywhere, (3, 96, n_steps); axis 2 is time."""
        return self._window(piece, float(rng.uniform(0.0, self._free_s(piece))))

    def spread(self, piece: Piece) -> Floats:
        """Draw windows from the first to the last, (n_windows, 3, 96, n_steps)."""
        starts = np.linspace(0.0, self._free_s(piece), self.n_windows)
        return np.stack([self._window(piece, float(start)) for start in starts])

    def _free_s(self, piece: Piece) -> float:
        return max(piece.duration_s - self.n_steps * CELL_S, 0.0)

    def _window(self, piece: Piece, start_s: float) -> Floats:
        start, end = piece.tempo_map.seconds_to_ticks(np.array([start_s, start_s + self.n_steps * CELL_S]))
        roll = roll_channels(piece, n_steps=self.n_steps, start_tick=int(start), end_tick=int(end))
        roll = np.ascontiguousarray(roll[:, LOWEST : LOWEST + N_PITCHES])
        sounding, velocity = roll[0], roll[2]
        np.multiply(velocity * 127 - VELOCITY_CENTER, sounding / VELOCITY_SCALE, out=velocity)
        return roll
