"""How well the boundaries of a song fall on its own beat when its time codes are read in a given way.

A boundary lies somewhere in the stretch its code stands for, [t, t + unit). It is *on the beat* when a grid line
crosses that stretch, give or take `JITTER_S`, and nearly so when one crosses the next stretch (some people write an
end as the next start − 1). Songs rarely keep exactly the tempo their manifest rounds to, and some start off the grid,
so besides the stated tempo from zero the evidence sums over every tempo that rounds to the stated one and over grids
that start on one of the first boundaries, each with its prior: freedom to choose costs what it is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm, log

import numpy as np
from numpy.typing import NDArray

from whitelight.music.meter import Meter

JITTER_S = 0.0015  # DAWs round a bar line to a sample and a subframe; measured at most 1 ms
ON_BEAT_SHARE = 0.65  # of the boundaries of a song, those that lie on its beat; the others are pickups and fades
NEXT_UNIT_SHARE = 0.10  # those whose code is one unit early
STATED_TEMPO = 0.6  # prior that the manifest's tempo is exact
FROM_ZERO = 0.8  # prior that beat 1 is at 0 s
N_ANCHORS = 2  # boundaries tried as the start of the grid


@dataclass(frozen=True, slots=True)
class Grid:
    """A beat: lines every `step_s` seconds, one of them at `offset_s`."""

    step_s: float
    offset_s: float
    tempo_bpm: float

    def distance(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return distances in seconds to the nearest line, same shape as `seconds`."""
        phase = (seconds - self.offset_s) / self.step_s
        return np.asarray(np.abs(phase - np.round(phase)) * self.step_s, dtype=np.float64)

    def log_evidence(self, seconds: NDArray[np.float64], unit_s: float) -> NDArray[np.float64]:
        """Log of p(time | mostly on this beat) / p(time | anywhere) per code; same shape as `seconds`."""
        return _log_evidence((seconds - self.offset_s) / self.step_s, np.float64(self.step_s), unit_s)[0]


@dataclass(frozen=True, slots=True)
class GridFit:
    """The best grid of a reading.

    Attributes
    ----------
    log_evidence : log of how much more likely the times are with a beat than without, summed over all grids tried.
    n_hits : boundaries on the beat, of `n_boundaries`.
    """

    grid: Grid
    log_evidence: float
    n_hits: int
    n_boundaries: int

    @property
    def is_convincing(self) -> bool:
        """Whether a beat explains the times ten times better than none."""
        return self.log_evidence > log(10)


def beats_per_line(meter: Meter | None) -> Fraction:
    """Quarter notes between grid lines: one, or less where bar lines fall between quarters (18/32, 5/8)."""
    if meter is None:
        return Fraction(1)
    bar = meter.beats_per_bar
    denominator = lcm(1, bar.denominator)
    return Fraction(gcd(denominator, bar.numerator * (denominator // bar.denominator)), denominator)


def _log_evidence(
    phase: NDArray[np.float64], step_s: NDArray[np.float64] | np.float64, unit_s: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return log p(time | mostly on the beat) / p(time | anywhere), and whether it is a hit; same shape as `phase`.

    Parameters
    ----------
    phase : times in grid steps; broadcasts against `step_s`.
    """
    late = (np.ceil(phase - JITTER_S / step_s) - phase) * step_s  # from the code to the first line not before it
    hit = late <= unit_s + JITTER_S
    near = ~hit & (late <= 2 * unit_s + JITTER_S)
    share = np.minimum((unit_s + 2 * JITTER_S) / step_s, 1.0)
    density = np.where(
        hit, ON_BEAT_SHARE / share, np.where(near, NEXT_UNIT_SHARE * np.maximum(step_s / unit_s, 1), 0.0)
    )
    return np.log(density + 1 - ON_BEAT_SHARE - NEXT_UNIT_SHARE), hit


def fit_grid(
    boundaries_s: Sequence[float] | NDArray[np.float64], unit_s: float, tempo_bpm: float, meter: Meter | None
) -> GridFit:
    """Find the grid that explains `boundaries_s` best.

    Parameters
    ----------
    boundaries_s : decoded times > 0, each the start of its stretch.
    unit_s : length of the stretch.
    tempo_bpm : as stated, > 0.
    """
    times = np.asarray(boundaries_s, dtype=np.float64)
    per_line = float(beats_per_line(meter))
    best: tuple[float, Grid, int] | None = None
    log_weights = []
    for tempi, log_prior in _tempi(times, unit_s, tempo_bpm, per_line):
        steps = (60.0 / tempi * per_line)[:, None]  # (n_tempi, 1)
        for anchor in range(-1, min(N_ANCHORS, len(times))):
            offsets = (times[anchor] + unit_s / 2) % steps if anchor >= 0 else np.zeros_like(steps)
            ratios, hits = _log_evidence((times - offsets) / steps, steps, unit_s)  # (n_tempi, n_times)
            if anchor >= 0:
                ratios[:, anchor] = 0.0  # it hits by construction, so it is no evidence
            evidence = ratios.sum(1) + log_prior + log(FROM_ZERO if anchor < 0 else (1 - FROM_ZERO) / N_ANCHORS)
            log_weights.append(evidence)
            top = int(np.argmax(evidence))
            if best is None or evidence[top] > best[0]:
                grid = Grid(float(steps[top, 0]), float(offsets[top, 0]), float(tempi[top]))
                best = (float(evidence[top]), grid, int(hits[top].sum()))
    assert best is not None
    total = float(np.logaddexp.reduce(np.concatenate(log_weights)))
    return GridFit(best[1], total, best[2], len(times))


def _tempi(
    times: NDArray[np.float64], unit_s: float, tempo_bpm: float, per_line: float
) -> list[tuple[NDArray[np.float64], float]]:
    """Return the stated tempo, and all that round to it, each with the log prior of one of them."""
    stated = np.array([tempo_bpm])
    reach = 0.51 if float(tempo_bpm).is_integer() else 0.0051  # "116" may be 115.57, "87.11" may be 87.114
    span_beats = float(times.max(initial=0.0)) * tempo_bpm / 60.0 / per_line
    if len(times) < 4 or span_beats < 1:
        return [(stated, 0.0)]
    step_s = 60.0 / tempo_bpm * per_line
    resolution = tempo_bpm * (unit_s + 2 * JITTER_S) / step_s / span_beats  # moves the last boundary by one unit
    n_tempi = int(min(max(6 * reach / resolution, 3), 4000))
    near = np.linspace(max(tempo_bpm - reach, tempo_bpm / 2), tempo_bpm + reach, n_tempi)
    return [(stated, log(STATED_TEMPO)), (near, log((1 - STATED_TEMPO) / n_tempi))]
