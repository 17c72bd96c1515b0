"""The files of one demo song: its manifest in the catalog's format, its LRC, and one MIDI file per stem."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from whitelight.catalog.timecode import encoding_named, format_stamp
from whitelight.demo.grammar import PARTS
from whitelight.demo.plan import SectionPlan, SongPlan
from whitelight.demo.words import Idea, Words, write_concept, write_lyrics
from whitelight.music import MidiTrack, Piece, TextEvent, write_midi

SHORTEST_LINE_S = 3.0
_DESCRIPTIONS = {
    "intro": "The figure of the song, before anybody sings",
    "verse": "The story, low in the voice",
    "chorus": "The hook, everybody in",
    "outro": "The band leaves the room and closes the door",
}
_STEMS = {
    "chords": "{sound}, chords",
    "bass": "{sound}, bass line",
    "drums": "{sound}",
    "melody": "{sound}, lead melody",
}


@dataclass(frozen=True, slots=True)
class LyricCue:
    """A line of the lyrics, the bar it starts on and its time in seconds."""

    bar: int
    start_s: float
    text: str


@dataclass(slots=True)
class SongFiles:
    """What is written for a song, while it may still be made irregular: manifest, LRC lines, media files by name."""

    song_id: str
    manifest: dict[str, Any]
    lrc: list[str]
    midi: dict[str, bytes]
    audio: dict[str, bytes] = field(default_factory=dict)


def write_cues(plan: SongPlan, words: Words, rng: np.random.Generator) -> tuple[LyricCue, ...]:
    """Set a line of lyrics on every second bar of verses and choruses, or on every fourth where bars are short."""
    every = 2 if 2 * plan.bar_s >= SHORTEST_LINE_S else 4
    sung = [section for section in plan.sections if section.role in ("verse", "chorus")]
    lyrics = write_lyrics(words, {section.name: section.n_bars // every for section in sung}, rng)
    return tuple(
        _cue(plan, section, index * every, text) for section in sung for index, text in enumerate(lyrics[section.name])
    )


def song_files(song_id: str, plan: SongPlan, piece: Piece, words: Words, rng: np.random.Generator) -> SongFiles:
    """Return all files of a song; `rng` draws lyrics, mood and concept."""
    idea = words.songs[plan.sequence - 1]
    cues = write_cues(plan, words, rng) if plan.has_lyrics else ()
    midi = stem_files(song_id, piece, plan, cues)
    stamp = _stamper(plan)
    manifest: dict[str, Any] = {
        "bpm": int(plan.tempo_bpm) if plan.tempo_bpm.is_integer() else plan.tempo_bpm,
        "manifest_id": song_id,
        "tempo": str(plan.meter),
        "key": str(plan.key),
        "rainbow_color": plan.album.letter,
        "title": idea.title,
        "release_date": f"20{song_id[:2]}-{plan.sequence:02d}-01",
        "album_sequence": plan.sequence,
        "TRT": stamp(plan.duration_s),
        "vocals": bool(cues),
        "lyrics": bool(cues),
    }
    if cues:
        manifest["lrc_file"] = f"{song_id}.lrc"
    manifest["structure"] = [_section(plan, section, stamp) for section in plan.sections]
    manifest |= _flavor(words, idea, rng)
    manifest["audio_tracks"] = [
        {
            "id": index,
            "description": _STEMS[part].format(sound=_sound(plan, part)),
            "midi_file": f"{song_id}_{part}.mid",
        }
        for index, part in enumerate((part for part in PARTS if f"{song_id}_{part}.mid" in midi), start=1)
    ]
    return SongFiles(song_id, manifest, lrc_lines(plan, idea, cues), midi)


def stem_files(song_id: str, piece: Piece, plan: SongPlan, cues: tuple[LyricCue, ...]) -> dict[str, bytes]:
    """Return one MIDI file per part, all with the song's tempo, meter, key and markers; the melody carries the lyrics."""
    lyrics = tuple(TextEvent(cue.bar * plan.bar_ticks, cue.text) for cue in cues)
    files = {}
    for midi_track in piece.midi_tracks:
        stem = piece.with_midi_tracks([_with_lyrics(midi_track, lyrics)])
        files[f"{song_id}_{midi_track.name}.mid"] = write_midi(stem)
    return files


def lrc_lines(plan: SongPlan, idea: Idea, cues: tuple[LyricCue, ...]) -> list[str]:
    """Return the LRC; some albums write stamp and line on two lines, as real files do."""
    if not cues:
        return []
    stamp = _stamper(plan)
    lines = [f"[ti: {idea.title}]", "[ar: The Demo Band]"]
    for cue in cues:
        lines += [stamp(cue.start_s), cue.text] if plan.album.lrc_two_lines else [f"{stamp(cue.start_s)} {cue.text}"]
    end_s = cues[-1].start_s + (cues[1].start_s - cues[0].start_s if len(cues) > 1 else plan.bar_s)
    return [*lines, stamp(min(end_s, plan.duration_s))]


def _cue(plan: SongPlan, section: SectionPlan, bar: int, text: str) -> LyricCue:
    return LyricCue(section.start_bar + bar, (section.start_bar + bar) * plan.bar_s, text)


def _stamper(plan: SongPlan) -> Callable[[float], str]:
    encoding = encoding_named(plan.album.time_codes)
    return lambda seconds: format_stamp(seconds, encoding)


def _section(plan: SongPlan, section: SectionPlan, stamp: Callable[[float], str]) -> dict[str, str]:
    start_s = section.start_bar * plan.bar_s
    return {
        "section_name": section.name,
        "start_time": stamp(start_s),
        "end_time": stamp(start_s + section.n_bars * plan.bar_s),
        "description": _DESCRIPTIONS[section.role],
    }


def _flavor(words: Words, idea: Idea, rng: np.random.Generator) -> dict[str, Any]:
    """Mood, genres, comparisons and concept."""
    mood = [str(word) for word in rng.permutation(np.array(words.mood))[:4]]
    names = [str(name) for name in rng.permutation(np.array(words.sounds_like))[:2]]
    return {
        "mood": mood,
        "sounds_like": [{"name": name} for name in names],
        "genres": list(words.genres),
        "concept": write_concept(words, idea, rng),
    }


def _sound(plan: SongPlan, part: str) -> str:
    parts: Mapping[str, Any] = {name: getattr(plan.album, name) for name in PARTS}
    return str(parts[part].sound)


def _with_lyrics(midi_track: MidiTrack, lyrics: tuple[TextEvent, ...]) -> MidiTrack:
    return replace(midi_track, lyrics=lyrics) if midi_track.name == "melody" else midi_track
