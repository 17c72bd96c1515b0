"""MIDI bytes → exact piano roll, ours beside mido with a pairing of its own, in one run on the same files.

    python benchmarks/midi_roll.py [FOLDER] [--limit 50] [--json]

FOLDER holds MIDI files (searched below it); without one, or where it is missing, a synthetic song stands in.
Both sides must give the same roll to the last bit, or the run fails. Also measured: all 4-bar slices of a song with
the source parsed once, and how cost grows with the length of the piece.
"""

import argparse
import io
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from whitelight.music import BarGrid, MidiTrack, Notes, Piece, TempoMap, piano_roll, read_midi, slice_piece, write_midi

N_STEPS = 256


def mido_roll(data: bytes) -> NDArray[np.float32]:
    """The same roll with mido: messages one by one, notes paired first in first out, painted one by one."""
    midi_file = mido.MidiFile(file=io.BytesIO(data))
    notes, tempi, end = [], {0: 500_000}, 0
    for chunk in midi_file.tracks:
        tick = 0
        sounding = defaultdict(list)
        for message in chunk:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                sounding[message.channel, message.note].append((tick, message.velocity))
            elif message.type in ("note_on", "note_off"):
                if sounding[message.channel, message.note]:
                    onset, velocity = sounding[message.channel, message.note].pop(0)
                    if message.channel != 9:
                        notes.append((onset, max(tick, onset + 1), message.note, velocity))
            elif message.type == "set_tempo":
                tempi[tick] = message.tempo
        end = max(end, tick)
    end = max([end, *(stop for _, stop, _, _ in notes)])
    changes, at_change = sorted(tempi), [0]
    for before, after in pairwise(changes):
        at_change.append(at_change[-1] + (after - before) * tempi[before])

    def exact(tick: int) -> int:
        index = int(np.searchsorted(changes, tick, side="right")) - 1 if len(changes) > 1 else 0
        return at_change[index] + (tick - changes[index]) * tempi[changes[index]]

    roll, total = np.zeros((128, N_STEPS), np.float32), exact(end)
    for onset, stop, pitch, velocity in notes:
        cells = roll[pitch, exact(onset) * N_STEPS // total : -(-exact(stop) * N_STEPS // total)]
        np.maximum(cells, np.float32(velocity) / np.float32(127), out=cells)
    return roll


def our_roll(data: bytes) -> NDArray[np.float32]:
    return piano_roll(read_midi(data), n_steps=N_STEPS)


def four_bar_slices(piece: Piece) -> list[Piece]:
    edges = [*BarGrid.of(piece).starts(piece.end_tick)[::4].tolist(), piece.end_tick]
    return [slice_piece(piece, start, end) for start, end in pairwise(edges)]


def synthetic_song(n_bars: int = 100, n_tempi: int = 20) -> bytes:
    """A song of the size of a pop song: three parts, about 1,600 notes in 100 bars, tempo changes."""
    rng = np.random.default_rng(7)
    ticks = n_bars * 1920
    parts = []
    for name, low, n_notes in (("melody", 60, 3), ("bridge", 55, 3), ("piano", 36, 10)):
        onset = np.sort(rng.integers(0, ticks - 960, n_notes * n_bars)) // 60 * 60
        pitch, velocity = rng.integers(low, low + 24, len(onset)), rng.integers(40, 110, len(onset))
        parts.append(MidiTrack(name, notes=Notes(onset, rng.integers(1, 9, len(onset)) * 100, pitch, velocity)))
    changes = tuple(range(0, ticks, ticks // n_tempi))
    tempo_map = TempoMap(480, changes, tuple(int(us) for us in rng.integers(550_000, 650_000, len(changes))))
    return write_midi(Piece(480, tempo_map, midi_tracks=tuple(parts), end_tick=ticks))


def best_ms(work: Callable[[], object], repeat: int) -> float:
    """Best of `repeat` runs in milliseconds: what the work costs when nothing else disturbs it."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def measure(songs: list[bytes], repeat: int) -> dict[str, float]:
    """Medians over songs; the two sides take turns on every song, so that both meet the same machine."""
    ours, theirs, reads, slices = [], [], [], []
    for data in songs:
        if not np.array_equal(our_roll(data), mido_roll(data)):
            raise SystemExit("the two rolls differ: one of the readers is wrong")
        ours.append(best_ms(lambda data=data: our_roll(data), repeat))
        theirs.append(best_ms(lambda data=data: mido_roll(data), max(repeat // 3, 1)))
        reads.append(best_ms(lambda data=data: read_midi(data), repeat))
        piece = read_midi(data)
        slices.append(best_ms(lambda piece=piece: four_bar_slices(piece), repeat))
    return {
        "n_songs": len(songs),
        "roll_ms": statistics.median(ours),
        "mido_roll_ms": statistics.median(theirs),
        "ratio": statistics.median(their / our for our, their in zip(ours, theirs, strict=True)),
        "read_ms": statistics.median(reads),
        "four_bar_slices_ms": statistics.median(slices),
        "slowest_four_bar_slices_ms": max(slices),
    }


def growth(repeat: int) -> list[dict[str, float]]:
    """Cost of songs 1, 4 and 16 times as long, per 100 bars."""
    rows = []
    for times in (1, 4, 16):
        data = synthetic_song(100 * times, 20 * times)
        piece = read_midi(data)
        roll_ms, slices_ms = best_ms(lambda d=data: our_roll(d), repeat), best_ms(lambda p=piece: four_bar_slices(p), 3)
        rows.append(
            {"length": times, "roll_ms": roll_ms, "slices_ms": slices_ms, "slices_ms_per_1x": slices_ms / times}
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder of MIDI files")
    parser.add_argument("--limit", type=int, default=50, help="how many files to take (default 50)")
    parser.add_argument("--repeat", type=int, default=9, help="runs per file, the best counts (default 9)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    files = sorted(arguments.folder.rglob("*.mid")) if arguments.folder and arguments.folder.is_dir() else []
    songs = [data for data in (file.read_bytes() for file in files[: arguments.limit]) if data]
    if not songs:
        print("no MIDI folder: measuring a synthetic song", file=sys.stderr)
        songs = [synthetic_song()]
    result = measure(songs, arguments.repeat) | {"is_synthetic": not files}
    curve = growth(arguments.repeat)
    if arguments.json:
        print(json.dumps(result | {"growth": curve}))
        return
    print(f"{result['n_songs']} songs, median ms per song")
    print(f"  bytes → roll      {result['roll_ms']:8.3f}   mido + own pairing {result['mido_roll_ms']:8.2f}")
    print(f"  ratio             {result['ratio']:8.1f}")
    print(f"  bytes → piece     {result['read_ms']:8.3f}")
    print(
        f"  all 4-bar slices  {result['four_bar_slices_ms']:8.2f}   slowest song {result['slowest_four_bar_slices_ms']:.2f}"
    )
    for row in curve:
        print(f"  {row['length']:2d} × 100 bars     roll {row['roll_ms']:7.3f}   slices {row['slices_ms']:8.2f}")


if __name__ == "__main__":
    main()
