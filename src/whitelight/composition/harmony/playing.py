"""From parts in pulses to notes in ticks: every player with a hand of his own, in time and in dynamics.

A pulse is played a little early or late, by a slow wander and a small independent part; the section ends on time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.harmony.genome import COUNTER_LINE, HELD, EnsembleGenome, Touch
from whitelight.composition.harmony.surroundings import Surroundings
from whitelight.music import MidiTrack, Notes

TIMING_S, WANDER_S, MOST_LATE_S = 0.004, 0.006, 0.015
SWELL_PEAK = 0.6  # of four bars
BOUND_GATE = 0.9  # held chords are never played shorter
PulseNote = tuple[int, int, int]  # start, end, pitch


@dataclass(frozen=True, slots=True)
class Part:
    """One voice group in pulses."""

    name: str
    program: int
    notes: tuple[PulseNote, ...]


def play_part(part: Part, rank: int, genome: EnsembleGenome, around: Surroundings) -> MidiTrack:
    """Write a part in ticks, every player with a hand of his own."""
    context, touch = around.context, genome.touch
    rng = np.random.default_rng((touch.grain, rank))
    wobble = rng.integers(-3, 4, size=context.n_pulses)
    places = _places(rng, around)
    gate = touch.gate if genome.figure != HELD or genome.family == COUNTER_LINE else max(touch.gate, BOUND_GATE)
    rows = [
        (
            int(places[start]),
            max(round((int(places[end]) - int(places[start])) * gate), 1),
            pitch,
            _velocity(touch, around, start, int(wobble[start])),
        )
        for start, end, pitch in part.notes
    ]
    return MidiTrack(part.name, program=part.program, notes=Notes.from_rows(_one_at_a_time(rows)))


def _places(rng: np.random.Generator, around: Surroundings) -> NDArray[np.int64]:
    """Tick at which each pulse is played: a slow wander plus a small independent part; the section ends on time."""
    context = around.context
    n_pulses, pulse_s = context.n_pulses, context.grid.pulse_s
    bars = np.arange(context.section.n_bars + 1) * context.grid.bar_pulses
    wander = np.interp(np.arange(n_pulses + 1), bars, rng.normal(0, WANDER_S, len(bars)))
    most = min(MOST_LATE_S, pulse_s / 3)
    moved = np.clip(wander + rng.normal(0, TIMING_S, n_pulses + 1), -most, most) / pulse_s * context.pulse_ticks
    places = around.grid_ticks + np.rint(moved).astype(np.int64)
    return np.clip(places, 0, context.end_tick)


def _velocity(touch: Touch, around: Surroundings, pulse: int, wobble: int) -> int:
    """Level, metrical accent, and a swell over every four bars that relaxes into their end."""
    grid = around.context.grid
    along = pulse % (4 * grid.bar_pulses) / (4 * grid.bar_pulses)
    risen = along / SWELL_PEAK if along < SWELL_PEAK else (1.0 - along) / (1.0 - SWELL_PEAK)
    arch = math.sin(math.pi * risen / 2)
    weight = grid.weights[pulse % grid.bar_pulses]
    level = touch.level + touch.accent * (weight - 2) / 2 + touch.swell * (arch - 0.45) + wobble
    return int(min(max(round(level), 16), 122))


def _one_at_a_time(rows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """End a note where its pitch begins again; of two at one moment one stays."""
    following: dict[int, int] = {}
    kept = []
    for onset, duration, pitch, velocity in sorted(rows, reverse=True):
        again = following.get(pitch)
        if again != onset:
            kept.append((onset, duration if again is None else min(duration, again - onset), pitch, velocity))
            following[pitch] = onset
    return kept[::-1]
