"""Numbers a line is described by: those of the bands in melody.yml, counted on the notes that are written.

Beats are group starts where the meter groups its units (6/8, 7/8), else its units. A syncopation begins off the beat
and sounds on over the next one.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.clashes import ClashFrame, LineJudgment
from whitelight.composition.meter_grid import MeterGrid
from whitelight.music import Notes

_GRAM = 4


def describe(notes: Notes, line: LineJudgment, frame: ClashFrame, grid: MeterGrid) -> dict[str, float]:
    """Count a line; all 0 without notes. `line` is `judge_line(notes, frame)`."""
    if not len(notes):
        return {}
    moves = np.abs(np.diff(notes.pitch.astype(np.int64)))
    n_moves = max(len(moves), 1)
    ranked = sorted(notes.pitch.tolist())
    inner = _quantile(ranked, 0.95) - _quantile(ranked, 0.05)
    on_beat = line.weight >= beat_weight(grid)
    bars = bar_patterns(line.pulse, grid.bar_pulses)
    sounding = float(notes.duration_ticks.sum())
    sung_s = sounding / frame.pulse_ticks * grid.pulse_s
    return {
        "notes_per_bar": len(notes) / len(bars),
        "notes_per_sung_second": len(notes) / max(sung_s, 1e-9),
        "rest_share": 1.0 - sounding / frame.end_tick,
        "range_st": float(ranked[-1] - ranked[0]),
        "inner_range_st": inner,
        "mean_interval_st": float(moves.sum() / n_moves),
        "distinct_pitches": float(len(set(ranked))),
        "repeated_share": float((moves == 0).sum() / n_moves),
        "longest_run": float(_longest_run(notes.pitch)),
        "step_share": float(((moves == 1) | (moves == 2)).sum() / n_moves),
        "leap_share": float((moves >= 5).sum() / n_moves),
        "beat_tone_share": _share(line.is_tone, on_beat),
        "tone_share": float(line.is_tone.mean()),
        "beat_semitone_share": _share(line.is_clash, on_beat),
        "foreign_share": float(line.is_foreign.mean()),
        "phrase_end_share": _share(line.is_tone_in_the_end, line.is_last),
        "off_beat_share": float(1.0 - on_beat.mean()),
        "syncopations_per_bar": _syncopations(notes, line, frame, grid) / len(bars),
        "rhythm_recurs": _recurring([onsets for _, onsets in bars]),
        "step_ngrams_again": _ngrams_again(notes.pitch, line.pulse),
    } | _phrases(notes, line, frame)


def beat_weight(grid: MeterGrid) -> int:
    """Least metrical weight of a beat."""
    return 2 if len(grid.groups) * grid.unit_pulses < grid.bar_pulses else 1


def bar_patterns(pulses: NDArray[np.int64], bar_pulses: int) -> list[tuple[int, tuple[int, ...]]]:
    """Bars with notes and the places of their onsets."""
    found: dict[int, list[int]] = {}
    for pulse in pulses.tolist():
        found.setdefault(pulse // bar_pulses, []).append(pulse % bar_pulses)
    return [(bar, tuple(onsets)) for bar, onsets in found.items()]


def _share(chosen: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float((chosen & among).sum() / max(int(among.sum()), 1))


def _quantile(ranked: Sequence[int], share: float) -> float:
    """Linear between neighbors, as numpy does it and ten times as fast for a few notes."""
    place = share * (len(ranked) - 1)
    low = int(place)
    return ranked[low] + (place - low) * (ranked[min(low + 1, len(ranked) - 1)] - ranked[low])


def _longest_run(pitches: NDArray[np.int16]) -> int:
    longest = run = 1
    for before, after in pairwise(pitches.tolist()):
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    return longest


def _syncopations(notes: Notes, line: LineJudgment, frame: ClashFrame, grid: MeterGrid) -> int:
    beats = np.flatnonzero(frame.weights >= beat_weight(grid))
    place = beats.searchsorted(line.pulse, side="left")  # the beat on or after each onset
    following = np.append(beats, len(frame.weights))[place]
    is_off = following != line.pulse
    return int((is_off & (notes.end_tick > (following + 0.5) * frame.pulse_ticks)).sum())


def _recurring(patterns: list[tuple[int, ...]]) -> float:
    """Share of patterns that come at least twice."""
    return sum(patterns.count(pattern) > 1 for pattern in patterns) / len(patterns)


def _ngrams_again(pitches: NDArray[np.int16], pulses: NDArray[np.int64]) -> float:
    """1 − distinct / all four-note runs of interval and time."""
    steps = list(zip(np.diff(pitches.astype(np.int64)).tolist(), np.diff(pulses).tolist(), strict=True))
    grams = [tuple(steps[i : i + _GRAM]) for i in range(len(steps) - _GRAM + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0


def _phrases(notes: Notes, line: LineJudgment, frame: ClashFrame) -> dict[str, float]:
    first, last = np.flatnonzero(line.is_first), np.flatnonzero(line.is_last)
    quarters = (notes.end_tick[last] - notes.onset_tick[first]) / frame.quarter_ticks
    return {"phrase_notes": median((last - first + 1).tolist()), "phrase_quarters": median(quarters.tolist())}
