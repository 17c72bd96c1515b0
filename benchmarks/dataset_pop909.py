"""A dataset of real, long songs with rendered sound, from end to end: build, build again, verify, embed, publish, read.

Run: python benchmarks/dataset_pop909.py POP909_FOLDER [--songs 40] [--jobs 2] [--out FOLDER]

The longest songs are taken; melody, bridge and piano become stems of their own, and `--render` plays them. Every
command runs in a process of its own. Wall-clock and processor time (of the command and its workers) and the largest
process so far are printed.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from whitelight.dataset import Dataset
from whitelight.music import Piece, read_midi, write_midi
from whitelight.ontology import load_ontology

TRAINING = ("row_id", "segment_id", "song_id", "group_id", "split", "view", "class_name", "has_midi", "concept")
PARTS = {"MELODY": "Lead melody", "BRIDGE": "Counter melody", "PIANO": "Piano"}


def write_catalog(source: Path, root: Path, n_songs: int) -> float:
    """Write a catalog of the longest songs and return their length together in seconds."""
    pieces = {path.stem: read_midi(path) for path in sorted(source.glob("*/*.mid"))}
    longest = sorted(sorted(pieces, key=lambda name: -pieces[name].duration_s)[:n_songs])
    classes = load_ontology("rainbow").class_names
    for place, name in enumerate(longest):
        _write_song(root / f"p{name}", pieces[name], classes[place % len(classes)])
    (root / "catalog.yml").write_text("license: MIT\nattribution: POP909, Wang et al. 2020\n")
    return sum(pieces[name].duration_s for name in longest)


def _write_song(folder: Path, piece: Piece, class_name: str) -> None:
    folder.mkdir(parents=True)
    tracks: list[dict[str, Any]] = []
    for midi_track in piece.midi_tracks:
        if len(midi_track.notes):
            file = f"{midi_track.name.lower() or len(tracks)}.mid"
            (folder / file).write_bytes(write_midi(piece.with_midi_tracks([midi_track])))
            description = PARTS.get(midi_track.name, "Piano")
            tracks.append({"id": len(tracks) + 1, "description": description, "midi_file": file})
    fields = {"title": folder.name, "rainbow_color": class_name, "audio_tracks": tracks, "time_code": "ms"}
    (folder / f"{folder.name}.yml").write_text(json.dumps(fields))


def timed(*arguments: object) -> tuple[float, float, dict[str, Any]]:
    """Run a command and return wall-clock and processor seconds and its JSON."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "whitelight", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu_s, json.loads(done.stdout)


def build(root: Path, out: Path, jobs: int, song_s: float) -> None:
    """Build, build again, and build after an edit."""
    command = ("dataset", "build", root, "--out", out, "--policy", "bars:4", "--render", "--jobs", jobs)
    wall, cpu, told = timed(*command)
    dataset = Dataset.open(out)
    n_songs = len(dataset.song_ids)
    print(f"{n_songs} songs, {song_s / 60:.0f} min; {told['segments']} segments, {told['rows']} rows")
    audio_s = heard_s(dataset)
    media = sum(record.media_bytes for record in dataset.manifest.songs.values())
    rates = f"{n_songs / wall:.2f} songs/s, {told['segments'] / wall:.1f} segments/s, {audio_s / wall:.0f} × real time"
    print(f"build, rendered: {wall:.1f} s wall, {cpu:.1f} s processor; {rates}, {audio_s / cpu:.0f} × per core")
    print(f"{media / 1e6:.0f} MB of media, {media / audio_s * 3600 / 1e6:.0f} MB per hour of audio; {peak_mb():.0f} MB")
    wall, cpu, _ = timed(*command)
    print(f"nothing changed: {wall:.2f} s wall, {cpu:.2f} s processor")
    manifest = next(root.glob("*/*.yml"))
    manifest.write_text(manifest.read_text().replace('"title": "', '"title": "Another '))
    wall, cpu, told = timed(*command)
    print(f"one manifest edited: {wall:.2f} s wall, {cpu:.2f} s processor, {told['built']} song built")


def use(out: Path, published: Path, jobs: int) -> None:
    """Verify every row, embed, publish with media, open and stream what was published."""
    wall, cpu, told = timed("dataset", "verify", out, "--all", "--jobs", jobs)
    counts = f"{told['rows']} rows, {told['midi_slices_read']} MIDI slices, {told['sounds_read']} sounds"
    print(
        f"verify --all: {wall:.1f} s wall, {cpu:.1f} s processor, passed: {told['passed']}; {counts}; {peak_mb():.0f} MB"
    )
    audio_s = heard_s(Dataset.open(out))
    for encoder in ("descriptors", "audio-statistics"):
        wall, cpu, _ = timed("embed", out, "--encoder", encoder, "--jobs", jobs)
        print(
            f"embed {encoder}: {wall:.1f} s wall, {cpu:.1f} s processor, {audio_s / cpu:.0f} × real time; {peak_mb():.0f} MB"
        )
    wall, cpu, _ = timed("dataset", "publish", out, "--to", published, "--version", "1.0.0", "--include-media")
    print(f"publish with media: {wall:.1f} s wall, {cpu:.1f} s processor; {peak_mb():.0f} MB")
    read_published(published)


def read_published(published: Path) -> None:
    """Open and stream a publication with `datasets` alone."""
    import soundfile
    from datasets import load_dataset  # type: ignore[import-untyped]  # it has no stubs

    with tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        rows = load_dataset(str(published), "training_segments", split="train", cache_dir=cache)
        print(f"load_dataset training_segments: {len(rows):,} rows in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    n_rows, seconds = 0, 0.0
    for row in load_dataset(str(published), "training_full", split="train", streaming=True):
        n_rows += 1
        if row["audio"] is not None:
            samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]), dtype="int16")
            seconds += len(samples) / rate
    took_s = time.perf_counter() - began
    print(
        f"streamed and decoded: {n_rows:,} rows, {seconds / 60:.0f} min of sound in {took_s:.1f} s, {seconds / took_s:.0f} ×"
    )


def heard_s(dataset: Dataset) -> float:
    """Seconds of the recordings that are stored."""
    rows = dataset.rows(["row_id", "audio_rows", "n_samples", "sample_rate"], kind="stem").to_pylist()
    own = [row for row in rows if row["audio_rows"] == [row["row_id"]]]
    return float(sum(row["n_samples"] / row["sample_rate"] for row in own))


def peak_mb() -> float:
    """Return the size of the largest process of the commands so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, out = Path(name) / "catalog", options.out or Path(name) / "dataset"
        build(root, out, options.jobs, write_catalog(options.source, root, options.songs))
        use(out, Path(name) / "published", options.jobs)
        dataset = Dataset.open(out)
        for columns, what in ((None, "all columns"), (TRAINING, "the columns of a training")):
            began = time.perf_counter()
            n = len(dataset.rows(columns, kind=None))
            print(f"scan of {n:,} rows, {what}: {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    main()
