"""Chord progressions: harmonic rhythm and degrees sampled to a cadence; `coloring` does the rest.

Degrees are drawn from the chain *conditioned* on how the phrase must end (exact backward messages), so a section always
arrives: it never stumbles into a cadence glued on behind. One or two chords a bar, on the heavy places.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.coloring import (
    MIN_CHORD_S,
    approach_basses,
    borrow,
    enrich,
    invert,
    resolve_suspensions,
)
from whitelight.composition.chords.genome import ChordGene
from whitelight.composition.chords.manner import Habit
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.transitions import DegreeChain
from whitelight.composition.randomness import Rng, draw

LONG_BAR_S = 1.3  # bars shorter than this may share a chord
COLOR, COLOR_OF_COLORED = 0.4, 0.6  # chance of a borrowed chord: at large, and where the catalog has them
_EPSILON = 1e-6  # keeps every conditioning feasible


@dataclass(frozen=True, slots=True)
class Taste:
    """How adventurous one candidate is; drawn per candidate so that a batch spreads.

    Attributes
    ----------
    pace : chance of a second chord in a bar. hold : chance that a bar keeps the chord before it.
    flatness : exponent on transition probabilities; below 1 makes rare moves less rare.
    richness : chance that a triad carries a seventh, ninth or suspension. slash : chance of an inversion.
    color : chance of one borrowed chord. approach : chance of a step in the bass into the next chord.
    recall : share of the first phrase that the second repeats.
    """

    pace: float
    hold: float
    flatness: float
    richness: float
    slash: float
    color: float
    approach: float
    recall: float


def draw_taste(energy: float, rng: Rng, habit: Habit | None = None) -> Taste:
    """Draw how one candidate behaves; energy (0–1) or a habit sets the pace of the harmony."""
    return Taste(
        pace=habit.pace if habit else float(rng.beta(1.6, 2.4) + 0.15 * (energy - 0.5)),
        hold=habit.hold if habit else float(rng.choice([0.0, 0.1, 0.3], p=[0.5, 0.3, 0.2])),
        flatness=float(rng.uniform(0.7, 1.25)),
        richness=habit.richness if habit else float(rng.beta(1.1, 3.2)),
        slash=float(rng.choice([0.0, 0.08, 0.16], p=[0.4, 0.35, 0.25])),
        color=COLOR if habit is None else COLOR_OF_COLORED * habit.is_colored,
        approach=float(rng.choice([0.0, 0.2, 0.4])),
        recall=float(rng.choice([0.0, 0.5, 0.75], p=[0.4, 0.4, 0.2])),
    )


def compose_progression(setting: Setting, taste: Taste, rng: Rng) -> tuple[ChordGene, ...]:
    """Compose the chords of one section; durations sum to its length, the last chord is the tonic."""
    starts, first_phrase_end = plan_changes(setting, taste, rng)
    durations = np.diff([*starts, setting.n_pulses]).tolist()
    degrees = _draw_degrees(setting.chain, len(starts), first_phrase_end, taste, rng)
    functions = [setting.chain.triads[degree] for degree in degrees]
    borrowed = borrow(setting.chain, functions, taste.color, rng)
    if borrowed is not None:
        functions[borrowed[0]] = borrowed[1]
    place = None if borrowed is None else borrowed[0]
    qualities = enrich(functions, place, setting, taste.richness, rng)
    genes = [
        ChordGene(f.root, quality, duration, f.degree, is_borrowed=i == place)
        for i, (f, quality, duration) in enumerate(zip(functions, qualities, durations, strict=True))
    ]
    genes = resolve_suspensions(genes, setting, rng)
    return approach_basses(invert(genes, taste.slash, rng), setting, taste.approach, rng)


def plan_changes(setting: Setting, taste: Taste, rng: Rng) -> tuple[list[int], int]:
    """Choose where chords change.

    Returns
    -------
    starts in pulses, first is 0; and the index of the chord that ends the first phrase (−1 when there is one phrase).
    """
    n_bars = setting.section.n_bars
    phrase_bars = min(n_bars, 4)
    phrase = [_bar_changes(setting, taste, rng, may_hold=bar > 0) for bar in range(phrase_bars)]
    bars: list[tuple[int, ...]] = []
    for start in range(0, n_bars, phrase_bars):
        again = phrase if rng.random() < 0.7 else [_bar_changes(setting, taste, rng, may_hold=b > 0) for b in range(4)]
        bars += [changes or (0,) if bar == 0 else changes for bar, changes in enumerate(again)]
        if start + phrase_bars == n_bars:
            bars[-2:] = _closing_bars(setting, bars[-2], rng)
    starts = [bar * setting.grid.bar_pulses + pulse for bar, changes in enumerate(bars) for pulse in changes]
    boundary = phrase_bars * setting.grid.bar_pulses
    return starts, (sum(start < boundary for start in starts) - 1 if n_bars > phrase_bars else -1)


def _bar_changes(setting: Setting, taste: Taste, rng: Rng, *, may_hold: bool) -> tuple[int, ...]:
    """Places of one bar where a chord begins; () holds the chord before."""
    grid = setting.grid
    hold = taste.hold + (0.4 if grid.bar_s < LONG_BAR_S else 0.0)
    if may_hold and rng.random() < hold:
        return ()
    halves_fit = grid.half > 0 and min(grid.half, grid.bar_pulses - grid.half) * grid.pulse_s >= MIN_CHORD_S
    pace = taste.pace * (0.5 if len(grid.groups) == 3 else 1.0)  # in three a chord keeps its bar more often
    if not halves_fit or rng.random() >= pace:
        return (0,)
    if len(grid.groups) >= 4 and rng.random() < 0.12:  # a late change: the last group leads on
        return (0, grid.groups[-1])
    return (0, grid.half)


def _closing_bars(setting: Setting, before: tuple[int, ...], rng: Rng) -> list[tuple[int, ...]]:
    """Return the last two bars: the cadence chord, then the tonic with room to breathe."""
    grid = setting.grid
    if grid.bar_s < LONG_BAR_S and rng.random() < 0.4:
        return [(0,), ()]  # the tonic holds two short bars
    fits = grid.half > 0 and grid.half * grid.pulse_s >= MIN_CHORD_S
    late = fits and rng.random() < 0.25
    return [before or (0,), (0, grid.half) if late else (0,)]


def _draw_degrees(chain: DegreeChain, n_chords: int, phrase_end: int, taste: Taste, rng: Rng) -> list[int]:
    """Draw degrees that open, answer and close: two phrases, the second recalling the first."""
    ends: dict[int, NDArray[np.float64]] = {0: chain.opening}
    if n_chords > 1:
        ends[n_chords - 2] = chain.cadence if n_chords > 2 else chain.cadence * chain.opening + _EPSILON
    ends[n_chords - 1] = np.eye(7)[0]
    if phrase_end <= 0:
        return sample_path(chain.next_degree**taste.flatness, n_chords, ends, rng)
    first = sample_path(
        chain.next_degree**taste.flatness, phrase_end + 1, {0: chain.opening, phrase_end: chain.inner_end}, rng
    )
    ends |= {i: np.eye(7)[degree] for i, degree in enumerate(first)}
    n_recalled = min(round(taste.recall * len(first)), n_chords - len(first) - 2)
    ends |= {len(first) + i: np.eye(7)[first[i]] for i in range(max(n_recalled, 0))}
    return sample_path(chain.next_degree**taste.flatness, n_chords, ends, rng)


def sample_path(
    matrix: NDArray[np.float64], n_steps: int, ends: Mapping[int, NDArray[np.float64]], rng: Rng
) -> list[int]:
    """Draw a path of a Markov chain given what is wanted at some steps, exactly.

    Parameters
    ----------
    matrix : shape (7, 7), non-negative; axis 0 is the current degree. Rows need not sum to 1.
    ends : step → weights over degrees, shape (7,).

    Notes
    -----
    Backward messages β(t, i) = Σ_j P(i, j) e(t+1, j) β(t+1, j), then a forward draw from e · β.
    """
    flow = matrix / matrix.sum(axis=1, keepdims=True) + _EPSILON
    wanted = np.ones((n_steps, len(matrix)))
    for step, weights in ends.items():
        wanted[step] = weights + _EPSILON * _EPSILON
    onward = np.ones((n_steps, len(matrix)))
    for step in range(n_steps - 2, -1, -1):
        onward[step] = flow @ (wanted[step + 1] * onward[step + 1])
        onward[step] /= onward[step].max()
    path: list[int] = []
    for step in range(n_steps):
        weights = wanted[step] * onward[step] * (flow[path[-1]] if path else 1.0)
        path.append(draw(weights, rng))
    return path
