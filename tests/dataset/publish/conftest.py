"""A catalog with sound, notes and words, its dataset, and a hub on this machine."""

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.dataset.publish import PublishSettings, Version
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi

RATE = 44_100
SECONDS = 6
TERMS = "license: cc-by-nc-sa-4.0\nattribution: The <Band> | us\nsource_url: https://example.org/songs\n"
SONGS = {  # song → class, group, split
    "02_01": ("Red", "02_01", "train"),
    "02_02": ("Red", "02_02", "val"),
    "05_01": ("Green", "05_01", "train"),
    "05_02": ("Green", "05_01", "train"),
    "05_03": ("Green", "05_03", "test"),
}


def tone(seed: int, n_channels: int, bits: int) -> np.ndarray:
    """Whole samples of noise, so that a copy in `bits` bits loses nothing."""
    full = 1 << (bits - 1)
    whole = np.random.default_rng(seed).integers(-full // 4, full // 4, (SECONDS * RATE, n_channels))
    return (whole << (32 - bits)).astype(np.int32)


def midi(pitch: int) -> bytes:
    notes = Notes.from_rows([(480 * i, 480, pitch + i % 5, 80) for i in range(2 * SECONDS)])
    track = MidiTrack("piano", notes=notes)
    return write_midi(Piece(480, TempoMap.constant(120.0, 480), midi_tracks=(track,)))


def write_catalog(root: Path, songs: dict[str, tuple[str, str, str]] = SONGS, terms: str = TERMS) -> Path:
    import soundfile

    for number, (song_id, (class_name, group, split)) in enumerate(songs.items()):
        folder = root / song_id
        folder.mkdir(parents=True)
        soundfile.write(folder / "drums.wav", tone(10 * number, 2, 16), RATE, subtype="PCM_16")
        soundfile.write(folder / "bass.flac", tone(10 * number + 1, 1, 24), RATE, subtype="PCM_24")
        (folder / "keys.mid").write_bytes(midi(60 + number))
        (folder / f"{song_id}.lrc").write_text("[00:01.000]one\n[00:05.000]two\n")
        manifest = {
            "bpm": 120,
            "tempo": "4/4",
            "key": "C major",
            "rainbow_color": class_name,
            "title": f"Song {song_id}",
            "TRT": f"[00:{SECONDS:02d}.000]",
            "time_code": "ms",
            "group_id": group,
            "split": split,
            "structure": [
                {
                    "section_name": f"Verse {i}",
                    "start_time": f"[00:{start:02d}.000]",
                    "end_time": f"[00:{start + 2:02d}.000]",
                }
                for i, start in enumerate(range(0, SECONDS, 2))
            ],
            "concept": "a | <test>",
            "audio_tracks": [
                {"id": 1, "description": "Drums", "audio_file": "drums.wav"},
                {"id": 2, "description": "Bass", "audio_file": "bass.flac"},
                {"id": 3, "description": "Keys chords", "midi_file": "keys.mid"},
            ],
        }
        (folder / f"{song_id}.yml").write_text(json.dumps(manifest))
    (root / "catalog.yml").write_text(f"ontology: rainbow\n{terms}")
    return root


@pytest.fixture(scope="session")
def make_dataset(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Build a dataset of a catalog made on the spot."""

    def make(**changes: Any) -> Path:
        folder = tmp_path_factory.mktemp("publish")
        build_dataset(read_catalog(write_catalog(folder / "songs", **changes)), folder / "data", policy="sections")
        return folder / "data"

    return make


@pytest.fixture(scope="session")
def built(make_dataset: Callable[..., Path]) -> Path:
    """A dataset nobody may change."""
    return make_dataset()


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    shutil.copytree(built, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def dataset(built: Path) -> Dataset:
    return Dataset.open(built)


@pytest.fixture
def settings() -> Callable[..., PublishSettings]:
    def make(version: str = "1.0.0", **changes: Any) -> PublishSettings:
        return PublishSettings(Version.parse(version), **changes)

    return make


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    def read(folder: Path) -> dict[str, bytes]:
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    return read


@pytest.fixture(scope="session")
def fake_hub() -> ModuleType:
    """The module `fake_hub.py` beside this file."""
    path = Path(__file__).with_name("fake_hub.py")
    spec = importlib.util.spec_from_file_location("fake_hub", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hub(fake_hub: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A running hub; the environment points to it, its token is in HUB_TOKEN, and nothing else is known."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # read from the environment when it was loaded
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    with fake_hub.running() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HUB_TOKEN", server.token)
        yield server
