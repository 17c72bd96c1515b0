"""Hearing how a catalog plays its chords: the habits of its chord parts.

Strokes are onsets within `STROKE_S`; bars are those of the row's own meter. Pedal points, crossing voices and hand
positions are not heard.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.flavors import count_flavors, name_quality
from whitelight.composition.chords.learning import estimate_triad, sounding
from whitelight.composition.chords.manner import Habit, Manner, Pattern
from whitelight.music import BarGrid, Meter, Notes, Piece

STROKE_S = 0.09  # notes of one strum follow each other within it
MIN_BARS = 8  # fewer say nothing about a habit
MAX_PATTERNS = 512
BASS_REACH = 7  # semitones above a bar's lowest note that are still its bass: a fifth
FULL = 0.75  # share of the voices of a bar's largest stroke that make another one full
SWUNG, MIN_EIGHTHS = (0.55, 0.72), 4  # where swung eighths fall in the beat; fewer say nothing
MIN_OUTSIDE = 0.01  # a borrowed chord in eight bars has more foreign notes
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One whole bar of a chord part: stroke onsets in ticks from its line, their sizes, the notes that begin in it."""

    start_tick: int
    strokes: NDArray[np.int64]
    sizes: NDArray[np.int64]
    notes: Notes


@dataclass(frozen=True, slots=True)
class _Part:
    """A chord part with the whole bars of its last meter that have notes."""

    piece: Piece
    meter: Meter
    bar_ticks: float
    bars: tuple[_Bar, ...]


def learn_manner(pieces: Iterable[Piece]) -> Manner | None:
    """Hear how chord parts are played; None when they have fewer than `MIN_BARS` whole bars with notes."""
    habits: list[Habit] = []
    patterns: dict[tuple[Meter, str], list[Pattern]] = {}
    flavors: Counter[str] = Counter()
    n_bars = 0
    for piece in pieces:
        part = _hear(piece)
        if not part.bars:
            continue
        richness, counts = count_flavors(_qualities(part))
        flavors.update(counts)
        habit = _habit(part, richness)
        habits.append(habit)
        n_bars += len(part.bars)
        own = patterns.setdefault((part.meter, habit.figure), [])
        played = [tuple((bar.strokes / part.bar_ticks).tolist()) for bar in part.bars]
        own += played[: MAX_PATTERNS - len(own)]
    if n_bars < MIN_BARS:
        return None
    return Manner(tuple(habits), {key: tuple(found) for key, found in patterns.items()}, flavors, n_bars)


def _hear(piece: Piece) -> _Part:
    """Find the bars; those cut by an edge of the piece, and all before the last meter begins, are left out."""
    notes, near = piece.all_notes(drums="exclude"), piece.tempo_map.seconds_to_ticks(STROKE_S)
    meter = piece.meter_at(piece.end_tick)
    size = float(meter.bar_ticks(piece.ticks_per_beat))
    changes = [change.tick for change in piece.meters if change.meter != meter]
    lines = [tick for tick in BarGrid.of(piece).starts(piece.end_tick).tolist() if tick > max(changes, default=-1)]
    bars = []
    for line, following in pairwise([*lines, piece.end_tick]):
        early = line - near // 2  # a hand is now and then before the beat
        own = notes.select((notes.onset_tick >= early) & (notes.onset_tick < early + size))
        if abs(following - line - size) <= near and len(own):
            is_new = np.concatenate([[True], np.diff(own.onset_tick) > near])
            sizes = np.diff(np.append(np.flatnonzero(is_new), len(own)))
            bars.append(_Bar(line, np.maximum(own.onset_tick[is_new] - line, 0), sizes, own))
    return _Part(piece, meter, size, tuple(bars))


def _habit(part: _Part, richness: float) -> Habit:
    lows = [int(bar.notes.pitch.min()) for bar in part.bars]
    others = np.concatenate([bar.notes.pitch[bar.notes.pitch > low] for bar, low in zip(part.bars, lows, strict=True)])
    bar_s = float(part.piece.tempo_map.ticks_to_seconds(round(part.bar_ticks)))
    hold, pace = _harmonic_pace(part)
    return Habit(
        lowest=float(np.mean(lows)),
        center=float(others.mean()) if len(others) else float(np.mean(lows)) + 12,
        n_voices=float(np.mean([len(np.unique(bar.notes.pitch)) for bar in part.bars])),
        figure=_figure(part),
        gate=_gate(part),
        roll_s=_roll_s(part),
        bass_again=_again(part, lambda notes, bar: notes.pitch.min() <= bar.notes.pitch.min() + BASS_REACH),
        full_again=_again(part, lambda notes, bar: len(notes) >= FULL * bar.sizes.max()),
        swing=_swing(part),
        strokes_per_s=float(np.mean([len(bar.strokes) for bar in part.bars])) / bar_s,
        hold=hold,
        pace=pace,
        richness=richness,
        is_colored=_outside(np.concatenate([bar.notes.pitch for bar in part.bars])) > MIN_OUTSIDE,
    )


def _figure(part: _Part) -> str:
    """Name what the hand does, from the sizes of its strokes."""
    sizes = np.concatenate([bar.sizes for bar in part.bars])
    strokes_per_bar, alone = len(sizes) / len(part.bars), float((sizes == 1).mean())
    held = float(np.mean(np.concatenate([bar.notes.duration_ticks for bar in part.bars]))) / part.bar_ticks
    if strokes_per_bar <= 1.5 or (strokes_per_bar <= 2.2 and held > 0.45):
        return "hold"
    return "broken" if alone > 0.75 else "alternate" if alone > 0.25 else "strum"


def _gate(part: _Part) -> float:
    """Median share of the time to the next stroke of its bar that a note sounds, at most 1."""
    shares: list[float] = []
    for bar in part.bars:
        onset = bar.notes.onset_tick - bar.start_tick
        place = np.clip(np.searchsorted(bar.strokes, onset, side="right"), 1, len(bar.strokes))
        until = np.append(bar.strokes, part.bar_ticks)[place] - onset
        shares += (bar.notes.duration_ticks / np.maximum(until, 1)).tolist()
    return float(np.clip(np.median(shares), 0.3, 1.0))


def _roll_s(part: _Part) -> float:
    """Median time from the first to the last note of a stroke of three or more."""
    spreads = []
    for bar in part.bars:
        edges = np.append(0, np.cumsum(bar.sizes)).tolist()
        onset_s = np.asarray(part.piece.tempo_map.ticks_to_seconds(bar.notes.onset_tick))
        spreads += [float(onset_s[end - 1] - onset_s[start]) for start, end in pairwise(edges) if end - start >= 3]
    return float(np.median(spreads)) if spreads else 0.0


def _again(part: _Part, has: Callable[[Notes, _Bar], bool]) -> float:
    """Share of the strokes after the first of their bar that have something."""
    found = []
    for bar in part.bars:
        edges = np.append(0, np.cumsum(bar.sizes)).tolist()
        found += [has(bar.notes.select(slice(start, end)), bar) for start, end in pairwise(edges[1:])]
    return float(np.mean(found)) if found else 0.0


def _swing(part: _Part) -> float:
    """Where the second eighth of a beat falls, when most strokes off the beat fall late; else 1/2."""
    if part.meter.denominator != 4:
        return 0.5
    places = np.concatenate([bar.strokes for bar in part.bars]) / part.bar_ticks * part.meter.numerator % 1.0
    off = places[(places > 0.15) & (places < 0.85)]
    late = off[(off >= SWUNG[0]) & (off <= SWUNG[1])]
    return float(np.median(late)) if len(late) >= max(MIN_EIGHTHS, 0.6 * len(off)) else 0.5


def _outside(pitches: NDArray[np.int16]) -> float:
    """Share of notes outside the major scale that holds most of them; all its modes are the same seven notes."""
    counts = np.bincount(pitches.astype(np.int64) % 12, minlength=12)
    held = max(int(np.roll(counts, -tonic)[list(_MAJOR_SCALE)].sum()) for tonic in range(12))
    return 1.0 - held / len(pitches)


def _qualities(part: _Part) -> list[str | None]:
    """Quality of every half bar."""
    notes = part.piece.all_notes(drums="exclude")
    edges = [
        (bar.start_tick, bar.start_tick + part.bar_ticks / 2, bar.start_tick + part.bar_ticks) for bar in part.bars
    ]
    return [name_quality(*sounding(notes, round(low), round(high))) for bar in edges for low, high in pairwise(bar)]


def _harmonic_pace(part: _Part) -> tuple[float, float]:
    """Share of bars that hold the chord before them, and of bars whose second half has another chord."""
    notes = part.piece.all_notes(drums="exclude")
    halves = []
    for bar in part.bars:
        edges = [round(bar.start_tick + share * part.bar_ticks) for share in (0.0, 0.5, 1.0)]
        halves.append([estimate_triad(*sounding(notes, low, high)) for low, high in pairwise(edges)])
    held = [after[0] == before[1] for before, after in pairwise(halves) if before[1] and after[0]]
    split = [first != second for first, second in halves if first and second]
    return (float(np.mean(held)) if held else 0.0), (float(np.mean(split)) if split else 0.0)
