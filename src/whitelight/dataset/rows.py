"""The rows of one song: per segment one for every stem and every view that has something in it.

What makes no row is named with its reason. Views are made from the slice, with the function that scoring uses, so a
stored view is exactly what a scorer would derive from the stored whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whitelight import __version__
from whitelight.catalog.song import Song, Stem
from whitelight.dataset.bars import BarLines
from whitelight.dataset.segments import Segment
from whitelight.dataset.source import SongMidi, key_text
from whitelight.dataset.views import PART_VIEWS, derive_views
from whitelight.errors import WhitelightError
from whitelight.files import inside, sha256_of
from whitelight.music import Piece, slice_piece, write_midi
from whitelight.ontology import Ontology

MIDI_TYPE = "audio/midi"

SILENT = "no notes in the segment"
NO_LYRIC = "no lyrics in the segment"
EMPTY = "neither notes, lyrics nor audio in the segment"
NO_MIDI = "no MIDI in the song"
NO_LYRICS = "no lyrics in the song"
NO_PART = "no such part in the song"
NO_MEDIA = "no media of the stem"
NO_LENGTH = "the song has no length: no duration, no MIDI"


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of all songs need to know.

    Attributes
    ----------
    root : of the catalog.
    encodings : per file with time codes, how they were read.
    """

    ontology: Ontology
    root: Path
    encodings: Mapping[str, str]


@dataclass(slots=True)
class SongRows:
    """Rows of one song: metadata, media, and what was dropped as (segment_id, part, reason)."""

    segments: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """A candidate for a row: a stem or a view, with its slice of MIDI if it has one."""

    name: str
    columns: Mapping[str, Any]
    piece: Piece | None = None
    missing: str = SILENT


def song_rows(
    song: Song, midi: SongMidi, segments: Sequence[Segment], bars: BarLines | None, context: RowContext
) -> SongRows:
    """Return all rows of a song in the order segment, stems, views."""
    rows = SongRows()
    if not segments:
        rows.dropped.append(("", "full", NO_LENGTH))
        return rows
    rows.dropped += [("", part, reason) for part, reason in _absent_parts(song, midi, segments)]
    constant = _song_columns(song, midi, context)
    absent = {part for _, part, _ in rows.dropped}
    for segment in segments:
        piece = _slice(midi, segment)
        common = constant | _segment_columns(song, midi, segment, bars, context)
        for part in _parts(song, midi, segment, piece, context):
            if part.name in absent:
                continue
            has_midi = part.piece is not None and part.piece.n_notes > 0
            row = common | dict(part.columns)
            if not (has_midi or row["has_audio"] or row["has_lyric"] or (midi.piece is None and part.name == "full")):
                rows.dropped.append((common["segment_id"], part.name, part.missing))
                continue
            row["row_id"] = f"{common['segment_id']}/{part.name}"
            if has_midi:
                assert part.piece is not None
                row |= {"has_midi": True, "n_notes": part.piece.n_notes, "content_type": MIDI_TYPE}
                rows.media.append({"row_id": row["row_id"], "content_type": MIDI_TYPE, "midi": write_midi(part.piece)})
            rows.segments.append(row)
    return rows


def stem_part(stem: Stem) -> str:
    """Return the last part of the row ids of a stem: "01_03/04" is "stem-04"."""
    return "stem-" + stem.stem_id.rpartition("/")[2]


def _slice(midi: SongMidi, segment: Segment) -> Piece | None:
    if midi.piece is None:
        return None
    start = midi.piece.tempo_map.seconds_to_ticks(segment.start_s)
    end = midi.piece.tempo_map.seconds_to_ticks(segment.end_s)
    return slice_piece(midi.piece, start, max(end, start + 1))


def _parts(song: Song, midi: SongMidi, segment: Segment, piece: Piece | None, context: RowContext) -> Iterator[_Part]:
    """Yield every stem and view of a segment, with or without anything in it."""
    for index, stem in _stems(song, midi):
        yield _Part(stem_part(stem), _stem_columns(stem, midi), _of_stem(piece, midi, index))
    track_views = [song.stems[i].view for i in midi.track_stem] if midi.is_by_stems else None
    views = derive_views(piece, track_views) if piece is not None else {}
    text = segment.lyric_text
    has_audio = _is_there(context.root, song.main_audio_file)
    full = {"view": "full", "has_lyric": bool(text), "lyric_text": text, "has_audio": has_audio}
    full |= {"audio_file": song.main_audio_file if has_audio else ""}
    yield _Part("full", full, views.get("full"), EMPTY)
    for view in PART_VIEWS:
        yield _Part(view, {"view": view}, views.get(view))
    lyrics = {"view": "lyrics", "has_lyric": bool(text), "lyric_text": text, "view_source": ""}
    yield _Part("lyrics", lyrics | {"midi_file": "", "source_sha256": ""}, None, NO_LYRIC)


def _stems(song: Song, midi: SongMidi) -> list[tuple[int, Stem]]:
    """Stems by their position; none for a song that is one MIDI file, whose only stem is the `full` view."""
    is_one_file = len(song.stems) == 1 and midi.piece is not None and not midi.is_by_stems
    return [] if is_one_file and not song.stems[0].has_audio else list(enumerate(song.stems))


def _of_stem(piece: Piece | None, midi: SongMidi, index: int) -> Piece | None:
    """Return the slice with the tracks of one stem."""
    if piece is None:
        return None
    chosen = [t for t, owner in zip(piece.midi_tracks, midi.track_stem, strict=True) if owner == index]
    return piece.with_midi_tracks(chosen) if chosen else None


def _absent_parts(song: Song, midi: SongMidi, segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    """Yield the parts that no segment of the song can have, with the reason."""
    for index, stem in _stems(song, midi):
        if index not in midi.track_stem and not (stem.has_audio and stem.audio_file):
            yield stem_part(stem), NO_MEDIA
    if not any(segment.lyric_text for segment in segments):
        yield "lyrics", NO_LYRICS
    if midi.piece is None:
        yield from ((view, NO_MIDI) for view in PART_VIEWS)
    elif midi.is_by_stems:
        there = {song.stems[i].view for i in midi.track_stem}
        there |= {"drums"} if any(t.is_drum for t in midi.piece.midi_tracks) else set()
        yield from ((view, NO_PART) for view in PART_VIEWS if view not in there)
    elif not any(t.is_drum and len(t.notes) for t in midi.piece.midi_tracks):
        yield "drums", NO_PART


def _song_columns(song: Song, midi: SongMidi, context: RowContext) -> dict[str, Any]:
    """Columns that are the same in every row of the song, and the empty value of all others."""
    modes = context.ontology.resolve_class(song.class_name).modes if song.class_name else {}
    hashes = list(midi.file_sha256.values())
    one_file = next(iter(midi.file_sha256), "") if len(hashes) == 1 else ""
    return {
        "song_id": song.song_id,
        "group_id": song.group_id,
        "split": song.split,
        "kind": "view",
        "view_source": "" if midi.piece is None else "stem" if midi.is_by_stems else "voices",
        "stem_id": "",
        "stem_description": "",
        "class_name": song.class_name,
        "concept": song.concept,
        "mood": list(song.mood),
        "genres": list(song.genres),
        "sounds_like": list(song.sounds_like),
        "player": "",
        "has_audio": False,
        "has_midi": False,
        "has_lyric": False,
        "lyric_text": "",
        "n_notes": 0,
        "content_type": "",
        "audio_file": "",
        "midi_file": one_file,
        "source_sha256": hashes[0] if len(hashes) == 1 else sha256_of(h.encode() for h in hashes) if hashes else "",
        "tool_version": __version__,
        **{f"axis_{axis}": list(modes.get(axis, ())) for axis in context.ontology.axis_names},
    }


def _segment_columns(
    song: Song, midi: SongMidi, segment: Segment, bars: BarLines | None, context: RowContext
) -> dict[str, Any]:
    """Columns that the rows of a segment share."""
    tick, tempo_bpm, meter = 0, song.tempo_bpm, str(song.meter) if song.meter else ""
    if midi.piece is not None:
        tempo_map = midi.piece.tempo_map
        tick = tempo_map.seconds_to_ticks(segment.start_s)
        tempo_bpm = tempo_map.mean_tempo_bpm(tick, tempo_map.seconds_to_ticks(segment.end_s))
        meter = str(midi.piece.meter_at(tick)) if midi.piece.meters or not meter else meter
    by_lyrics = segment.rule.startswith("lines:line")
    return {
        "segment_id": f"{song.song_id}/{segment.index:04d}",
        "role": segment.role,
        "policy": segment.rule,
        "start_s": segment.start_s,
        "end_s": segment.end_s,
        "duration_s": segment.duration_s,
        "start_bar": bars.position(segment.start_s) if bars else None,
        "end_bar": bars.position(segment.end_s) if bars else None,
        "section": segment.section,
        "tempo_bpm": None if tempo_bpm is None else round(tempo_bpm, 6),
        "meter": meter,
        "musical_key": key_text(song, midi.piece, tick),
        "time_code_encoding": context.encodings.get((song.lyrics_file if by_lyrics else song.manifest_file) or "", ""),
    }


def _stem_columns(stem: Stem, midi: SongMidi) -> dict[str, Any]:
    file = stem.midi_file if stem.midi_file in midi.file_sha256 else ""
    return {
        "kind": "stem",
        "view": stem.view,
        "view_source": "stem" if file else "",
        "stem_id": stem.stem_id,
        "stem_description": stem.description,
        "player": stem.player,
        "has_audio": stem.has_audio,
        "audio_file": (stem.audio_file or "") if stem.has_audio else "",
        "midi_file": file or "",
        "source_sha256": midi.file_sha256.get(file or "", ""),
    }


def _is_there(root: Path, file: str | None) -> bool:
    try:
        return bool(file) and inside(root, file or "").is_file()
    except WhitelightError:
        return False
