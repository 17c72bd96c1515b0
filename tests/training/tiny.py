"""A dataset small enough for tests, made through the real rooms: MIDI files, import, dataset; and a model on it.

Each quadrant has a register, a mode and a pace of its own, so that a model can learn them from a few songs.
"""

import csv
from pathlib import Path

import numpy as np

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import build_dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.training.settings import ExpertSettings, FusionSettings

CLASSES = ("Q1", "Q2", "Q3", "Q4")
SETTINGS = FusionSettings(n_folds=3, midi=ExpertSettings(network_steps=120, width=16, input_dropout=0.2))
TICKS_PER_BEAT = 480


def clip(quadrant: str, rng: np.random.Generator, *, n_notes: int = 48) -> Piece:
    """Return four bars or so: high pace for arousal, major for valence."""
    pace = TICKS_PER_BEAT // 4 if quadrant in {"Q1", "Q2"} else TICKS_PER_BEAT
    scale = np.array([0, 2, 4, 5, 7, 9, 11]) if quadrant in {"Q1", "Q4"} else np.array([0, 2, 3, 5, 7, 8, 10])
    velocity = 95 if quadrant in {"Q1", "Q2"} else 55
    degrees = np.abs(np.cumsum(rng.integers(-2, 3, n_notes))) % 14
    melody = 60 + 12 * (degrees // 7) + scale[degrees % 7]
    rows = [
        (i * pace, pace, int(p), int(np.clip(velocity + rng.integers(-8, 9), 1, 127))) for i, p in enumerate(melody)
    ]
    for bar in range(n_notes * pace // (4 * pace)):
        root = int(rng.choice([0, 3, 4]))
        for step in (0, 2, 4):
            pitch = 48 + int(scale[(root + step) % 7])
            rows.append((bar * 4 * pace, 4 * pace, pitch, velocity - 10))
    notes = Notes.from_rows(rows)
    tempo_map = TempoMap.constant(100, TICKS_PER_BEAT)
    track = MidiTrack(name="piano", program=0, is_drum=False, notes=notes)
    return Piece(TICKS_PER_BEAT, tempo_map, midi_tracks=(track,))


def write_tiny_dataset(
    folder: Path, *, songs_per_class: dict[str, int] | int = 5, held_out: int = 1, seed: int = 0
) -> Path:
    """Write `folder/dataset`: two clips per song, the last `held_out` songs of each class in split 'val'."""
    rng = np.random.default_rng(seed)
    counts = songs_per_class if isinstance(songs_per_class, dict) else dict.fromkeys(CLASSES, songs_per_class)
    midi = folder / "midi"
    midi.mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["clip", "quadrant", "song", "split"])
        for quadrant, n_songs in counts.items():
            for song in range(n_songs):
                for part in range(2):
                    name = f"{quadrant}_{song}_{part}"
                    (midi / f"{name}.mid").write_bytes(write_midi(clip(quadrant, rng)))
                    split = "val" if song >= n_songs - held_out else "train"
                    table.writerow([name, quadrant, f"{quadrant}_{song}", split])
    return import_and_build(folder)


def import_and_build(folder: Path) -> Path:
    """Make `folder/dataset` anew from `folder/midi` and `folder/labels.csv`."""
    import_midi(
        folder / "midi",
        folder / "labels.csv",
        id_column="clip",
        class_column="quadrant",
        song_column="song",
        split_column="split",
        ontology="emopia",
        out=folder / "catalog",
    )
    build_dataset(read_catalog(folder / "catalog"), folder / "dataset", policy="whole")
    return folder / "dataset"
