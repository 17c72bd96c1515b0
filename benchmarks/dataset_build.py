"""How long a dataset of generated songs takes to build, and whether cost and memory grow linearly: 1×, 4×, 16×.

Run: python benchmarks/dataset_build.py [songs at 1×] [jobs]
"""

import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from whitelight.catalog.song import Catalog, Song, Stem
from whitelight.dataset import build_dataset
from whitelight.music import Meter, MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.ontology import load_ontology

SCALES = (1, 4, 16)
SONG_S = 180.0


def made_part(rng: np.random.Generator, n_voices: int, low: int, step_ticks: int) -> bytes:
    onsets = np.arange(0, int(SONG_S * 2 * 480), step_ticks).repeat(n_voices)
    n = len(onsets)
    notes = Notes(onsets, np.full(n, step_ticks), rng.integers(low, low + 24, n), rng.integers(50, 110, n))
    return write_midi(Piece(480, TempoMap.constant(120), midi_tracks=(MidiTrack("part", notes=notes),)))


def made_song(root: Path, number: int, class_name: str) -> Song:
    """Make a song of three minutes: four stems, about 3,000 notes."""
    rng = np.random.default_rng(number)
    song_id = f"{number:05d}"
    (root / song_id).mkdir(parents=True)
    stems = []
    for i, (view, voices, low, step) in enumerate(
        (("chords", 3, 48, 960), ("bass", 1, 28, 480), ("drums", 2, 36, 480), ("melody", 1, 60, 320))
    ):
        file = f"{song_id}/{view}.mid"
        (root / file).write_bytes(made_part(rng, voices, low, step))
        stems.append(Stem(f"{song_id}/{i}", view, view, None, file, has_midi=True))
    return Song(
        song_id, song_id, "", song_id, 120.0, Meter(4, 4), None, class_name, "", None, SONG_S, (), (), tuple(stems),
        (), (), (), "made", None, None, song_id, song_id,
    )  # fmt: skip


def main() -> None:
    n_songs = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    ontology = load_ontology("rainbow")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "catalog"
        names = ontology.class_names
        songs = tuple(made_song(root, i, names[i % len(names)]) for i in range(n_songs * SCALES[-1]))
        catalog = Catalog(root, ontology, songs, (), ())
        print(f"{'':>5} {'songs':>6} {'rows':>8} {'s':>7} {'songs/s':>8} {'again, s':>9} {'peak, MiB':>10}")
        for scale in SCALES:
            part = replace(catalog, songs=songs[: n_songs * scale])
            out = Path(folder) / f"out{scale}"
            began = time.perf_counter()
            report = build_dataset(part, out, policy="bars:4", jobs=jobs)
            seconds = time.perf_counter() - began
            again = build_dataset(part, out, policy="bars:4", jobs=jobs).seconds
            who = resource.RUSAGE_CHILDREN if jobs > 1 else resource.RUSAGE_SELF
            peak = resource.getrusage(who).ru_maxrss / 1024
            n = n_songs * scale
            print(
                f"{scale:>4}× {n:>6} {report.manifest.n_rows:>8,} {seconds:>7.2f} {n / seconds:>8.1f} "
                f"{again:>9.2f} {peak:>10.0f}"
            )


if __name__ == "__main__":
    main()
