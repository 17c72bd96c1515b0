"""The notes of many pieces as flat columns, straight from their files: what scoring a batch needs, and no more.

Making a `Piece` of every file costs three times what reading it costs, object by object; a scorer only wants its notes.
Both ways give the same notes, the same times and the same errors (tests compare them).

Conventions: a *part* is a track with notes; parts lie in the order of their pieces and tracks, the notes of a part in
any order; ticks count from the start of the piece.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.music.midi import MidiError, open_midi, read_midi, refuse_long, time_of
from whitelight.music.midi_chunks import END_OF_TRACK
from whitelight.music.piece import Piece

_SYMUSIC_COLUMNS = ("time", "duration", "pitch", "velocity")
Source = bytes | Path | Piece
_Part = tuple[tuple[NDArray[Any], ...], bool]  # onset, duration, pitch and velocity; whether it is drums


@dataclass(frozen=True, slots=True)
class NoteColumns:
    """Flat note columns of several pieces.

    Attributes
    ----------
    times : the time of each piece; a piece whose tracks are not looked at.
    part_piece : piece of each part, ascending. part_notes : how many notes it has. part_is_drum : played on channel 10.
    onset_tick, duration_ticks : shape (n_notes,), ≥ 0 and ≥ 1; whole numbers of the width they were read in.
    pitch, velocity : shape (n_notes,), 0-127, likewise.
    """

    times: tuple[Piece, ...]
    part_piece: NDArray[np.int64]
    part_notes: NDArray[np.int64]
    part_is_drum: NDArray[np.bool_]
    onset_tick: NDArray[np.integer[Any]]
    duration_ticks: NDArray[np.integer[Any]]
    pitch: NDArray[np.integer[Any]]
    velocity: NDArray[np.integer[Any]]

    @property
    def n_notes(self) -> NDArray[np.int64]:
        """Notes of each piece, shape (n_pieces,)."""
        return np.bincount(self.part_piece, self.part_notes, len(self.times)).astype(np.int64)

    def split(self, most_notes: int) -> Iterator["NoteColumns"]:
        """Yield stretches of pieces, in order, of at most so many notes each; a larger piece is one of its own."""
        first, total = 0, 0
        for piece, n in enumerate(self.n_notes.tolist()):
            if total + n > most_notes and piece > first:
                yield self._pieces(first, piece)
                first, total = piece, 0
            total += n
        yield self._pieces(first, len(self.times))

    def _pieces(self, first: int, after: int) -> "NoteColumns":
        parts = slice(*np.searchsorted(self.part_piece, (first, after)).tolist())
        ends = np.concatenate(([0], np.cumsum(self.part_notes)))
        rows = slice(int(ends[parts.start]), int(ends[parts.stop]))
        return NoteColumns(
            self.times[first:after],
            self.part_piece[parts] - first,
            self.part_notes[parts],
            self.part_is_drum[parts],
            self.onset_tick[rows],
            self.duration_ticks[rows],
            self.pitch[rows],
            self.velocity[rows],
        )


def columns_of(pieces: Sequence[Piece]) -> NoteColumns:
    """Return the notes of pieces."""
    return _joined([(piece, _parts_of(piece)) for piece in pieces])


def read_columns(sources: Sequence[Source]) -> tuple[NoteColumns, list[MidiError | None]]:
    """Read the notes of many files at once.

    Parameters
    ----------
    sources : content of a file, where it lies, or a piece, which is taken as it is.

    Returns
    -------
    The notes of those that could be read, in their order; and for every source the reason why it could not be, or None.
    """
    read: list[tuple[Piece, list[_Part]]] = []
    errors: list[MidiError | None] = []
    for source in sources:
        error = None
        try:
            read.append((source, _parts_of(source)) if isinstance(source, Piece) else _read(source))
        except MidiError as err:
            error = err
        errors.append(error)
    return _joined(read), errors


def _read(source: bytes | Path) -> tuple[Piece, list[_Part]]:
    opened = open_midi(source)
    unusual = opened.score.start() < 0  # times beyond what symusic counts have wrapped around
    if unusual or not all(body.endswith(END_OF_TRACK) for body in opened.chunks.bodies):
        piece = read_midi(source)
        return piece, _parts_of(piece)
    with opened.named():
        time = time_of(opened)
    parts: list[_Part] = []
    for track in opened.score.tracks:
        if len(track.notes):
            columns = track.notes.numpy()
            parts.append((tuple(columns[name] for name in _SYMUSIC_COLUMNS), track.is_drum))
    refuse_long(time, opened.where)
    return time, parts


def _parts_of(piece: Piece) -> list[_Part]:
    with_notes = [(track.notes, track.is_drum) for track in piece.midi_tracks if len(track.notes)]
    return [((n.onset_tick, n.duration_ticks, n.pitch, n.velocity), is_drum) for n, is_drum in with_notes]


def _joined(read: Sequence[tuple[Piece, Sequence[_Part]]]) -> NoteColumns:
    parts = [part for _, several in read for part in several]
    part_piece = np.repeat(np.arange(len(read)), [len(several) for _, several in read])
    part_notes = np.array([len(columns[0]) for columns, _ in parts], np.int64)
    onset, duration, pitch, velocity = (_column([columns[k] for columns, _ in parts]) for k in range(4))
    np.maximum(duration, 1, out=duration)  # a note of length zero lasts one tick
    return NoteColumns(
        times=_reaching([time for time, _ in read], part_piece, part_notes, onset.astype(np.int64) + duration),
        part_piece=part_piece,
        part_notes=part_notes,
        part_is_drum=np.array([is_drum for _, is_drum in parts], np.bool_),
        onset_tick=onset,
        duration_ticks=duration,
        pitch=pitch,
        velocity=velocity,
    )


def _column(of_parts: list[NDArray[Any]]) -> NDArray[np.integer[Any]]:
    return np.concatenate(of_parts) if of_parts else np.zeros(0, np.int64)


def _reaching(
    times: list[Piece], part_piece: NDArray[np.int64], part_notes: NDArray[np.int64], end_tick: NDArray[np.int64]
) -> tuple[Piece, ...]:
    """Let every piece end no earlier than its last note; a note of length zero may end a tick after its chunk."""
    if not len(part_notes):
        return tuple(times)
    last = np.maximum.reduceat(end_tick, np.cumsum(part_notes) - part_notes)
    for piece, tick in zip(part_piece.tolist(), last.tolist(), strict=True):
        if tick > times[piece].end_tick:
            times[piece] = replace(times[piece], end_tick=tick)
    return tuple(times)
