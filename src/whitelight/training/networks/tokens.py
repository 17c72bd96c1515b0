"""Windows of a piece as REMI tokens (Huang & Yang 2020), the tokens of one note side by side: what the transformer reads.

A note is one step with seven tokens: how many bars and grid steps since the note before, position in the bar, pitch,
velocity, duration, tempo. In a row they are five to seven steps per note, and a window of 128 steps holds 5 seconds of
piano; side by side (Hsiao et al. 2021) it holds 128 notes.

Made from our own `Notes` and not by miditok: that reads the file again and has eight positions per beat by default,
where this grid has 12, which writes triplets and sixteenths exactly (`docs/networks.md` has the times).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.music import BarGrid, Piece

STEPS_PER_BEAT = 12
PADDING, MASKED = 0, 1  # values of every token that say nothing
FIRST = 2  # the smallest value that says something
MAX_BARS = 4
MAX_POSITION = 8 * STEPS_PER_BEAT
EDGES = np.array([*range(1, 25), *range(26, 49, 2), *range(52, 97, 4), *range(108, 193, 12)])  # steps; exact to 2 beats
TEMPO_BINS = np.geomspace(30.0, 300.0, 31)  # bpm
FIELDS = ("bars", "shift", "position", "pitch", "velocity", "duration", "tempo")
SIZES = tuple(
    FIRST + n for n in (MAX_BARS + 1, len(EDGES) + 1, MAX_POSITION, 128, 32, len(EDGES) + 1, len(TEMPO_BINS) + 1)
)
Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenReader:
    """Cuts windows of notes.

    Attributes
    ----------
    n_steps : notes of a window. n_windows : spread evenly over a piece in judging it.
    """

    n_steps: int
    n_windows: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one window: notes, tokens of a note."""
        return (self.n_steps, len(FIELDS))

    def one(self, piece: Piece, rng: np.random.Generator) -> Tokens:
        """Cut a window that starts at any note, (n_steps, 7); axis 0 is time."""
        tokens = tokenize(piece)
        return self._window(tokens, int(rng.integers(0, max(len(tokens) - self.n_steps, 0) + 1)))

    def spread(self, piece: Piece) -> Tokens:
        """Cut windows from the first to the last, (n_windows, n_steps, 7)."""
        tokens = tokenize(piece)
        starts = np.linspace(0, max(len(tokens) - self.n_steps, 0), self.n_windows).round().astype(np.int64)
        return np.stack([self._window(tokens, int(start)) for start in starts])

    def _window(self, tokens: Tokens, start: int) -> Tokens:
        found = np.full(self.shape, PADDING, dtype=np.int64)
        chosen = tokens[start : start + self.n_steps]
        found[: len(chosen)] = chosen
        return found


def tokenize(piece: Piece) -> Tokens:
    """Return the tokens of all notes in order of onset and pitch, (n_notes, 7); every value is at least `FIRST`."""
    notes = piece.all_notes(drums="exclude")
    scale = STEPS_PER_BEAT / piece.ticks_per_beat
    step = np.floor(notes.onset_tick * scale + 0.5).astype(np.int64)
    duration = np.maximum(np.floor(notes.duration_ticks * scale + 0.5).astype(np.int64), 1)
    bar_lines = BarGrid.of(piece).starts(piece.end_tick)
    bar = np.searchsorted(bar_lines, notes.onset_tick, side="right") - 1
    position = notes.onset_tick - bar_lines[bar]
    tempo = piece.tempo_map
    bpm = 60e6 / np.array(tempo.us_per_beat)[np.searchsorted(tempo.change_ticks, notes.onset_tick, side="right") - 1]
    columns = (
        np.minimum(np.diff(bar, prepend=bar[:1]), MAX_BARS),
        np.searchsorted(EDGES, np.diff(step, prepend=step[:1]), side="right"),
        np.minimum(np.floor(position * scale + 0.5).astype(np.int64), MAX_POSITION - 1),
        notes.pitch,
        notes.velocity // 4,
        np.searchsorted(EDGES, duration, side="right"),
        np.searchsorted(TEMPO_BINS, bpm),
    )
    return np.stack(columns, axis=1).astype(np.int64) + FIRST
