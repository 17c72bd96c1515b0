"""Where the notes of a bar fall: by style, with the kick where there is one, in any meter by its groups."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bass.setting import Setting
from whitelight.composition.bass.styles import Habit, LineStyle
from whitelight.composition.randomness import Rng

DEFAULT_NOTES, BAR_S = 2.6, 2.4  # notes per bar of 4/4 at 100 bpm (POP909)
KICK_PULL = 6.0  # how much likelier a note falls on a kick, at full lock
GAP = 0.12  # share of the steps of a steady style that stay silent
STEADY = ("octave", "pedal", "arpeggio", "walking")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a section's onsets are drawn.

    Attributes
    ----------
    n_notes : per bar. lock : 0–1, how much onsets follow the kick. step : pulses between notes of a steady style, 0
        for the others. habit : of the catalog, whose own onsets count in its
        meter.
    """

    n_notes: float
    lock: float
    step: int
    habit: Habit | None


def plan_rhythm(setting: Setting, style: LineStyle, fullness: float, habit: Habit | None, rng: Rng) -> Rhythm:
    """Draw how many notes a bar gets, and how they hang on the kick."""
    grid = setting.grid
    n_notes = DEFAULT_NOTES * (0.5 + 0.9 * fullness) * style.density * (grid.bar_s / BAR_S) ** 0.6
    if habit is not None:
        n_notes = habit.notes_per_s * grid.bar_s * (0.8 + 0.4 * fullness)
    lock = {"locked": 0.95, "roots": 0.6, "root-fifth": 0.4, "octave": 0.4}.get(style.name, 0.2)
    steps = [s for s in (grid.unit_pulses, max(grid.unit_pulses // 2, 1), 2 * grid.unit_pulses) if s >= setting.least]
    step = 0
    if style.name in STEADY and steps:
        wanted = grid.bar_pulses / max(n_notes, 0.5)
        step = min(steps, key=lambda s: abs(np.log(s / wanted)) + 0.3 * rng.random())
    return Rhythm(float(np.clip(n_notes, 0.5, grid.bar_pulses / setting.least)), lock, step, habit)


def draw_onsets(setting: Setting, style: str, rhythm: Rhythm, bar: int, rng: Rng) -> tuple[int, ...]:
    """Draw the onsets of one bar, as pulses in it."""
    grid, habit = setting.grid, rhythm.habit
    if habit is not None and habit.meter == str(setting.context.meter) and len(habit.onsets) == grid.bar_pulses:
        return tuple(np.flatnonzero(rng.random(grid.bar_pulses) < np.array(habit.onsets)).tolist())
    if style == "walking":
        base = (
            set(setting.felt) if rhythm.step >= grid.unit_pulses else set(range(0, grid.bar_pulses, rhythm.step or 1))
        )
        return tuple(sorted(base if rhythm.step else setting.felt))
    if rhythm.step:
        return _steady(setting, rhythm, rng)
    weights = _weights(setting, rhythm, bar)
    if style == "sustained":
        weights = weights * np.array([4.0 if weight >= 3 else 0.3 for weight in grid.weights])
    n_notes = int(np.floor(rhythm.n_notes + rng.random()))
    kicks = int(setting.kicks[bar * grid.bar_pulses : (bar + 1) * grid.bar_pulses].sum())
    if style == "locked" and kicks and rhythm.habit is None:
        n_notes = min(n_notes, kicks + 1)
    return _drawn(weights, n_notes, setting.least, rng)


def _steady(setting: Setting, rhythm: Rhythm, rng: Rng) -> tuple[int, ...]:
    """A row of equal steps that begins again with every group of several units, with a gap now and then."""
    grid = setting.grid
    compound = len(grid.groups) * grid.unit_pulses < grid.bar_pulses
    starts = (*grid.groups, grid.bar_pulses) if compound else (0, grid.bar_pulses)
    places = [p for low, high in pairwise(starts) for p in range(low, high, rhythm.step)]
    gap = 0.0 if len(places) < 3 else GAP if rhythm.habit is None else GAP / 4
    return tuple(p for p in places if p == 0 or rng.random() >= gap)


def _weights(setting: Setting, rhythm: Rhythm, bar: int) -> NDArray[np.float64]:
    """How likely an onset is at each pulse of a bar."""
    grid, weights = setting.grid, setting.onsets + 1e-3
    kicks = setting.kicks[bar * grid.bar_pulses : (bar + 1) * grid.bar_pulses]
    if kicks.any():
        weights = weights * np.where(kicks, 1.0 + KICK_PULL * rhythm.lock, 1.0 - 0.85 * rhythm.lock)
        weights = weights + np.where(kicks, 0.25 * rhythm.lock, 0.0)
    return weights


def _drawn(weights: NDArray[np.float64], n_notes: int, least: int, rng: Rng) -> tuple[int, ...]:
    """Draw places without replacement, none nearer than `least` to another."""
    keys = np.log(rng.random(len(weights))) / weights
    chosen: list[int] = []
    for place in np.argsort(-keys).tolist():
        if len(chosen) >= n_notes:
            break
        if all(abs(place - other) >= least for other in chosen):
            chosen.append(place)
    return tuple(sorted(chosen))
