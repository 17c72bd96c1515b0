"""All notes of a batch of pieces as flat columns, computed once and shared by every MIDI encoder.

Conventions: rows are sorted by (item, onset, pitch); `item` is the position of the piece in the batch; seconds and
beats (quarter notes) count from the start of the piece; a note sounds in [onset, end).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.ragged import Array, Ragged
from whitelight.music import Piece

SHORTEST_NOTE_S = 0.01  # notes of no length are counted as this long, so that they are heard at all

_PITCH_BITS = 7
_TICK_BITS = 40  # 2^40 ticks are 13 days at 480 ticks per beat and 2000 bpm


@dataclass(frozen=True, slots=True)
class NoteBatch:
    """Flat note columns of `n` pieces.

    Attributes
    ----------
    item : piece of each note, ascending.
    onset_s, end_s : seconds from the start of the piece, exact through tempo changes.
    onset_beats : quarter notes from the start of the piece.
    bar : number of the notated bar, from 0.
    bar_phase : position in the notated bar, [0, 1).
    pitch : MIDI note number (for drums the instrument), 0-127.
    velocity : 0-127.
    is_drum : the note is played on a drum track.
    tempo_bpm : notated quarter notes per minute, averaged over the piece, shape (n,).
    bar_beats : length of the first notated bar in quarter notes, shape (n,).
    """

    item: NDArray[np.int64]
    onset_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    onset_beats: NDArray[np.float64]
    bar: NDArray[np.int64]
    bar_phase: NDArray[np.float32]
    pitch: NDArray[np.int64]
    velocity: NDArray[np.float32]
    is_drum: NDArray[np.bool_]
    tempo_bpm: NDArray[np.float32]
    bar_beats: NDArray[np.float32]

    @property
    def n(self) -> int:
        """Number of pieces."""
        return len(self.tempo_bpm)

    @property
    def duration_s(self) -> NDArray[np.float32]:
        """Length of every note in seconds, at least `SHORTEST_NOTE_S`."""
        return np.maximum(self.end_s - self.onset_s, SHORTEST_NOTE_S).astype(np.float32)

    def ragged(self) -> Ragged:
        """Return where each piece lies in the columns."""
        return Ragged.from_items(self.item, self.n)

    def only(self, *, drums: bool) -> "NoteBatch":
        """Return the same pieces with only their drum notes, or only their pitched notes."""
        chosen = self.is_drum if drums else ~self.is_drum
        if chosen.all():
            return self
        return self.take(np.flatnonzero(chosen))

    def take(self, rows: Array) -> "NoteBatch":
        """Return the same pieces with the notes in `rows` (ascending by piece), in that order."""
        columns = {name: getattr(self, name)[rows] for name in _NOTE_COLUMNS}
        return replace(self, **columns)

    @classmethod
    def from_pieces(cls, pieces: Sequence[Piece]) -> "NoteBatch":
        """Flatten `pieces`; the only step that visits pieces one by one."""
        tracks = [(i, t) for i, piece in enumerate(pieces) for t in piece.midi_tracks if len(t.notes)]
        lengths = np.array([len(t.notes) for _, t in tracks], np.int64)
        item = np.repeat(np.array([i for i, _ in tracks], np.int64), lengths)
        is_drum = np.repeat(np.array([t.is_drum for _, t in tracks], np.bool_), lengths)
        onset_tick = _joined([t.notes.onset_tick for _, t in tracks], np.int64)
        pitch = _joined([t.notes.pitch for _, t in tracks], np.int64)
        order = np.argsort((item << (_TICK_BITS + _PITCH_BITS)) + (onset_tick << _PITCH_BITS) + pitch, kind="stable")
        item, is_drum, pitch, onset_tick = item[order], is_drum[order], pitch[order], onset_tick[order]
        duration_ticks = _joined([t.notes.duration_ticks for _, t in tracks], np.int64)[order]
        velocity = _joined([t.notes.velocity for _, t in tracks], np.float32)[order]

        ragged = Ragged.from_items(item, len(pieces))
        onset_s, end_s = _seconds(pieces, ragged, onset_tick, onset_tick + duration_ticks)
        ticks_per_beat = np.array([piece.ticks_per_beat for piece in pieces], np.float64)
        bars = _bars(pieces, ragged, onset_tick)
        return cls(
            item=item,
            onset_s=onset_s,
            end_s=end_s,
            onset_beats=onset_tick / ragged.spread(ticks_per_beat),
            bar=bars.astype(np.int64),
            bar_phase=np.minimum(bars - np.floor(bars), 1 - 1e-6).astype(np.float32),
            pitch=pitch,
            velocity=velocity,
            is_drum=is_drum,
            tempo_bpm=np.array([_mean_tempo_bpm(piece) for piece in pieces], np.float32),
            bar_beats=np.array([float(piece.meter_at(0).beats_per_bar) for piece in pieces], np.float32),
        )


_NOTE_COLUMNS = (
    "item",
    "onset_s",
    "end_s",
    "onset_beats",
    "bar",
    "bar_phase",
    "pitch",
    "velocity",
    "is_drum",
)


def _joined(columns: list[Array], dtype: Any) -> Array:
    return np.concatenate(columns).astype(dtype) if columns else np.zeros(0, dtype)


def _seconds(pieces: Sequence[Piece], ragged: Ragged, onset_tick: Array, end_tick: Array) -> tuple[Array, Array]:
    """Seconds of onsets and ends; one multiplication for pieces of constant tempo, the tempo map for the others."""
    scale = np.array([p.tempo_map.us_per_beat[0] / p.tempo_map.ticks_per_beat / 1e6 for p in pieces], np.float64)
    per_note = ragged.spread(scale)
    onset_s, end_s = onset_tick * per_note, end_tick * per_note
    for i, piece in enumerate(pieces):
        if len(piece.tempo_map.change_ticks) > 1:
            rows = slice(ragged.offsets[i], ragged.offsets[i + 1])
            onset_s[rows] = piece.tempo_map.ticks_to_seconds(onset_tick[rows])
            end_s[rows] = piece.tempo_map.ticks_to_seconds(end_tick[rows])
    return onset_s, end_s


def _bars(pieces: Sequence[Piece], ragged: Ragged, onset_tick: Array) -> NDArray[np.float64]:
    """Onsets in notated bars from the start of the piece; a change of meter starts a new bar."""
    bar_ticks = np.array([p.meter_at(0).bar_ticks(p.ticks_per_beat) for p in pieces], np.float64)
    bars = onset_tick / ragged.spread(bar_ticks)
    for i, piece in enumerate(pieces):
        if len(piece.meters) > 1:
            rows = slice(ragged.offsets[i], ragged.offsets[i + 1])
            ticks = np.array([0, *(change.tick for change in piece.meters)], np.float64)
            lengths = np.array([bar_ticks[i], *(c.meter.bar_ticks(piece.ticks_per_beat) for c in piece.meters)])
            before = np.concatenate(([0], np.cumsum(np.ceil(np.diff(ticks) / lengths[:-1] - 1e-9))))
            valid = np.searchsorted(ticks, onset_tick[rows], side="right") - 1
            bars[rows] = before[valid] + (onset_tick[rows] - ticks[valid]) / lengths[valid]
    return bars


def _mean_tempo_bpm(piece: Piece) -> float:
    """Beats of the whole piece by its minutes; the first tempo when it has no length."""
    tempo = piece.tempo_map
    if len(tempo.change_ticks) == 1 or piece.duration_s <= 0:
        return 60e6 / tempo.us_per_beat[0]
    return piece.duration_beats * 60 / piece.duration_s
