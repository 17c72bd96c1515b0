"""Small catalogs made on the spot: songs with stems, a piano clip, a song of text alone."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.catalog.song import Catalog, LyricLine, Section, Song, Stem
from whitelight.catalog.timecode import TimeCode
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.ontology import load_ontology


def code(seconds: float) -> TimeCode:
    return TimeCode(f"[{seconds}]", "ms", seconds, 1.0)


def section(name: str, start_s: float, end_s: float) -> Section:
    return Section(name, name.split(maxsplit=1)[0].lower(), code(start_s), code(end_s), start_s, end_s)


def lines(*starts: float) -> tuple[LyricLine, ...]:
    ends = [*starts[1:], None]
    return tuple(
        LyricLine(start, end, f"line {i}", "raw") for i, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def make_song(song_id: str = "01_01", **changes: Any) -> Song:
    fields: dict[str, Any] = {
        "song_id": song_id,
        "group_id": song_id,
        "split": "",
        "title": "A Song",
        "tempo_bpm": 120.0,
        "meter": Meter(4, 4),
        "musical_key": None,
        "class_name": "Red",
        "album": "An Album",
        "sequence": 1,
        "duration_s": 60.0,
        "sections": (),
        "lyric_lines": (),
        "stems": (),
        "mood": ("calm",),
        "genres": ("rock",),
        "sounds_like": ("Somebody",),
        "concept": "about something",
        "main_audio_file": None,
        "main_midi_file": None,
        "folder": song_id,
        "content_hash": hashlib.sha256(repr((song_id, sorted(changes.items(), key=str))).encode()).hexdigest(),
        "manifest_file": f"{song_id}/{song_id}.yml",
    }
    return Song(**(fields | changes))


def piece_of(
    pitches: Sequence[int],
    n_beats: int,
    *,
    every: int = 1,
    name: str = "",
    tempo_bpm: float = 120.0,
    ticks_per_beat: int = 480,
    is_drum: bool = False,
    meter: Meter | None = None,
) -> Piece:
    """Chords of `pitches`, one every `every` beats."""
    rows = [(b * ticks_per_beat, every * ticks_per_beat, p, 80) for b in range(0, n_beats, every) for p in pitches]
    return Piece(
        ticks_per_beat,
        TempoMap.constant(tempo_bpm, ticks_per_beat),
        meters=(MeterChange(0, meter or Meter(4, 4)),),
        midi_tracks=(MidiTrack(name, 0, is_drum, Notes.from_rows(rows)),),
    )


def write_song_with_stems(root: Path, song_id: str, *, n_beats: int = 120, shift: int = 0) -> Song:
    """Four MIDI stems; the bass rests in the second half, the melody in the first 20 s."""
    parts = {
        "chords": piece_of([60 + shift, 64 + shift, 67 + shift], n_beats, every=4),
        "bass": piece_of([36 + shift], n_beats // 2, every=2, ticks_per_beat=96),
        "drums": piece_of([36, 42], n_beats),
        "melody": piece_of([76 + shift], n_beats),
    }
    melody = parts["melody"].midi_tracks[0].notes
    late = melody.select(melody.onset_tick >= 480 * 40)
    parts["melody"] = parts["melody"].with_midi_tracks([MidiTrack("Voice", 53, False, late)])
    stems = []
    for number, (view, piece) in enumerate(parts.items(), 1):
        file = root / song_id / f"{song_id}_{number:02d}.mid"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(write_midi(piece))
        stems.append(Stem(f"{song_id}/{number:02d}", view.title(), view, None, f"{song_id}/{file.name}", has_midi=True))
    stems.append(Stem(f"{song_id}/05", "Lost Guitar", "other", f"{song_id}/lost.wav"))
    sections = (section("Intro", 0.0, 10.0), section("Verse 1", 10.0, 35.0), section("Chorus", 35.0, 60.0))
    return make_song(
        song_id,
        stems=tuple(stems),
        sections=sections,
        lyric_lines=lines(20.0, 24.0, 28.5, 40.0),
        lyrics_file=f"{song_id}/{song_id}.lrc",
    )


def write_piano(root: Path, song_id: str, rng: np.random.Generator, **changes: Any) -> Song:
    """One MIDI file: a tune over chords over a bass."""
    rows = []
    for beat in range(60):
        rows.append((beat * 480, 470, int(rng.integers(72, 84)), 90))
        if beat % 2 == 0:
            rows += [(beat * 480, 950, p, 60) for p in (55, 60, 64)] + [(beat * 480, 950, 40, 70)]
    piece = Piece(480, TempoMap.constant(120), midi_tracks=(MidiTrack("Piano", 0, False, Notes.from_rows(rows)),))
    file = root / song_id / f"{song_id}.mid"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(write_midi(piece))
    given = {"main_midi_file": f"{song_id}/{file.name}", "duration_s": 30.0, "class_name": "Blue"}
    return make_song(song_id, **(given | changes))


MakeCatalog = Callable[..., Catalog]


@pytest.fixture
def make_catalog(tmp_path: Path) -> MakeCatalog:
    """Return a function that makes a catalog of n piano songs, one with stems and one of text, or of given songs."""
    root = tmp_path / "catalog"

    def make(songs: Sequence[Song] | None = None, *, n_piano: int = 2) -> Catalog:
        root.mkdir(exist_ok=True)
        rng = np.random.default_rng(3)
        if songs is None:
            text = make_song("00_01", sections=(section("Verse", 0, 40),), lyric_lines=lines(5, 10), duration_s=44.0)
            stems = write_song_with_stems(root, "01_01")
            songs = [text, stems, *(write_piano(root, f"02_{i:02d}", rng) for i in range(n_piano))]
        return Catalog(root, load_ontology("rainbow"), tuple(songs), (), ())

    return make


@pytest.fixture(scope="session")
def tools() -> Any:
    """The functions above, for tests that make their own songs."""

    class Tools:
        song = staticmethod(make_song)
        lines = staticmethod(lines)
        section = staticmethod(section)
        piece = staticmethod(piece_of)
        with_stems = staticmethod(write_song_with_stems)
        piano = staticmethod(write_piano)

    return Tools
