"""The values of a row's columns: those its song, its segment and its stem give."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from whitelight import __version__
from whitelight.catalog.song import Stem
from whitelight.dataset.positions import SmpteClock, beat_position
from whitelight.dataset.rebracketing import MEASURES, label_text
from whitelight.dataset.segments import Segment
from whitelight.dataset.settings import AudioSettings
from whitelight.dataset.song_cut import SongCut
from whitelight.dataset.sound import NO_SOUND
from whitelight.dataset.source import SongMidi, key_text
from whitelight.files import sha256_of
from whitelight.ontology import Ontology


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
    audio: AudioSettings


def song_columns(cut: SongCut, context: RowContext) -> dict[str, Any]:
    """Columns that are the same in every row of the song, and the empty value of all others."""
    song, midi = cut.song, cut.midi
    modes = context.ontology.resolve_class(song.class_name).modes if song.class_name else {}
    hashes = list(midi.file_sha256.values())
    one_file = next(iter(midi.file_sha256), "") if len(hashes) == 1 else ""
    names = ("song_id", "group_id", "split", "class_name", "title", "album", "sequence", "release_date", "vocals")
    return {
        **{name: getattr(song, name) for name in (*names, "concept", "manifest_file")},
        "mood": list(song.mood),
        "genres": list(song.genres),
        "sounds_like": list(song.sounds_like),
        "song_duration_s": round(max(cut.end_s, 0.0), 6),
        "kind": "view",
        "view_source": "" if midi.piece is None else "stem" if midi.is_by_stems else "voices",
        "stem_id": "",
        "stem_description": "",
        "stem_group": "",
        "player": "",
        **NO_SOUND,
        "has_midi": False,
        "n_notes": 0,
        "midi_file": one_file,
        "source_sha256": hashes[0] if len(hashes) == 1 else sha256_of(h.encode() for h in hashes) if hashes else "",
        "tool_version": __version__,
        **rebracketing_columns("concept", song.concept),
        **NO_LYRIC_COLUMNS,
        **{f"axis_{axis}": list(modes.get(axis, ())) for axis in context.ontology.axis_names},
    }


def segment_columns(cut: SongCut, segment: Segment, context: RowContext) -> dict[str, Any]:
    """Columns that the rows of a segment share."""
    song, piece, bars = cut.song, cut.midi.piece, cut.bars
    tick, tempo_bpm, meter = 0, song.tempo_bpm, str(song.meter) if song.meter else ""
    if piece is not None:
        tempo_map = piece.tempo_map
        tick = tempo_map.seconds_to_ticks(segment.start_s)
        tempo_bpm = tempo_map.mean_tempo_bpm(tick, tempo_map.seconds_to_ticks(segment.end_s))
        meter = str(piece.meter_at(tick)) if piece.meters or not meter else meter
    by_lyrics = segment.rule.startswith("lines:line")
    clock = SmpteClock.of(context.encodings.get(song.manifest_file, ""))
    return {
        "segment_id": cut.segment_id(segment),
        "role": segment.role,
        "section": segment.section,
        "section_description": segment.section_description,
        "policy": segment.rule,
        "start_s": segment.start_s,
        "end_s": segment.end_s,
        "duration_s": segment.duration_s,
        "start_bar": bars.position(segment.start_s) if bars else None,
        "end_bar": bars.position(segment.end_s) if bars else None,
        "start_beat": beat_position(song, piece, segment.start_s),
        "end_beat": beat_position(song, piece, segment.end_s),
        "start_smpte": clock.text(segment.start_s),
        "end_smpte": clock.text(segment.end_s),
        "smpte_fps": clock.frames_per_second,
        "tempo_bpm": None if tempo_bpm is None else round(tempo_bpm, 6),
        "meter": meter,
        "musical_key": key_text(song, piece, tick),
        "time_code_encoding": context.encodings.get((song.lyrics_file if by_lyrics else song.manifest_file) or "", ""),
    }


def stem_columns(stem: Stem, midi: SongMidi) -> dict[str, Any]:
    """Columns of a stem's rows."""
    file = stem.midi_file if stem.midi_file in midi.file_sha256 else ""
    return {
        "kind": "stem",
        "view": stem.view,
        "view_source": "stem" if file else "",
        "stem_id": stem.stem_id,
        "stem_description": stem.description,
        "stem_group": stem.group,
        "player": stem.player,
        "midi_file": file or "",
        "source_sha256": midi.file_sha256.get(file or "", ""),
    }


def rebracketing_columns(prefix: str, text: str) -> dict[str, Any]:
    """Columns of the labels of a text."""
    labels = label_text(text)
    return {
        f"{prefix}_types": list(labels.types),
        f"{prefix}_evidence": [{f.name: getattr(e, f.name) for f in fields(e)} for e in labels.evidence],
        **{f"{prefix}_{name}": getattr(labels, name) for name in MEASURES},
    }


NO_LYRIC_COLUMNS: dict[str, Any] = {
    "has_lyric": False,
    "lyric_text": "",
    "lyric_lines": [],
    "lyric_words": [],
    "lyric_syllables": [],
    "lyric_types": [],
    "lyric_evidence": [],
    **{f"lyric_{name}": None for name in MEASURES},
}
