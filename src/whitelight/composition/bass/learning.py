"""Hearing how a catalog plays its bass: pace, register, articulation, where notes fall, and the nearest style."""

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bass.styles import BassStyle, Habit
from whitelight.composition.meter_grid import meter_grid
from whitelight.dataset import Dataset
from whitelight.music import BarGrid, Notes, Piece, read_midi

MIN_NOTES, MIN_BARS = 8, 2  # fewer say nothing about a habit
SPARSE_NOTES = 1.3  # per bar: below it notes are held
OCTAVES, REPEATS, STEPS, FIFTHS, LEAPS = 0.25, 0.75, 0.5, 0.35, 0.55  # shares of moves that make a style


def learn_bass(pieces: Iterable[Piece], *, style: str = "") -> BassStyle | None:
    """Hear how bass parts are played; None when no piece has enough of one.

    Parameters
    ----------
    pieces : bass parts. style : shipped style for the candidates that do not play as the catalog does.
    """
    heard = [_habit(piece) for piece in pieces]
    found = [(habit, n_bars) for habit, n_bars in heard if habit is not None]
    return BassStyle(tuple(habit for habit, _ in found), sum(n for _, n in found), style) if found else None


def bass_style_of_classes(dataset: Path, class_names: Collection[str], *, style: str = "") -> BassStyle | None:
    """Listen to the bass view of the songs of some classes; to all songs when there are none of them.

    Parameters
    ----------
    dataset : folder of a built dataset; songs without a bass add nothing.
    """
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name in class_names]
    rows = source.rows(["row_id"], views=["bass"], song_ids=song_ids or None).to_pydict()
    return learn_bass((read_midi(midi) for _, midi in source.media(rows["row_id"])), style=style)


def _habit(piece: Piece) -> tuple[Habit | None, int]:
    """Habit of one part and the bars in which it plays."""
    notes = piece.all_notes(drums="exclude")
    meter = piece.meter_at(piece.end_tick)
    start = max((change.tick for change in piece.meters if change.meter != meter), default=-1)
    lines = [tick for tick in BarGrid.of(piece).starts(piece.end_tick).tolist() if tick > start]
    if not lines:
        return None, 0
    size = meter.bar_ticks(piece.ticks_per_beat)
    notes = notes.select(notes.onset_tick >= lines[0])
    bars = np.unique((notes.onset_tick - lines[0]) // size)
    if len(notes) < MIN_NOTES or len(bars) < MIN_BARS:
        return None, 0
    bar_s = float(piece.tempo_map.ticks_to_seconds(size))
    grid = meter_grid(meter, float(np.clip(60.0 * float(meter.beats_per_bar) / bar_s, 1.0, 4000.0)))
    pulses = np.rint((notes.onset_tick - lines[0]) * grid.bar_pulses / size).astype(np.int64)
    onsets = np.unique(pulses)
    per_pulse = np.bincount(onsets % grid.bar_pulses, minlength=grid.bar_pulses) / len(bars)
    programs = [track.program for track in piece.midi_tracks if not track.is_drum and len(track.notes)]
    habit = Habit(
        style=_nearest_style(notes, len(notes) / len(bars), per_pulse, grid.unit_pulses),
        notes_per_s=len(notes) / len(bars) / bar_s,
        center=float(np.median(notes.pitch)),
        gate=_gate(notes),
        program=programs[0],
        meter=str(meter),
        onsets=tuple(np.minimum(per_pulse, 1.0).tolist()),
    )
    return habit, len(bars)


def _gate(notes: Notes) -> float:
    """Median share of the time to the next onset that a note sounds, at most 1."""
    until = np.diff(notes.onset_tick)
    shares = notes.duration_ticks[:-1][until > 0] / until[until > 0]
    return float(np.clip(np.median(shares), 0.25, 1.0)) if len(shares) else 0.9


def _nearest_style(notes: Notes, per_bar: float, per_pulse: NDArray[np.float64], unit: int) -> str:
    """Name what the hand does, from how it moves and how often."""
    moves = np.abs(np.diff(notes.pitch.astype(np.int64)))
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
