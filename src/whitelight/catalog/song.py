"""What a catalog holds: songs, their stems, sections and lyric lines, and the problems met while reading.

Times are seconds from the start of the song; what the file said is kept beside them. Paths are POSIX, relative to
the catalog's root, and never lead out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whitelight.catalog.terms import NO_TERMS, Terms
from whitelight.catalog.timecode import TimeCode
from whitelight.music.key import Key
from whitelight.music.meter import Meter
from whitelight.ontology import Ontology

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a file says that is wrong, unusual or missing.

    Attributes
    ----------
    file : relative to the catalog's root.
    line : 1-based, 0 when the whole file is meant.
    code : stable kebab-case name of the kind of problem.
    message : what was found and what was expected.
    action : what was done about it.
    severity : "error": a file, or a path in it, could not be used; "warning": contradictory, handled as `action`
        says; "info": worth knowing, normal.
    """

    file: str
    line: int
    code: str
    message: str
    action: str
    severity: Severity = "warning"

    def to_dict(self) -> dict[str, str | int]:
        """Return the problem as plain data for JSON."""
        return {name: getattr(self, name) for name in ("file", "line", "code", "message", "action", "severity")}


@dataclass(frozen=True, slots=True)
class FileTimeCodes:
    """How the time codes of one file were read.

    Attributes
    ----------
    encoding : name in `timecode.ENCODINGS`.
    confidence : probability in [0, 1] that times read so are right.
    offset_s : constant that was subtracted from every time of the file.
    source : "detected", "stated" by the manifest or "override".
    n_codes : time codes in the file.
    tempo_bpm : tempo whose beats the boundaries fit best; None when nothing was compared with a beat.
    on_beat : share of boundaries on that beat, None as above.
    """

    file: str
    encoding: str
    confidence: float
    offset_s: float = 0.0
    source: str = "detected"
    n_codes: int = 0
    tempo_bpm: float | None = None
    on_beat: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A named stretch of a song.

    Attributes
    ----------
    role : intro, verse, chorus, … or other; see `words.yml`.
    start, end : as the file has them.
    start_s, end_s : as they are used, seams closed and impossible ends repaired; equal when the section has no room.
    """

    name: str
    role: str
    start: TimeCode
    end: TimeCode
    start_s: float
    end_s: float
    description: str = ""


@dataclass(frozen=True, slots=True)
class TimedText:
    """A sung text; `end_s` is None where nothing says when it ends."""

    text: str
    start_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True)
class LyricWord:
    """A sung word.

    Attributes
    ----------
    parts : stretches of it with a time of their own; more than one where the file gives syllables theirs.
    """

    text: str
    start_s: float
    end_s: float | None
    parts: tuple[TimedText, ...] = ()


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A sung line; `end_s` is the start of the next one, None for the last; `words` where the file stamps them."""

    start_s: float
    end_s: float | None
    text: str
    raw: str
    words: tuple[LyricWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Stem:
    """One recorded or sequenced part of a song.

    Attributes
    ----------
    stem_id : "<song_id>/<number>".
    view : chords, bass, drums, melody, full or other; see `words.yml`.
    audio_file, midi_file : None when not named or not inside the catalog. A MIDI file shared by a group of stems is
        given to the first of them only, so that its notes count once.
    has_audio, has_midi : the file is there.
    """

    stem_id: str
    description: str
    view: str
    audio_file: str | None = None
    midi_file: str | None = None
    has_audio: bool = False
    has_midi: bool = False
    group: str = ""
    player: str = ""


@dataclass(frozen=True, slots=True)
class Song:
    """One song as its manifest, lyric file and media say.

    Attributes
    ----------
    group_id : the source song, unit of every split; clips of one recording share it.
    split : "" unless the catalog was imported with one.
    class_name : class of the ontology, "" when unknown.
    duration_s : see `sections.decide_duration`.
    folder : relative to the catalog's root.
    content_hash : SHA-256 over manifest, lyrics and media.
    """

    song_id: str
    group_id: str
    split: str
    title: str
    tempo_bpm: float | None
    meter: Meter | None
    musical_key: Key | None
    class_name: str
    album: str
    sequence: int | None
    duration_s: float
    sections: tuple[Section, ...]
    lyric_lines: tuple[LyricLine, ...]
    stems: tuple[Stem, ...]
    mood: tuple[str, ...]
    genres: tuple[str, ...]
    sounds_like: tuple[str, ...]
    concept: str
    main_audio_file: str | None
    main_midi_file: str | None
    folder: str
    content_hash: str
    manifest_file: str = ""
    release_date: str = ""
    lyrics_file: str | None = None
    vocals: bool | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All songs under one folder, in the order of their ids.

    Attributes
    ----------
    time_codes : per file that has time codes, in order of the files.
    terms : on what terms it may be used, as `catalog.yml` states them.
    """

    root: Path
    ontology: Ontology
    songs: tuple[Song, ...]
    problems: tuple[Problem, ...]
    time_codes: tuple[FileTimeCodes, ...]
    terms: Terms = NO_TERMS

    @property
    def by_id(self) -> Mapping[str, Song]:
        """Songs by their id."""
        return {song.song_id: song for song in self.songs}
