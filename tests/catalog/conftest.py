"""A small catalog on disk, one call per song."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi

WriteSong = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    folder.mkdir()
    return folder


@pytest.fixture
def write_song(root: Path) -> WriteSong:
    """Write `root/<id>/<id>.yml` (JSON is YAML 1.2, one field per line) and, when given, its lyrics; return the manifest."""

    def write(song_id: str = "02_01", lrc: str | None = None, **fields: Any) -> Path:
        folder = root / song_id
        folder.mkdir()
        defaults: dict[str, Any] = {
            "manifest_id": song_id,
            "title": "A Song",
            "bpm": 120,
            "tempo": "4/4",
            "key": "F# minor",
            "rainbow_color": "R",
            "TRT": "[01:04.000]",
            "structure": [
                {"section_name": "Intro", "start_time": "[00:00.000]", "end_time": "[00:16.000]", "description": ""},
                {"section_name": "Verse 1", "start_time": "[00:16.001]", "end_time": "[01:04.000]", "description": ""},
            ],
            "audio_tracks": [{"id": 1, "description": "Bass", "audio_file": "bass.wav"}],
        }
        data = {name: value for name, value in {**defaults, **fields}.items() if value is not ...}
        lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in data.items()]
        path = folder / f"{song_id}.yml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if lrc is not None:
            (folder / f"{song_id}.lrc").write_text(lrc, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def midi_bytes() -> bytes:
    """Four quarter notes at 100 bpm."""
    notes = Notes.from_rows([(480 * i, 480, 60 + i, 80) for i in range(4)])
    return write_midi(Piece(480, TempoMap.constant(100.0, 480), midi_tracks=(MidiTrack("piano", notes=notes),)))
