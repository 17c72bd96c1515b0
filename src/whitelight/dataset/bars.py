"""Where the bars of a song lie in seconds: from its MIDI or, without any, from the tempo and meter its manifest states."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog.song import Song
from whitelight.music import Piece
from whitelight.music.bars import BarGrid
from whitelight.music.piece import DEFAULT_METER

MAX_BARS = 20_000  # an hour of bars of a fifth of a second; what has more does not count bars


@dataclass(frozen=True, slots=True)
class BarLines:
    """Bar lines in seconds from the start of the song, the first at 0 and the last at or after its end."""

    start_s: NDArray[np.float64]

    def position(self, seconds: float) -> float:
        """Return bars from the start of the song, fractions within a bar; 0.0 is the first bar line."""
        return round(float(np.interp(seconds, self.start_s, np.arange(len(self.start_s)))), 4)


def bar_lines(song: Song, piece: Piece | None, end_s: float) -> BarLines | None:
    """Return the bar lines of a song up to `end_s`; None where neither MIDI nor manifest gives a usable tempo."""
    starts = _from_piece(piece, end_s) if piece is not None else _from_manifest(song, end_s)
    return None if starts is None or len(starts) < 2 else BarLines(starts)


def _from_manifest(song: Song, end_s: float) -> NDArray[np.float64] | None:
    if not song.tempo_bpm or song.tempo_bpm <= 0:
        return None
    bar_s = float((song.meter or DEFAULT_METER).beats_per_bar) * 60.0 / song.tempo_bpm
    n_bars = ceil(end_s / bar_s - 1e-9)
    return None if n_bars > MAX_BARS else np.arange(max(n_bars, 1) + 1, dtype=np.float64) * bar_s


def _from_piece(piece: Piece, end_s: float) -> NDArray[np.float64] | None:
    end_tick = max(piece.tempo_map.seconds_to_ticks(end_s), 1)
    grid = BarGrid.of(piece)
    shortest = min(change.meter.beats_per_bar * piece.ticks_per_beat for change in grid.changes)
    if end_tick / shortest > MAX_BARS:
        return None
    starts = grid.starts(end_tick)
    last_bar = grid.position(int(starts[-1])).bar
    ticks = np.unique(np.append(starts, max(grid.bar_start(last_bar + 1), end_tick)))
    return piece.tempo_map.ticks_to_seconds(ticks)
