"""The same music written otherwise: what must not move a score, and so measures its noise, and is taught to the experts.

Louder by 20, a fourth higher, at twice the tempo with doubled note values: a listener would name the same song. How far
the fitness moves between such writings is the noise its spread is compared with (`training.gate`), and how far a class
probability moves is what a search could buy (`benchmarks/emopia.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi
from whitelight.training.rows import Rows

PER_VIEW = 50  # rows written otherwise by default: a batch of candidates; 600 descriptions cost about a second
LOUDER = 20  # MIDI velocity
FOURTH = 5  # semitones
HIGHEST, LOUDEST = 127, 127


def louder(piece: Piece) -> Piece:
    """Return the piece with every velocity raised by `LOUDER`, as far as MIDI goes."""
    return _with_notes(piece, lambda n: replace_columns(n, velocity=np.minimum(n.velocity + LOUDER, LOUDEST)))


def transposed(piece: Piece) -> Piece:
    """Return the piece a fourth higher, or a fourth lower where that would leave the range of MIDI; drums stay."""
    pitched = [track.notes.pitch.max() for track in piece.tracks_with("exclude") if len(track.notes)]
    step = FOURTH if max(pitched, default=0) + FOURTH <= HIGHEST else -FOURTH
    return _with_notes(piece, lambda n: replace_columns(n, pitch=np.maximum(n.pitch + step, 0)), drums=False)


def doubled(piece: Piece) -> Piece:
    """Return the piece at twice the tempo with doubled note values: the same sound to half a microsecond per beat."""
    tempo = piece.tempo_map
    faster = TempoMap(
        tempo.ticks_per_beat, tuple(2 * t for t in tempo.change_ticks), tuple(us // 2 for us in tempo.us_per_beat)
    )
    longer = _with_notes(
        piece,
        lambda n: replace_columns(n, onset_tick=2 * n.onset_tick, duration_ticks=2 * n.duration_ticks),
    )
    return replace(
        longer,
        tempo_map=faster,
        meters=tuple(replace(change, tick=2 * change.tick) for change in piece.meters),
        keys=tuple(replace(change, tick=2 * change.tick) for change in piece.keys),
        end_tick=2 * piece.end_tick,
    )


REWRITINGS: Mapping[str, Callable[[Piece], Piece]] = {
    "velocity raised by 20": louder,
    "transposed by a fourth": transposed,
    "doubled note values at twice the tempo": doubled,
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Rows whose music was written otherwise.

    Attributes
    ----------
    rows : m rows, alike to their origins but for the descriptors. origin : (m,) index of the row it was made from.
    way : (m,) index into `REWRITINGS`.
    """

    rows: Rows
    origin: NDArray[np.int64]
    way: NDArray[np.int64]


def rewrite_rows(source: Dataset, rows: Rows, chosen: NDArray[np.int64]) -> Rewritten:
    """Write the music of chosen rows in every other way and describe it.

    Parameters
    ----------
    chosen : indices of rows with MIDI; rows the dataset has no MIDI for are left out.
    """
    place = {str(rows.row_id[index]): int(index) for index in chosen}
    pieces, origin, way = [], [], []
    for row_id, content in source.media(list(place)) if place else ():
        piece = read_midi(content)
        for number, rewrite in enumerate(REWRITINGS.values()):
            pieces.append(rewrite(piece))
            origin.append(place[row_id])
            way.append(number)
    origins = np.array(origin, dtype=np.int64)
    encoder = DescriptorEncoder()
    descriptors = np.asarray(encoder.encode(pieces), dtype=np.float32) if pieces else rows.descriptors[:0]
    return Rewritten(replace(rows.take(origins), descriptors=descriptors), origins, np.array(way, dtype=np.int64))


def draw_rows(
    rows: Rows, judged: NDArray[np.bool_], *, per_view: int = PER_VIEW, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw rows with MIDI, `per_view` of every view (all where there are fewer), without regard to song or class."""
    found = [np.zeros(0, dtype=np.int64)]
    for view in range(len(VIEWS)):
        members = np.flatnonzero(judged & rows.has_midi & (rows.view == view))
        found.append(np.sort(rng.permutation(members)[:per_view]))
    return np.concatenate(found)


def replace_columns(notes: Notes, **columns: NDArray[np.integer]) -> Notes:
    """Return notes with some columns exchanged."""
    names = ("onset_tick", "duration_ticks", "pitch", "velocity")
    return Notes(**{name: columns.get(name, getattr(notes, name)) for name in names})


def _with_notes(piece: Piece, change: Callable[[Notes], Notes], *, drums: bool = True) -> Piece:
    def changed(track: MidiTrack) -> MidiTrack:
        return track if track.is_drum and not drums else track.with_notes(change(track.notes))

    return piece.with_midi_tracks(changed(track) for track in piece.midi_tracks)
