"""What datasets with audio cost as the catalog grows: memory, songs and segments a second, × real time, bytes per hour.

Run: python benchmarks/dataset_scale.py [--songs 10,40,160] [--seconds 60] [--jobs 1]

Every catalog is built in a process of its own, so that its peak is its own. A song is four stems and a main mix in
stereo, 16 bits at 44.1 kHz; its stems are MIDI too. Wall-clock and processor time are both printed: on a machine that
does other things only the second is worth comparing. `core ×` is real time over processor time.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from whitelight.dataset import Dataset, update_dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.ontology import load_ontology

RATE = 44_100
STEMS = (("drums", 36, 0.5), ("bass", 40, 1.0), ("chords", 55, 2.0), ("melody", 67, 1.0))
TRAINING = (
    *("row_id", "segment_id", "song_id", "group_id", "split", "view", "class_name"),
    *("has_midi", "has_lyric", "lyric_text", "concept"),
)
SCAN_ROWS = 20_000
CONCEPT = "It used to be a field outside the town; now it is a photograph, or I only remember it as one. "


def played(pitch: int, every_s: float, seconds: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Decaying tones with a little noise, stereo: about as compressible as a recording."""
    time_s = np.arange(round(every_s * RATE)) / RATE
    notes = []
    for _ in range(int(seconds / every_s)):
        frequency_hz = 440 * 2 ** ((pitch + int(rng.integers(0, 8)) - 69) / 12)
        tone = sum(np.sin(2 * np.pi * frequency_hz * k * time_s) / k for k in (1, 2, 3, 5)) * np.exp(-2 * time_s)
        notes.append(0.15 * tone + rng.normal(scale=0.003, size=len(time_s)))
    mono = np.concatenate(notes)
    return np.stack([mono, np.roll(mono, 20) * 0.8], axis=1).astype(np.float32)


def midi_of(pitch: int, every_s: float, seconds: float, rng: np.random.Generator) -> bytes:
    n = int(seconds / every_s)
    step = round(every_s * 960)
    notes = Notes(np.arange(n) * step, np.full(n, step), rng.integers(pitch, pitch + 12, n), np.full(n, 80))
    return write_midi(Piece(480, TempoMap.constant(120), midi_tracks=(MidiTrack("part", notes=notes),)))


def write_catalog(root: Path, n_songs: int, seconds: float, classes: tuple[str, ...], *, has_audio: bool) -> None:
    """Write songs; the recordings of all are those of the first, linked, so that 160 songs fit on a disk."""
    rng = np.random.default_rng(1)
    sound = {name: played(pitch, every, seconds, rng) for name, pitch, every in STEMS} if has_audio else {}
    for number in range(n_songs):
        song_id = f"{number // 12 + 1:02d}_{number % 12 + 1:02d}"
        folder = root / song_id
        folder.mkdir(parents=True)
        for name, pitch, every in STEMS:
            (folder / f"{name}.mid").write_bytes(midi_of(pitch, every, seconds, rng))
        if has_audio and number == 0:
            for name, samples in [*sound.items(), ("mix", sum(sound.values()))]:
                soundfile.write(folder / f"{name}.wav", samples, RATE, subtype="PCM_16")
        elif has_audio:
            for name in (*sound, "mix"):
                os.link(root / "01_01" / f"{name}.wav", folder / f"{name}.wav")
        lines = [f"[{int(s) // 60:02d}:{s % 60:06.3f}]and I was walking down the road, {k}" for k, s in _lines(seconds)]
        (folder / f"{song_id}.lrc").write_text("\n".join(lines))
        tracks = [{"id": k, "description": n, "midi_file": f"{n}.mid"} for k, (n, _, _) in enumerate(STEMS, 1)]
        for track in tracks if has_audio else ():
            track["audio_file"] = f"{track['description']}.wav"
        fields = {
            "title": f"Song {song_id}",
            "bpm": 120,
            "rainbow_color": classes[number % len(classes)],
            "TRT": f"[{int(seconds) // 60:02d}:{seconds % 60:06.3f}]",
            "concept": CONCEPT * 3,
            "mood": ["calm", "sad"],
            "genres": ["folk"],
            "time_code": "ms",
            "audio_tracks": tracks,
        }
        (folder / f"{song_id}.yml").write_text(
            json.dumps(fields | ({"main_audio_file": "mix.wav"} if has_audio else {}))
        )


def _lines(seconds: float) -> list[tuple[int, float]]:
    return list(enumerate(np.arange(2.0, seconds - 2, 5.0).tolist()))


def build_and_measure(root: Path, out: Path, policy: str, jobs: int) -> dict[str, Any]:
    """Build in this process and return what it took; called in a process of its own."""
    cpu, began = time.process_time(), time.perf_counter()
    report = update_dataset(root, out, policy=policy, jobs=jobs)
    first = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
    began = time.perf_counter()
    update_dataset(root, out, policy=policy, jobs=jobs)
    again_s = time.perf_counter() - began
    who = resource.RUSAGE_CHILDREN if jobs > 1 else resource.RUSAGE_SELF
    if jobs > 1:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        first["cpu_s"] += children.ru_utime + children.ru_stime
    records = report.manifest.songs.values()
    return first | {
        "again_s": again_s,
        "rss_mib": resource.getrusage(who).ru_maxrss / 1024,
        "segments": report.manifest.n_segments,
        "rows": report.manifest.n_rows,
        "media_bytes": sum(record.media_bytes for record in records),
    }


def in_a_process(root: Path, out: Path, policy: str, jobs: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--worker", str(root), str(out), policy, str(jobs)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def scan(out: Path, columns: tuple[str, ...] | None) -> tuple[int, float, float]:
    """Return rows, and the best wall-clock and processor time of ten scans."""
    dataset, best, cpu, n = Dataset.open(out), float("inf"), float("inf"), 0
    for _ in range(10):
        began, at = time.perf_counter(), time.process_time()
        n = len(dataset.rows(columns, kind=None))
        best, cpu = min(best, time.perf_counter() - began), min(cpu, time.process_time() - at)
    return n, best, cpu


def scale(folder: Path, n_songs: list[int], seconds: float, jobs: int, classes: tuple[str, ...]) -> None:
    print(f"songs of {seconds:g} s, 4 stems and a main mix, stereo 16 bits at 44.1 kHz; jobs {jobs}")
    header = ("songs", "segments", "rows", "wall s", "cpu s", "songs/s", "segments/s", "wall ×", "core ×")
    print("".join(f"{name:>11}" for name in (*header, "RSS MiB", "MB/hour", "again s")))
    base = None
    for n in n_songs:
        root, out = folder / "catalog", folder / "out"
        write_catalog(root, n, seconds, classes, has_audio=True)
        m = in_a_process(root, out, "lines", jobs)
        audio_s = 5 * seconds * n
        figures = (f"{n / m['wall_s']:.2f}", f"{m['segments'] / m['wall_s']:.1f}", f"{audio_s / m['wall_s']:.0f}")
        figures += (
            f"{audio_s / m['cpu_s']:.0f}",
            f"{m['rss_mib']:.0f}",
            f"{m['media_bytes'] / audio_s * 3600 / 1e6:.0f}",
        )
        cells = (
            n,
            m["segments"],
            m["rows"],
            f"{m['wall_s']:.1f}",
            f"{m['cpu_s']:.1f}",
            *figures,
            f"{m['again_s']:.2f}",
        )
        base = base or m["cpu_s"] / n
        print("".join(f"{cell!s:>11}" for cell in cells), f"  {m['cpu_s'] / n / base:.2f}× a song of the first")
        shutil.rmtree(root)
        shutil.rmtree(out)


def scans(folder: Path, classes: tuple[str, ...]) -> None:
    print(f"scans of {SCAN_ROWS:,} rows and more, best of ten")
    for n_songs, policy in ((25, "bars:1"), (84, "bars:4"), (160, "bars:8")):
        root, out = folder / "catalog", folder / "out"
        write_catalog(root, n_songs, 180.0 if n_songs < 100 else 190.0, classes, has_audio=False)
        in_a_process(root, out, policy, 1)
        for what, columns in (("training", TRAINING), ("all", None)):
            n, wall_s, cpu_s = scan(out, columns)
            print(f"{n_songs:>5} songs {n:>7,} rows {what:>9} columns: {wall_s:.3f} s wall, {cpu_s:.3f} s processor")
        shutil.rmtree(root)
        shutil.rmtree(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--songs", default="10,40,160")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    classes = tuple(load_ontology("rainbow").class_names)
    with tempfile.TemporaryDirectory() as name:
        scale(Path(name), [int(n) for n in options.songs.split(",")], options.seconds, options.jobs, classes)
        scans(Path(name), classes)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        root_, out_, policy_, jobs_ = sys.argv[2:]
        print(json.dumps(build_and_measure(Path(root_), Path(out_), policy_, int(jobs_))))
    else:
        main()
