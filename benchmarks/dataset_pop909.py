"""A dataset of real, long songs with rendered sound, from end to end: build, build again, verify every row, scan.

Run: python benchmarks/dataset_pop909.py POP909_FOLDER [--songs 40] [--jobs 2] [--out FOLDER]

The longest songs are taken; melody, bridge and piano become stems of their own, and `--render` plays them. Every
command runs in a process of its own. Wall-clock and processor time (of the command and its workers) are printed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from whitelight.dataset import Dataset
from whitelight.music import Piece, read_midi, write_midi
from whitelight.ontology import load_ontology

PARTS = {"MELODY": "Lead melody", "BRIDGE": "Counter melody", "PIANO": "Piano"}


def write_catalog(source: Path, root: Path, n_songs: int) -> float:
    """Write a catalog of the longest songs and return their length together in seconds."""
    pieces = {path.stem: read_midi(path) for path in sorted(source.glob("*/*.mid"))}
    longest = sorted(sorted(pieces, key=lambda name: -pieces[name].duration_s)[:n_songs])
    classes = load_ontology("rainbow").class_names
    for place, name in enumerate(longest):
        _write_song(root / f"p{name}", pieces[name], classes[place % len(classes)])
    return sum(pieces[name].duration_s for name in longest)


def _write_song(folder: Path, piece: Piece, class_name: str) -> None:
    folder.mkdir(parents=True)
    tracks = []
    for midi_track in piece.midi_tracks:
        if len(midi_track.notes):
            file = f"{midi_track.name.lower() or len(tracks)}.mid"
            (folder / file).write_bytes(write_midi(piece.with_midi_tracks([midi_track])))
            description = PARTS.get(midi_track.name, "Piano")
            tracks.append({"id": len(tracks) + 1, "description": description, "midi_file": file})
    fields = {"title": folder.name, "rainbow_color": class_name, "audio_tracks": tracks, "time_code": "ms"}
    (folder / f"{folder.name}.yml").write_text(json.dumps(fields))


def timed(*arguments: object) -> tuple[float, float, dict[str, object]]:
    """Run a command and return wall-clock and processor seconds and its JSON."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "whitelight", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu_s, json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, out = Path(name) / "catalog", options.out or Path(name) / "dataset"
        song_s = write_catalog(options.source, root, options.songs)
        build = ("dataset", "build", root, "--out", out, "--policy", "bars:4", "--render", "--jobs", options.jobs)
        wall, cpu, told = timed(*build)
        print(f"{options.songs} songs, {song_s / 60:.0f} min; {told['segments']} segments, {told['rows']} rows")
        dataset = Dataset.open(out)
        heard = dataset.rows(["row_id", "audio_rows", "n_samples", "sample_rate"], kind="stem").to_pylist()
        audio_s = sum(row["n_samples"] / row["sample_rate"] for row in heard if row["audio_rows"] == [row["row_id"]])
        media = sum(record.media_bytes for record in dataset.manifest.songs.values())
        rates = f"{options.songs / wall:.2f} songs/s, {told['segments'] / wall:.1f} segments/s, {audio_s / wall:.0f} × real time"
        print(f"build, rendered: {wall:.1f} s wall, {cpu:.1f} s processor; {rates}, {audio_s / cpu:.0f} × per core")
        print(f"{media / 1e6:.0f} MB of media, {media / audio_s * 3600 / 1e6:.0f} MB per hour of audio")
        wall, cpu, _ = timed(*build)
        print(f"nothing changed: {wall:.2f} s wall, {cpu:.2f} s processor")
        manifest = next(root.glob("*/*.yml"))
        manifest.write_text(manifest.read_text().replace('"title": "', '"title": "Another '))
        wall, cpu, told = timed(*build)
        print(f"one manifest edited: {wall:.2f} s wall, {cpu:.2f} s processor, {told['built']} song built")
        wall, cpu, told = timed("dataset", "verify", out, "--all")
        print(f"verify --all: {wall:.1f} s wall, {cpu:.1f} s processor, passed: {told['passed']}")
        began = time.perf_counter()
        n = len(dataset.rows(kind=None))
        print(f"scan of {n:,} rows, all columns: {time.perf_counter() - began:.3f} s")


if __name__ == "__main__":
    main()
