"""The rows of one song: per segment one for every stem and every view that has something in it.

What makes no row is named with its reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whitelight.dataset.lyrics import lyric_columns
from whitelight.dataset.midi_slices import MidiSlice
from whitelight.dataset.row_columns import (
    RowContext,
    rebracketing_columns,
    segment_columns,
    song_columns,
    stem_columns,
)
from whitelight.dataset.segments import Segment
from whitelight.dataset.song_cut import FULL, LYRICS, SongCut, stem_part
from whitelight.dataset.sound import Sound, content_type
from whitelight.dataset.views import PART_VIEWS

NO_NOTES = "no notes in the segment"
SILENT = "silent in the segment"
ENDED = "the recording ends before the segment"
NO_LYRIC = "no lyrics in the segment"
EMPTY = "neither notes, lyrics nor audio in the segment"
NO_MIDI = "no MIDI in the song"
NO_LYRICS = "no lyrics in the song"
NO_PART = "no such part in the song"
NO_MEDIA = "no media of the stem"
UNREADABLE = "the recording of the stem cannot be used"
NOT_CUT = "recordings are left out"
NO_LENGTH = "the song has no length: no duration, no MIDI, no audio"


@dataclass(slots=True)
class SongRows:
    """Rows of one song, and what was dropped as (segment_id, part, reason)."""

    segments: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """A candidate for a row: a stem or a view, and why it is none when it holds nothing."""

    name: str
    columns: Mapping[str, Any]
    missing: str


def song_rows(
    cut: SongCut, midi: Mapping[str, MidiSlice], sounds: Mapping[str, Sound], context: RowContext
) -> SongRows:
    """Return all rows of a song in the order segment, stems, views.

    Parameters
    ----------
    midi, sounds : row id → what it has of either.
    """
    rows = SongRows()
    if not cut.segments:
        rows.dropped.append(("", FULL, NO_LENGTH))
        return rows
    heard = {row_id.rpartition("/")[2] for row_id in sounds}
    rows.dropped += [("", part, reason) for part, reason in _absent_parts(cut, heard, context)]
    absent = {part for _, part, _ in rows.dropped}
    constant = song_columns(cut, context)
    for segment in cut.segments:
        common = constant | segment_columns(cut, segment, context)
        for part in _parts(cut, segment, heard):
            if part.name in absent:
                continue
            row_id = cut.row_id(segment, part.name)
            row = (
                common | {"row_id": row_id} | dict(part.columns) | _media_columns(midi.get(row_id), sounds.get(row_id))
            )
            if reason := _reason_to_drop(cut, part, row):
                rows.dropped.append((common["segment_id"], part.name, reason))
            else:
                rows.segments.append(row)
    return rows


def _media_columns(midi: MidiSlice | None, sound: Sound | None) -> dict[str, Any]:
    columns = {"content_type": content_type(has_audio=sound is not None, has_midi=midi is not None)}
    notes = {"has_midi": True, "n_notes": midi.n_notes} if midi else {}
    return columns | notes | (sound.columns() if sound else {})


def _reason_to_drop(cut: SongCut, part: _Part, row: Mapping[str, Any]) -> str:
    """Return why a part makes no row, "" when it does: it holds something, or it is all the song has."""
    is_unheard_part = part.name in PART_VIEWS and row["is_silent"]
    if row["has_midi"] or row["has_lyric"] or (row["has_audio"] and not is_unheard_part):
        return ""
    if part.name == FULL and cut.midi.piece is None:
        return ""
    return SILENT if is_unheard_part else part.missing


def _parts(cut: SongCut, segment: Segment, heard: set[str]) -> Iterator[_Part]:
    """Yield every stem and view of a segment, with or without anything in it."""
    for _, stem in cut.row_stems:
        name = stem_part(stem)
        missing = ENDED if name in heard else NO_NOTES
        yield _Part(name, stem_columns(stem, cut.midi), missing)
    sung = lyric_columns(cut.lyrics, segment)
    if sung["has_lyric"]:
        sung |= rebracketing_columns("lyric", segment.lyric_text)
    yield _Part(FULL, {"view": FULL} | sung, EMPTY)
    for view in PART_VIEWS:
        yield _Part(view, {"view": view}, ENDED if view in heard and cut.midi.piece is None else NO_NOTES)
    wordless = {"view": LYRICS, "view_source": "", "midi_file": "", "source_sha256": ""}
    yield _Part(LYRICS, wordless | sung, NO_LYRIC)


def _absent_parts(cut: SongCut, heard: set[str], context: RowContext) -> Iterator[tuple[str, str]]:
    """Yield the parts that no segment of the song can have, with the reason."""
    midi = cut.midi
    for index, stem in cut.row_stems:
        if index not in midi.track_stem and stem_part(stem) not in heard:
            unheard = UNREADABLE if context.audio.is_cut else NOT_CUT
            yield stem_part(stem), unheard if stem.has_audio else NO_MEDIA
    if not any(segment.lyric_text for segment in cut.segments):
        yield LYRICS, NO_LYRICS
    for view in PART_VIEWS:
        if view not in heard and (reason := _unplayed(cut, view)):
            yield view, NO_PART if heard else reason


def _unplayed(cut: SongCut, view: str) -> str:
    """Return why the MIDI of a song never has a view, "" when it may."""
    piece, views = cut.midi.piece, cut.stem_views
    if piece is None:
        return NO_MIDI
    has_drums = any(track.is_drum and len(track.notes) for track in piece.midi_tracks)
    if views is None:
        return NO_PART if view == "drums" and not has_drums else ""
    return "" if view in views or (view == "drums" and has_drums) else NO_PART
