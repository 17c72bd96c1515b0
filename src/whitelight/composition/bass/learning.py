"""Hearing how a catalog plays its bass: pace, register, articulation, where notes fall, and the nearest style."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bass.styles import BassStyle, Habit
from whitelight.composition.meter_grid import MeterGrid, meter_grid
from whitelight.dataset import Dataset
from whitelight.music import BarGrid, Meter, Piece, read_midi

MIN_NOTES, MIN_BARS = 8, 2  # fewer say nothing about a habit
SPARSE_NOTES = 1.3  # per bar: below it notes are held
OCTAVES, REPEATS, STEPS, FIFTHS, LEAPS = 0.25, 0.75, 0.5, 0.35, 0.55  # shares of moves that make a style


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """The bass of one piece: pitches in order, places in pulses, share of the time to the next onset that is played."""

    grid: MeterGrid
    pitch: NDArray[np.int64]
    pulse: NDArray[np.int64]
    gate: NDArray[np.float64]
    program: int


def learn_bass(pieces: Iterable[Piece], *, style: str = "") -> BassStyle | None:
    """Hear how bass parts are played; None when no piece has enough of one.

    Parameters
    ----------
    pieces : bass parts, each a part of its own. style : shipped style for the candidates that do not play as the
        catalog does.
    """
    return learn_parts(([piece] for piece in pieces), style=style)


def learn_parts(parts: Iterable[Sequence[Piece]], *, style: str = "") -> BassStyle | None:
    """Hear basses of which several pieces are one part, as the segments of a song are; see `learn_bass`."""
    habits: list[Habit] = []
    total = 0
    for pieces in parts:
        by_meter: dict[Meter, list[_Heard]] = {}
        for piece in pieces:
            heard = _hear(piece)
            if heard is not None:
                by_meter.setdefault(piece.meter_at(piece.end_tick), []).append(heard)
        for meter, found in by_meter.items():
            n_bars = sum(len(np.unique(one.pulse // one.grid.bar_pulses)) for one in found)
            if n_bars >= MIN_BARS and sum(len(one.pitch) for one in found) >= MIN_NOTES:
                habits.append(_habit(found, n_bars, meter))
                total += n_bars
    return BassStyle(tuple(habits), total, style) if habits else None


def bass_style_of_classes(dataset: Path, class_names: Collection[str], *, style: str = "") -> BassStyle | None:
    """Listen to the bass view of the songs of some classes; to all songs when there are none of them.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without a bass add nothing.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id", "song_id"], views=["bass"], song_ids=song_ids or None).to_pydict()
    songs: dict[str, list[str]] = {}
    for row_id, song_id in zip(rows["row_id"], rows["song_id"], strict=True):
        songs.setdefault(song_id, []).append(row_id)
    parts = ([read_midi(midi) for _, midi in source.media(row_ids)] for row_ids in songs.values())
    return learn_parts(parts, style=style)


def _hear(piece: Piece) -> _Heard | None:
    """Read a bass onto the grid of its last meter; None when nothing is played in it."""
    notes, meter = piece.all_notes(drums="exclude"), piece.meter_at(piece.end_tick)
    start = max((change.tick for change in piece.meters if change.meter != meter), default=-1)
    lines = [tick for tick in BarGrid.of(piece).starts(piece.end_tick).tolist() if tick > start]
    notes = notes.select(notes.onset_tick >= lines[0]) if lines else notes
    if not lines or not len(notes):
        return None
    size = meter.bar_ticks(piece.ticks_per_beat)
    bar_s = float(piece.tempo_map.ticks_to_seconds(size))
    grid = meter_grid(meter, float(np.clip(60.0 * float(meter.beats_per_bar) / bar_s, 1.0, 4000.0)))
    until = np.diff(notes.onset_tick)
    return _Heard(
        grid=grid,
        pitch=notes.pitch.astype(np.int64),
        pulse=np.rint((notes.onset_tick - lines[0]) * grid.bar_pulses / size).astype(np.int64),
        gate=notes.duration_ticks[:-1][until > 0] / until[until > 0],
        program=next(track.program for track in piece.midi_tracks if not track.is_drum and len(track.notes)),
    )


def _habit(found: Sequence[_Heard], n_bars: int, meter: Meter) -> Habit:
    grid, pitch = found[0].grid, np.concatenate([one.pitch for one in found])
    gates, moves = (
        np.concatenate(parts) for parts in ([one.gate for one in found], [np.abs(np.diff(one.pitch)) for one in found])
    )
    onsets = np.concatenate([np.unique(one.pulse) % grid.bar_pulses for one in found])
    per_pulse = np.bincount(onsets, minlength=grid.bar_pulses) / n_bars
    return Habit(
        style=_nearest_style(moves, len(pitch) / n_bars, per_pulse, grid.unit_pulses),
        notes_per_s=len(pitch) / n_bars / float(np.median([one.grid.bar_s for one in found])),
        center=float(np.median(pitch)),
        gate=float(np.clip(np.median(gates), 0.25, 1.0)) if len(gates) else 0.9,
        program=found[0].program,
        meter=str(meter),
        onsets=tuple(np.minimum(per_pulse, 1.0).tolist()),
    )


def _nearest_style(moves: NDArray[np.int64], per_bar: float, per_pulse: NDArray[np.float64], unit: int) -> str:
    """Name what the hand does, from how it moves and how often."""
    moves = moves if len(moves) else np.array([0])
    moved = moves[moves > 0] if (moves > 0).any() else np.array([0])
    on_units = float(per_pulse[::unit].sum() / max(per_pulse.sum(), 1e-9))
    signs = {
        "sustained": per_bar <= SPARSE_NOTES,
        "octave": float((moves == 12).mean()) > OCTAVES,
        "pedal": float((moves == 0).mean()) > REPEATS and per_bar >= 5,
        "roots": float((moves == 0).mean()) > REPEATS,
        "walking": float(((moves > 0) & (moves <= 2)).mean()) > STEPS and on_units > 0.75,
        "root-fifth": float(np.isin(moved, (5, 7)).mean()) > FIFTHS and per_bar <= 4,
        "arpeggio": float((moved >= 3).mean()) > LEAPS and float((moves > 0).mean()) > 0.7,
        "locked": on_units < 0.7,
    }
    return next((name for name, is_so in signs.items() if is_so), "roots")
