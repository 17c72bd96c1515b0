"""How long `score_batch` takes, from MIDI bytes to the ranking, where the time goes, and what reading with mido costs.

    python benchmarks/scoring.py [MODEL] [--midi FOLDER] [--n 50] [--rounds 25] [--target NAME] [--json]
    python benchmarks/scoring.py [MODEL] --growth     # 50, 200 and 800 candidates of 4, 8 and 16 bars
    python benchmarks/scoring.py MODEL --session      # threads and rows per run of ONNX Runtime

MODEL is the folder of a bundle; without one all but the model's share (about 1 ms) is measured, and the output says
so. Without a folder of MIDI files, songs are made up; eight-bar chord candidates are always made up. Smallest and median
wall-clock time and processor time (on a busy machine the latter tells more); the two readers take turns in the same run
and must find the same notes.
"""

import argparse
import io
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import mido
import numpy as np

from whitelight.encoders import DescriptorEncoder, NoteBatch
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_columns, read_midi, write_midi
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.engine import Engine, Session

Work = Callable[[], Any]


def made_up_songs(n: int) -> list[bytes]:
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


def made_up_chords(n: int, bars: int = 8) -> list[bytes]:
    """Return `n` MIDI files of so many bars of four-note chords."""
    rng = np.random.default_rng(0)
    files = []
    for _ in range(n):
        roots = rng.integers(48, 60, bars).tolist()
        rows = [(1920 * bar, 1900, root + tone, 80) for bar, root in enumerate(roots) for tone in (0, 4, 7, 12)]
        tracks = (MidiTrack(notes=Notes.from_rows(rows)),)
        files.append(write_midi(Piece(480, TempoMap.constant(100, 480), midi_tracks=tracks)))
    return files


def mido_notes(data: bytes) -> list[tuple[int, int, int, int]]:
    """Read with mido, message by message, and pair notes first in first out: (onset, end, pitch, velocity)."""
    notes = []
    for chunk in mido.MidiFile(file=io.BytesIO(data), clip=True).tracks:
        tick = 0
        sounding = defaultdict(list)
        for message in chunk:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                sounding[message.channel, message.note].append((tick, message.velocity))
            elif message.type in ("note_on", "note_off") and sounding[message.channel, message.note]:
                onset, velocity = sounding[message.channel, message.note].pop(0)
                notes.append((onset, max(tick, onset + 1), message.note, velocity))
    return sorted(notes)


def our_notes(data: bytes) -> list[tuple[int, int, int, int]]:
    """Return the same of our reader, to compare."""
    rows = [row for midi_track in read_midi(data).midi_tracks for row in midi_track.notes.to_rows()]
    return sorted((onset, onset + duration, pitch, velocity) for onset, duration, pitch, velocity in rows)


def timed(works: dict[str, Work], rounds: int) -> dict[str, dict[str, float]]:
    """Return milliseconds of every work; they take turns, after one round that warms up."""
    wall: dict[str, list[float]] = {name: [] for name in works}
    processor: dict[str, list[float]] = {name: [] for name in works}
    for round_index in range(rounds + 1):
        for name, work in works.items():
            start, start_cpu = time.perf_counter(), time.process_time()
            work()
            if round_index:
                wall[name].append(1e3 * (time.perf_counter() - start))
                processor[name].append(1e3 * (time.process_time() - start_cpu))
    return {
        name: {
            "wall_min_ms": min(wall[name]),
            "wall_ms": statistics.median(wall[name]),
            "cpu_min_ms": min(processor[name]),
            "cpu_ms": statistics.median(processor[name]),
        }
        for name in works
    }


def measure(
    scorer: ChromaticScorer | None,
    helped: ChromaticScorer | None,
    files: list[bytes],
    target: str | None,
    rounds: int,
) -> dict[str, Any]:
    """Return milliseconds of the whole and of its parts for one batch; `helped` : the scorer in two processes."""
    for data in files:
        if our_notes(data) != mido_notes(data):
            raise SystemExit("the two readers find different notes: one of them is wrong")
    columns, encoder = read_columns(files)[0], DescriptorEncoder()
    batch = NoteBatch.from_columns(columns)
    works: dict[str, Work] = {"bytes to descriptors": lambda: describe(encoder, files)}
    if scorer is not None:
        goal = target or first_heard(scorer)
        works["bytes to ranking"] = lambda: scorer.score_batch(files, target=goal)
        works["same, velocity free"] = lambda: scorer.score_batch(files, target=goal, velocity="free")
    if helped is not None:
        goal = target or first_heard(helped)
        works["same, in two processes"] = lambda: helped.score_batch(files, target=goal)
    works |= {
        "of it reading": lambda: read_columns(files),
        "of it sorting, seconds": lambda: NoteBatch.from_columns(columns),
        "of it descriptors": lambda: encoder.encode(batch),
    }
    times = timed(works, rounds)
    readers = {
        "ours": lambda: read_columns(files),
        "mido + own pairing": lambda: [mido_notes(data) for data in files],
    }
    reading = timed(readers, max(rounds // 5, 3))
    ratio = reading["mido + own pairing"]["cpu_ms"] / reading["ours"]["cpu_ms"]
    return {
        "candidates": len(files),
        "notes": int(columns.n_notes.sum()),
        "times": times,
        "reading": reading,
        "reading_ratio": ratio,
    }


def describe(encoder: DescriptorEncoder, files: list[bytes]) -> Any:
    """From bytes to descriptors, as the scorer does it."""
    return encoder.encode(NoteBatch.from_columns(read_columns(files)[0]))


def first_heard(scorer: ChromaticScorer) -> str:
    """Return a class that was heard in training."""
    heard = zip(scorer.heads[0].labels, scorer.parts.prior, strict=False)
    return next(name for name, p in heard if p > 0)


def measure_growth(scorer: ChromaticScorer | None, rounds: int) -> dict[str, Any]:
    """Return milliseconds by number and length of candidates, to the ranking, or to descriptors without a model."""
    encoder, goal = DescriptorEncoder(), first_heard(scorer) if scorer else None
    works: dict[str, Work] = {}
    for n in (50, 200, 800):
        for bars in (4, 8, 16):
            files = made_up_chords(n, bars)
            ranked = partial(scorer.score_batch, files, target=goal) if scorer else partial(describe, encoder, files)
            works[f"{n} candidates of {bars} bars"] = ranked
    return timed(works, rounds)


def measure_session(scorer: ChromaticScorer, model: Path, rounds: int) -> dict[str, Any]:
    """Return milliseconds of the network alone for 50 and 200 candidates, by threads and rows per run."""
    content = (model / "model.onnx").read_bytes()
    works: dict[str, Work] = {}
    for n in (50, 200):
        inputs = scorer.inputs(made_up_chords(n))
        for threads in (1, 2):
            for rows in (16, 32, 64, 128, 256):
                engine = Engine(content, scorer.experts, scorer.heads, Session(threads, rows))
                works[f"{n} candidates, {threads} threads, {rows} rows"] = partial(engine.run, inputs)
    return timed(works, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", help="folder of a model bundle")
    parser.add_argument("--midi", type=Path, help="folder of MIDI files, searched below; made-up songs without it")
    parser.add_argument("--n", type=int, default=50, help="candidates in the batch (default 50)")
    parser.add_argument("--rounds", type=int, default=25, help="runs of each (default 25)")
    parser.add_argument("--target", help="class to score for")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--growth", action="store_true", help="cost by number and length of candidates")
    parser.add_argument("--session", action="store_true", help="cost by threads and rows per run")
    arguments = parser.parse_args()
    if arguments.growth or arguments.session:
        scorer = ChromaticScorer(arguments.model) if arguments.model else None
        if arguments.session and scorer is None:
            parser.error("--session needs MODEL")
        measured = (
            measure_session(scorer, arguments.model, arguments.rounds)
            if arguments.session and scorer
            else measure_growth(scorer, arguments.rounds)
        )
        print(json.dumps(measured, indent=2)) if arguments.json else show_times(measured)
        return
    found = sorted(arguments.midi.rglob("*.mid"))[: arguments.n] if arguments.midi else []
    songs = [path.read_bytes() for path in found] or made_up_songs(arguments.n)
    scorer = ChromaticScorer(arguments.model) if arguments.model else None
    helped = ChromaticScorer(arguments.model, jobs=2) if arguments.model else None
    if helped is not None:
        helped.listener.wait()
    batches = {"songs": songs, "chord candidates": made_up_chords(arguments.n)}
    values = {
        name: measure(scorer, helped, files, arguments.target, arguments.rounds) for name, files in batches.items()
    }
    value = {"songs_are": "files" if found else "made up", "load": os.getloadavg()[0], **values}
    if arguments.json:
        print(json.dumps(value, indent=2))
        return
    print(f"songs are {value['songs_are']}; load {value['load']:.1f}" + ("" if scorer else "; no model, no ranking"))
    for name in batches:
        show(name, values[name])


def show(name: str, value: dict[str, Any]) -> None:
    """Print one batch."""
    print(f"{value['candidates']} {name}, {value['notes']:,} notes: ms, smallest and median")
    show_times(value["times"] | {f"read: {k}": t for k, t in value["reading"].items()})
    print(f"  reading with mido + own pairing takes {value['reading_ratio']:.1f} × as long")


def show_times(times: dict[str, dict[str, float]]) -> None:
    """Print milliseconds, smallest and median."""
    for work, t in times.items():
        wall, processor = (f"{t[f'{kind}_min_ms']:8.1f} {t[f'{kind}_ms']:8.1f}" for kind in ("wall", "cpu"))
        print(f"  {work:34s} wall {wall}   processor {processor}")


if __name__ == "__main__":
    main()
