"""A small catalog on disk with everything a row can have, built once; each test plants its fault in a copy."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile
from numpy.typing import NDArray

from whitelight.catalog import read_catalog
from whitelight.dataset import AudioSettings, build_dataset
from whitelight.music import Key, KeyChange, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, write_midi

SONG_S = 24.0
RATE = 22050  # Hz, half of what is usual, so that the tests take half the time
Table = dict[str, list[Any]]


def notes_of(pitches: list[int], step_beats: float, length_beats: float, n_beats: int = 48) -> Notes:
    rows = []
    for index in range(int(n_beats / step_beats)):
        onset = round(index * step_beats * 480)
        velocity = 50 + index * 7 % 60
        rows.append((onset, round(length_beats * 480), pitches[index % len(pitches)], velocity))
    return Notes.from_rows(rows)


def midi_file(name: str, notes: Notes, program: int = 0, *, is_drum: bool = False) -> bytes:
    piece = Piece(
        480,
        TempoMap(480, (0, 7680, 15360), (500_000, 480_000, 500_000)),
        meters=(MeterChange(0, Meter(4, 4)), MeterChange(9600, Meter(3, 4))),
        keys=(KeyChange(0, Key.parse("A minor")),),
        midi_tracks=(MidiTrack(name, program, is_drum, notes),),
        end_tick=23040,
    )
    return write_midi(piece)


def sound(seed: int, rate: int, n_channels: int, seconds: float = SONG_S) -> NDArray[np.float64]:
    """Tones that come and go over soft noise; no two places alike, the bass part silent for a while."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * (110 * (seed + 2) * 2 ** (k / 5) * t + rng.random())) for k in range(5)) / 20
    noise = rng.normal(size=(len(t), n_channels)) * 0.01
    swell = 0.4 + 0.3 * np.sin(2 * np.pi * t / 3.7 + seed)
    return (wave * swell)[:, None] * np.linspace(1.0, 0.7, n_channels) + noise


MANIFEST = """
manifest_id: "{song}"
bpm: 120
tempo: "4/4"
rainbow_color: {color}
title: "{title}"
TRT: "[00:{seconds:02d}.000]"
time_code: ms
concept: a memory of a house
mood: [quiet]
genres: [folk]
structure:
- {{section_name: Intro, start_time: "[00:00.000]", end_time: "[00:08.000]", description: soft}}
- {{section_name: Verse 1, start_time: "[00:08.000]", end_time: "[00:16.000]"}}
- {{section_name: Chorus, start_time: "[00:16.000]", end_time: "[00:{seconds:02d}.000]"}}
{more}
"""
LYRICS = """[ti:A Song]
[00:08.000]the river  keeps its own time
[00:12.500]and I remember <00:13.000>nothing <00:14.000>of it
[00:16.000][00:20.000]burn the letters slowly
"""


def write_song(root: Path, song: str, color: str, title: str, more: str) -> Path:
    folder = root / song
    folder.mkdir(parents=True, exist_ok=True)
    values = {"song": song, "color": color, "title": title, "more": more, "seconds": int(SONG_S)}
    (folder / f"{song}.yml").write_text(MANIFEST.format(**values))
    return folder


def write_full_song(root: Path) -> None:
    """A song with a main mix, lossless stems of 16 and 24 bits, MIDI and lyrics."""
    stems = [
        "- {id: 1, description: Bass, audio_file: bass.wav, midi_file: bass.mid, player: Ann}",
        "- {id: 2, description: Lead Melody, audio_file: lead.flac, midi_file: lead.mid}",
        "- {id: 3, description: Drums, midi_file: drums.mid}",
        "- {id: 4, description: Piano Chords, midi_file: chords.mid}",
        "- {id: 5, description: Lost Guitar, audio_file: lost.wav}",
    ]
    more = "main_audio_file: mix.wav\naudio_tracks:\n" + "\n".join(stems)
    folder = write_song(root, "02_01", "R", "A Song: of Rivers", more)
    bass = sound(1, RATE, 2)
    bass[RATE * 9 : RATE * 12] = 0.0
    soundfile.write(folder / "bass.wav", bass, RATE, subtype="PCM_16")
    soundfile.write(folder / "lead.flac", sound(2, RATE, 1), RATE, subtype="PCM_24")
    soundfile.write(folder / "mix.wav", sound(3, RATE, 2), RATE, subtype="PCM_16")
    (folder / "bass.mid").write_bytes(midi_file("Bass", notes_of([33, 36, 40], 2, 1.9), 33))
    (folder / "lead.mid").write_bytes(midi_file("", notes_of([72, 76, 79, 74], 0.5, 0.75), 73))
    (folder / "drums.mid").write_bytes(midi_file("Kit", notes_of([36, 42, 38, 42], 0.5, 0.1), is_drum=True))
    (folder / "chords.mid").write_bytes(midi_file("Piano", notes_of([57, 60, 64], 1, 4.5)))
    (folder / "02_01.lrc").write_text(LYRICS)


def write_sums(root: Path) -> None:
    """A song without a main mix: stems of another rate, of a lossy format and of floats, two of one view."""
    stems = [
        "- {id: 1, description: Piano Chords, audio_file: piano.wav}",
        "- {id: 2, description: Guitar Chords, audio_file: guitar.ogg}",
        "- {id: 3, description: Lead Melody, audio_file: lead.wav}",
    ]
    folder = write_song(root, "06_01", "B", "Sums", "audio_tracks:\n" + "\n".join(stems))
    soundfile.write(folder / "piano.wav", sound(4, 24000, 2), 24000, subtype="PCM_16")
    soundfile.write(folder / "guitar.ogg", sound(5, RATE, 2, 20.0), RATE)
    soundfile.write(folder / "lead.wav", sound(6, RATE, 1), RATE, subtype="FLOAT")


def write_piano(root: Path) -> None:
    folder = write_song(root, "05_01", "G", "Piano", "main_midi_file: piano.mid")
    tracks = [notes_of([74, 77, 81, 72], 0.5, 0.6), notes_of([50, 57, 53], 1, 3.0), notes_of([38, 43], 4, 4.2)]
    (folder / "piano.mid").write_bytes(midi_file("Piano", Notes.concatenate(tracks)))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `catalog` and the finished `dataset` beside it; nobody writes here."""
    root = tmp_path_factory.mktemp("made")
    for write in (write_full_song, write_sums, write_piano):
        write(root / "catalog")
    report = build_dataset(
        read_catalog(root / "catalog"), root / "dataset", policy="lines", audio=AudioSettings(sample_rate=RATE)
    )
    assert [p for p in report.problems if p.is_error] == []
    return root


class Planted:
    """A copy of the dataset to plant a fault in; afterwards all hashes and counts agree again."""

    def __init__(self, path: Path, catalog: Path) -> None:
        self.path, self.catalog = path, catalog

    def rows(self, song: str) -> list[dict[str, Any]]:
        return pq.read_table(self.path / f"segments/{song}.parquet").to_pylist()

    def edit_rows(self, song: str, change: Callable[[list[dict[str, Any]]], Any]) -> None:
        """Let `change` edit the rows in place, or return others."""
        self._edit(self.path / f"segments/{song}.parquet", change)
        self._sign(song)

    def edit_media(self, song: str, change: Callable[[list[dict[str, Any]]], Any]) -> None:
        self._edit(self.path / f"media/{song}.parquet", change)
        self._sign(song)

    def _edit(self, file: Path, change: Callable[[list[dict[str, Any]]], Any]) -> None:
        table = pq.read_table(file)
        rows = table.to_pylist()
        changed = change(rows)
        pq.write_table(pa.Table.from_pylist(rows if changed is None else changed, schema=table.schema), file)

    def _sign(self, song: str) -> None:
        manifest = json.loads((self.path / "manifest.json").read_text())
        record, rows = manifest["songs"][song], self.rows(song)
        for file, key in ((record["shard"], "sha256"), (record["media"], "media_sha256")):
            record[key] = sha256((self.path / file).read_bytes()).hexdigest()
        record |= {"n_rows": len(rows), "n_segments": len({row["segment_id"] for row in rows})}
        record["class"] = rows[0]["class_name"]
        manifest["n_rows"] = sum(its["n_rows"] for its in manifest["songs"].values())
        (self.path / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def planted(made: Path, tmp_path: Path) -> Planted:
    shutil.copytree(made / "dataset", tmp_path / "dataset")
    return Planted(tmp_path / "dataset", made / "catalog")


@pytest.fixture(scope="session")
def planted_class() -> type[Planted]:
    return Planted
