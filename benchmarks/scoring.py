"""How long `score_batch` takes, from MIDI bytes to the ranking, and where the time goes.

Run: ``python benchmarks/scoring.py MODEL [--midi FOLDER] [--n 50] [--target NAME] [--json]``. Without a folder of MIDI
files, pieces are made up. Medians of several rounds; the parts are measured in the same run.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.encoders import DescriptorEncoder
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi
from whitelight.scoring import ChromaticScorer

ROUNDS = 9


def made_up_files(n: int) -> list[bytes]:
    """Return `n` MIDI files of three minutes: 1,800 notes on three tracks, the size of a pop song."""
    rng = np.random.default_rng(0)
    tempo_map = TempoMap.constant(120, 480)
    files = []
    for _ in range(n):
        tracks = []
        for low, high in ((60, 84), (48, 72), (28, 50)):
            onset_tick = np.sort(rng.integers(0, 180 * 960, 600))
            pitch, velocity = rng.integers(low, high, 600), rng.integers(40, 110, 600)
            rows = zip(onset_tick.tolist(), [240] * 600, pitch.tolist(), velocity.tolist(), strict=True)
            tracks.append(MidiTrack(notes=Notes.from_rows(rows)))
        files.append(write_midi(Piece(480, tempo_map, midi_tracks=tuple(tracks))))
    return files


def median_ms(work: Callable[[], Any]) -> dict[str, float]:
    """Return medians of wall-clock and processor time of `ROUNDS` runs after one that warms up."""
    work()
    wall, processor = [], []
    for _ in range(ROUNDS):
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(1e3 * (time.perf_counter() - start))
        processor.append(1e3 * (time.process_time() - start_cpu))
    return {"wall_ms": statistics.median(wall), "cpu_ms": statistics.median(processor)}


class Remembered:
    """Stands in for the descriptor encoder and returns what it was given, so that the rest can be timed alone."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def encode(self, _pieces: object) -> np.ndarray:
        """Return the rows."""
        return self.rows


def measure(model: Path, files: list[bytes], target: str | None) -> dict[str, Any]:
    """Return milliseconds of the whole and of its parts for one batch."""
    start = time.perf_counter()
    scorer = ChromaticScorer(model)
    load_ms = 1e3 * (time.perf_counter() - start)
    goal = target or next(name for name, p in zip(scorer.heads[0].labels, scorer.parts.prior, strict=False) if p > 0)
    pieces = [read_midi(data) for data in files]
    encoder = DescriptorEncoder()
    value = {
        "candidates": len(files),
        "notes": int(sum(piece.n_notes for piece in pieces)),
        "target": goal,
        "load_ms": load_ms,
        "score_batch": median_ms(lambda: scorer.score_batch(files, target=goal)),
        "of it reading": median_ms(lambda: [read_midi(data) for data in files]),
        "of it descriptors": median_ms(lambda: encoder.encode(pieces)),
        "velocity free": median_ms(lambda: scorer.score_batch(files, target=goal, velocity="free")),
    }
    scorer._descriptors = Remembered(encoder.encode(pieces))  # noqa: SLF001  the only way to time what is left
    value["of it the rest"] = median_ms(lambda: scorer.score_batch(pieces, target=goal))
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of a model bundle")
    parser.add_argument("--midi", type=Path, help="folder of MIDI files, searched below; made-up pieces without it")
    parser.add_argument("--n", type=int, default=50, help="candidates in the batch")
    parser.add_argument("--target", help="class to score for")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    found = sorted(arguments.midi.rglob("*.mid"))[: arguments.n] if arguments.midi else []
    files = [path.read_bytes() for path in found] or made_up_files(arguments.n)
    value = {"source": "files" if found else "made up", **measure(arguments.model, files, arguments.target)}
    if arguments.json:
        print(json.dumps(value, indent=2))
        return
    for name, entry in value.items():
        times = isinstance(entry, dict)
        shown = f"{entry['wall_ms']:8.1f} ms, processor {entry['cpu_ms']:.1f} ms" if times else f"{entry}"
        print(f"{name:>18}  {shown}")


if __name__ == "__main__":
    main()
