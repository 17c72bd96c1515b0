"""How long it takes to describe a batch of MIDI files: bytes → pieces → note batch → descriptors.

    python benchmarks/descriptors.py [FOLDER] [--files 50] [--runs 9] [--json]

FOLDER is searched for MIDI files; without it made-up pieces stand in: as many three-minute songs of 2,000 notes. A batch
of as many eight-bar chord candidates is always made up. Reported are medians in milliseconds per batch and per piece,
wall clock and processor time (on a busy machine only the latter tells), and what ten sums over the same number of notes
cost here, to compare machines.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from whitelight.encoders import DescriptorEncoder, NoteBatch
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the descriptor encoder.")
    parser.add_argument("folder", nargs="?", type=Path, help="folder of MIDI files")
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    files = sorted(options.folder.rglob("*.mid"))[: options.files] if options.folder else []
    songs = [file.read_bytes() for file in files] or [write_midi(_song(rng)) for _ in range(options.files)]
    results = {
        "songs": {"source": options.folder.name if files else "made up", **_measure(songs, options.runs)},
        "chord candidates": {
            "source": "made up",
            **_measure([write_midi(_chords(rng)) for _ in range(options.files)], options.runs),
        },
    }
    if options.json:
        print(json.dumps(results, indent=1))
        return
    for name, result in results.items():
        print(f"{name}: {result['n']} pieces, {result['notes']:,} notes ({result['source']})")
        for step, times in result["ms"].items():
            print(
                f"  {step:22s} {times['wall']:8.2f} ms  processor {times['cpu']:8.2f} ms  per piece {times['per_piece']:.3f}"
            )


def _measure(contents: list[bytes], runs: int) -> dict[str, object]:
    encoder = DescriptorEncoder()
    pieces = [read_midi(content) for content in contents]
    batch = NoteBatch.from_pieces(pieces)
    ones, item = np.ones(len(batch.item)), batch.item
    steps: dict[str, Callable[[], object]] = {
        "read": lambda: [read_midi(content) for content in contents],
        "note batch": lambda: NoteBatch.from_pieces(pieces),
        "descriptors": lambda: encoder.encode(batch),
        "bytes to descriptors": lambda: encoder.encode([read_midi(content) for content in contents]),
        "ten sums (yardstick)": lambda: [np.bincount(item, ones) for _ in range(10)],
    }
    return {
        "n": len(contents),
        "notes": len(batch.item),
        "ms": {name: _timed(step, runs, len(contents)) for name, step in steps.items()},
    }


def _timed(step: Callable[[], object], runs: int, n: int) -> dict[str, float]:
    step()
    wall, cpu = [], []
    for _ in range(runs):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        step()
        wall.append(1000 * (time.perf_counter() - wall_start))
        cpu.append(1000 * (time.process_time() - cpu_start))
    median = statistics.median(wall)
    return {"wall": round(median, 3), "cpu": round(statistics.median(cpu), 3), "per_piece": round(median / n, 4)}


def _song(rng: np.random.Generator) -> Piece:
    """Three minutes: a tune, chords and a bass, 2,000 notes."""
    rows = [(240 * k, 220, int(rng.integers(64, 84)), int(rng.integers(50, 110))) for k in range(0, 1440, 2)]
    for k in range(360):
        root = int(rng.integers(45, 57))
        rows += [(480 * 2 * k % 345600, 900, root + tone, 70) for tone in (0, 4, 7)]
    rows += [(1728 * k, 800, int(rng.integers(33, 45)), 80) for k in range(200)]
    return _piece(rows, 120.0)


def _chords(rng: np.random.Generator) -> Piece:
    """Eight bars of four-note chords."""
    roots = rng.integers(48, 60, 8)
    rows = [
        (1920 * bar, 1900, int(root) + t, int(rng.integers(50, 100)))
        for bar, root in enumerate(roots)
        for t in (0, 4, 7, 12)
    ]
    return _piece(rows, 100.0)


def _piece(rows: list[tuple[int, int, int, int]], tempo_bpm: float) -> Piece:
    track = MidiTrack(name="made up", notes=Notes.from_rows(rows))
    return Piece(480, TempoMap.constant(tempo_bpm, 480), midi_tracks=(track,), end_tick=max(r[0] + r[1] for r in rows))


if __name__ == "__main__":
    main()
