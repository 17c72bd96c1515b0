from pathlib import Path

import pytest

from whitelight.catalog import read_catalog
from whitelight.composition import shipped_rules, style_of_classes
from whitelight.dataset import build_dataset
from whitelight.music import Key, KeyChange, MidiTrack, Notes, Piece, TempoMap, write_midi

ONE, FOUR, THREE = (48, 60, 64, 67), (41, 60, 65, 69), (52, 59, 64, 67)  # C F Em


def write_song(root: Path, song_id: str, letter: str, chords: list[tuple[int, ...]]) -> None:
    rows = [(bar * 1920, 1920, pitch, 80) for bar, chord in enumerate(chords) for pitch in chord]
    tempo = TempoMap.constant(120)
    keys = (KeyChange(0, Key.parse("C major")),)
    piece = Piece(480, tempo, keys=keys, midi_tracks=(MidiTrack("keys", notes=Notes.from_rows(rows)),))
    folder = root / song_id
    folder.mkdir(parents=True)
    (folder / "keys.mid").write_bytes(write_midi(piece))
    (folder / f"{song_id}.yml").write_text(
        f"manifest_id: '{song_id}'\nbpm: 120\ntempo: 4/4\nkey: C major\nrainbow_color: {letter}\ntitle: T\n"
        f"TRT: '[00:{len(chords) * 2:02d}.000]'\nstructure: []\n"
        "audio_tracks: [{id: 1, description: keys, midi_file: keys.mid}]\n"
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    write_song(tmp_path / "songs", "02_01", "R", [ONE, FOUR] * 12 + [ONE])
    write_song(tmp_path / "songs", "05_01", "G", [ONE, THREE] * 12 + [ONE])
    build_dataset(read_catalog(tmp_path / "songs"), tmp_path / "dataset", policy="whole")
    return tmp_path / "dataset"


def test_a_class_learns_from_its_own_songs_only(dataset: Path) -> None:
    red, green = (style_of_classes(dataset, [name]).rules.transitions["major"]["I"] for name in ("Red", "Green"))
    shipped = shipped_rules().transitions["major"]["I"]
    assert red["IV"] > shipped["IV"] > green["IV"]
    assert green["iii"] > shipped["iii"] > red["iii"]


def test_without_a_class_every_song_counts(dataset: Path) -> None:
    row = style_of_classes(dataset, []).rules.transitions["major"]["I"]
    shipped = shipped_rules().transitions["major"]["I"]
    assert row["IV"] > shipped["IV"]
    assert row["iii"] > shipped["iii"]
    assert row["V"] < shipped["V"]
