"""The MIDI of every row of a song.

Views are made from the slice, with the function that scoring uses, so a stored view is exactly what a scorer would
derive from the stored whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from whitelight.dataset.segments import Segment
from whitelight.dataset.song_cut import SongCut, stem_part
from whitelight.dataset.views import derive_views
from whitelight.music import Piece, slice_piece, write_midi


@dataclass(frozen=True, slots=True)
class MidiSlice:
    """A whole MIDI file with what is played in a row, at least one note."""

    content: bytes
    n_notes: int


def midi_slices(cut: SongCut) -> dict[str, MidiSlice]:
    """Return row id → MIDI of every row that has notes."""
    found: dict[str, MidiSlice] = {}
    if cut.midi.piece is None:
        return found
    for segment in cut.segments:
        for part, piece in _parts(cut, slice_segment(cut.midi.piece, segment)):
            if piece.n_notes:
                found[cut.row_id(segment, part)] = MidiSlice(write_midi(piece), piece.n_notes)
    return found


def slice_segment(piece: Piece, segment: Segment) -> Piece:
    """Return the stretch of a song's MIDI that a segment is, edges moved to the nearest tick."""
    start = piece.tempo_map.seconds_to_ticks(segment.start_s)
    end = piece.tempo_map.seconds_to_ticks(segment.end_s)
    return slice_piece(piece, start, max(end, start + 1))


def _parts(cut: SongCut, piece: Piece) -> Iterator[tuple[str, Piece]]:
    for index, stem in cut.row_stems:
        chosen = [t for t, owner in zip(piece.midi_tracks, cut.midi.track_stem, strict=True) if owner == index]
        if chosen:
            yield stem_part(stem), piece.with_midi_tracks(chosen)
    yield from derive_views(piece, cut.stem_views).items()
