"""What the melodies of a catalog are like: register, pace, intervals, places off the beat. Never their notes in a row."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.melody.tables import MelodyHabit, MelodyStyle
from whitelight.dataset import Dataset
from whitelight.music import BarGrid, Notes, Piece, read_midi

MIN_NOTES = 64  # fewer say nothing
MIN_PART_NOTES = 24  # of one melody that others may lean to
LONGEST_GAP_S = 1.5  # between notes of one phrase
NEAR_BEAT = 0.12  # of a beat: a hand is not exact


def melody_style_of_classes(dataset: Path, class_names: Collection[str]) -> MelodyStyle | None:
    """Listen to the melody view of the songs of some classes; to all songs when there are none of them.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without a melody add nothing.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id"], views=["melody"], song_ids=song_ids or None).to_pydict()
    return learn_melody(read_midi(midi) for _, midi in source.media(rows["row_id"]))


def learn_melody(pieces: Iterable[Piece]) -> MelodyStyle | None:
    """Listen to melody parts (the highest note at a time); None when they have fewer than `MIN_NOTES` notes.

    Parameters
    ----------
    pieces : rows of a catalog's melody view, which hold nothing but the melody.
    """
    lines = [(piece, top_line(piece.all_notes(drums="exclude"))) for piece in pieces]
    lines = [(piece, line) for piece, line in lines if len(line)]
    if sum(len(line) for _, line in lines) < MIN_NOTES:
        return None
    habits = tuple(_habit([one]) for one in lines if len(one[1]) >= MIN_PART_NOTES)
    return MelodyStyle(_habit(lines), habits)


def _habit(lines: Sequence[tuple[Piece, Notes]]) -> MelodyHabit:
    """Statistics of some lines together."""
    pitches = np.concatenate([line.pitch for _, line in lines])
    moves = np.concatenate([_moves(piece, line) for piece, line in lines])
    sung_s = sum(_sung_s(piece, line) for piece, line in lines)
    off = np.concatenate([_off_beat(piece, line) for piece, line in lines])
    low, high = np.percentile(pitches, (5, 95))
    n_moves = max(len(moves), 1)
    n_notes = len(pitches)
    return MelodyHabit(
        low=float(low),
        high=float(high),
        notes_per_s=float(n_notes / max(sung_s, 1e-9)),
        repeated=float((moves == 0).sum() / n_moves),
        steps=float(((moves == 1) | (moves == 2)).sum() / n_moves),
        thirds=float(((moves == 3) | (moves == 4)).sum() / n_moves),
        leaps=float((moves >= 5).sum() / n_moves),
        off_beat=float(off.mean()),
        n_notes=n_notes,
    )


def top_line(notes: Notes) -> Notes:
    """The highest note of every moment at which notes begin."""
    if len(notes) < 2:
        return notes
    is_top = np.append(np.diff(notes.onset_tick) > 0, True)  # sorted by onset, then pitch
    return notes.select(is_top)


def _moves(piece: Piece, line: Notes) -> NDArray[np.int64]:
    """Semitones between notes of one phrase."""
    onset_s = np.asarray(piece.tempo_map.ticks_to_seconds(line.onset_tick))
    moves = np.abs(np.diff(line.pitch.astype(np.int64)))
    return moves[np.diff(onset_s) <= LONGEST_GAP_S]


def _sung_s(piece: Piece, line: Notes) -> float:
    """Seconds that sound; a note ends when the next begins."""
    onset_s = np.asarray(piece.tempo_map.ticks_to_seconds(line.onset_tick))
    end_s = np.asarray(piece.tempo_map.ticks_to_seconds(line.end_tick))
    until = np.append(onset_s[1:], np.inf)
    return float((np.minimum(end_s, until) - onset_s).sum())


def _off_beat(piece: Piece, line: Notes) -> NDArray[np.bool_]:
    """Whether each note begins between two units of its meter."""
    grid = BarGrid.of(piece)
    lines = grid.starts(max(piece.end_tick, line.last_tick))
    bar = np.maximum(np.searchsorted(lines, line.onset_tick, side="right") - 1, 0)
    unit = np.array([float(piece.meter_at(tick).unit_ticks(piece.ticks_per_beat)) for tick in line.onset_tick.tolist()])
    place = (line.onset_tick - lines[bar]) / unit % 1.0
    off: NDArray[np.bool_] = np.minimum(place, 1.0 - place) > NEAR_BEAT
    return off
