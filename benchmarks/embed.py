"""How fast texts and sound become vectors, and whether the embed pass stays small: 1×, 4×, 16×.

    python benchmarks/embed.py [--dataset DIR] [--songs 2] [--json]

Sound: stereo at 44.1 kHz, made of chords and noise, × real time per core (processor time, linear algebra on one
thread, so a busy machine does not stretch it). Texts: made-up lyric lines per second, per core and by the clock; MiniLM
is left out where its weights are not installed. Embed pass: made songs of a minute with three stems, each scale in a
process of its own, so that its peak of memory is that of the pass. With --dataset, the pass over that dataset too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from whitelight.audio import Audio, decode_flac, encode_flac
from whitelight.catalog import read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.encoders import make_encoder
from whitelight.encoders.options import MissingModelError

RATE = 44_100
SCALES = (1, 4, 16)
WORDS = ("night", "river", "glass", "the", "of", "and", "slow", "under", "machine", "light", "again", "I", "you", "a")
CHILD = """
import re, sys, time
from pathlib import Path
from whitelight.dataset import Dataset
from whitelight.encoders import embed, make_encoder
dataset, encoder = Dataset.open(Path(sys.argv[1])), make_encoder("audio-statistics")
def peak():  # of this process alone; getrusage would count what its parent held
    return re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
before = peak()
began, cpu = time.perf_counter(), time.process_time()
embed(dataset, encoder)
print(time.perf_counter() - began, time.process_time() - cpu, before, peak())
"""


def made_sound(seconds: float, seed: int = 0) -> Audio:
    """Chords with a beat and some noise, stereo."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * 220 * 2 ** (k / 12) * time_s) for k in (0, 4, 7, 16)) / 8
    beat = np.exp(-8 * (time_s % 0.5))
    samples = np.stack([chord * beat, 0.8 * chord * beat], axis=1) + rng.normal(0, 0.01, (len(time_s), 2))
    return Audio(samples.astype(np.float32), RATE, 16)


def best(function: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """Smallest processor and wall-clock seconds of several runs."""
    function()
    found = []
    for _ in range(runs):
        cpu, wall = time.process_time(), time.perf_counter()
        function()
        found.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in found), min(wall for _, wall in found)


def measure_sound() -> dict[str, float]:
    """× real time per core."""
    encoder = make_encoder("audio-statistics")
    found = {}
    for seconds in (5, 30, 180):
        audio = made_sound(seconds)
        cpu, _ = best(lambda audio=audio: encoder.encode([audio]))
        found[f"audio-statistics, {seconds} s"] = seconds / cpu
    flac = encode_flac(made_sound(30).samples, RATE, bits=16)
    cpu, _ = best(lambda: encoder.encode([decode_flac(flac)]))
    found["audio-statistics, 30 s of FLAC"] = 30 / cpu
    return found


def measure_texts() -> dict[str, dict[str, float]]:
    """Lines per second."""
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(WORDS, rng.integers(3, 14))) for _ in range(600)]
    found = {}
    for name, threads in (("hashed-ngrams", None), ("minilm", 1), ("minilm", None)):
        try:
            encoder = make_encoder(name, n_threads=threads)
            cpu, wall = best(lambda encoder=encoder: encoder.encode(lines), runs=3)
        except MissingModelError:
            continue
        label = name + (f", {threads} thread" if threads else "")
        found[label] = {"per core": len(lines) / cpu, "by the clock": len(lines) / wall}
    return found


def write_catalog(root: Path, n_songs: int) -> None:
    """Songs of a minute, four sections, three stems of sound each."""
    import soundfile

    sounds = [made_sound(60, seed).samples for seed in range(3)]
    for k in range(n_songs):
        folder = root / f"02_{k:03d}"
        folder.mkdir(parents=True)
        for name, samples in zip(("drums", "bass", "melody"), sounds, strict=True):
            soundfile.write(folder / f"{name}.flac", samples, RATE, subtype="PCM_16")
        sections = [
            {
                "section_name": "Verse",
                "start_time": f"[00:{a:02d}.000]",
                "end_time": f"[{b // 60:02d}:{b % 60:02d}.000]",
            }
            for a, b in ((0, 15), (15, 30), (30, 45), (45, 60))
        ]
        manifest = {
            "manifest_id": folder.name,
            "bpm": 120,
            "tempo": "4/4",
            "TRT": "[01:00.000]",
            "time_code": "ms",
            "structure": sections,
            "audio_tracks": [
                {"id": i, "description": name.title(), "audio_file": f"{name}.flac"}
                for i, name in enumerate(("drums", "bass", "melody"), 1)
            ],
        }
        (folder / f"{folder.name}.yml").write_text(json.dumps(manifest))


def run_pass(dataset: Path) -> dict[str, float]:
    """Embed a dataset in a process of its own."""
    done = subprocess.run([sys.executable, "-c", CHILD, dataset], capture_output=True, text=True, check=True)
    wall, cpu, before, peak = map(float, done.stdout.split())
    opened = Dataset.open(dataset)
    rows = opened.rows(["audio_rows", "duration_s"], kind=None).to_pylist()
    different = {tuple(row["audio_rows"]): row["duration_s"] for row in rows if row["audio_rows"]}
    sound_s = sum(different.values())
    return {
        "songs": len(opened.song_ids),
        "minutes": sound_s / 60,
        "wall_s": wall,
        "x real time": sound_s / wall,
        "x real time per core": sound_s / cpu,
        "peak MiB": peak / 1024,
        "of it the pass": (peak - before) / 1024,
    }


def measure_scales(n_songs: int) -> list[dict[str, float]]:
    """Cost and memory of the pass as the dataset grows."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for scale in SCALES:
            root = Path(folder) / f"{scale}"
            write_catalog(root / "catalog", n_songs * scale)
            build_dataset(read_catalog(root / "catalog"), root / "dataset", policy="sections")
            rows.append(run_pass(root / "dataset"))
    return rows


def measure_dataset(dataset: Path) -> dict[str, float]:
    """The pass over a dataset, whose own features are left alone."""
    with tempfile.TemporaryDirectory() as folder:
        for file in dataset.resolve().iterdir():
            if file.name != "features":
                (Path(folder) / file.name).symlink_to(file)
        return run_pass(Path(folder))


def table(rows: Sequence[dict[str, float]]) -> None:
    print("  " + "  ".join(f"{key:>20}" for key in rows[0]))
    for row in rows:
        print("  " + "  ".join(f"{value:>20.1f}" for value in row.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the encoders and the embed pass.")
    parser.add_argument("--dataset", type=Path, help="a dataset with audio")
    parser.add_argument("--songs", type=int, default=2, help="songs at 1×")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, Any] = {
        "sound, x real time per core": measure_sound(),
        "lines per second": measure_texts(),
        "embed pass": measure_scales(options.songs),
    }
    if options.dataset:
        results["dataset"] = [measure_dataset(options.dataset)]
    if options.json:
        print(json.dumps(results, indent=1))
        return
    for name, value in results.items():
        print(name)
        if isinstance(value, list):
            table(value)
        else:
            for key, figure in value.items():
                shown = figure if isinstance(figure, dict) else {"": figure}
                print(f"  {key:34s} " + "  ".join(f"{unit} {number:,.0f}" for unit, number in shown.items()))


if __name__ == "__main__":
    main()
