"""Fills: what a drummer plays instead of the groove before something new begins.

In the Groove MIDI Dataset fills are as dense as grooves; what changes is the color (toms .28 of hits, growing through the
bar from .20 to .41, hardly a cymbal, less kick) and the loudness, which rises.
"""

import numpy as np

from whitelight.composition.drums.genome import DrumGenome, Fill
from whitelight.composition.drums.setting import Setting
from whitelight.composition.drums.voices import TOMS
from whitelight.composition.randomness import Rng, draw

MIN_HIT_S = 0.085  # two hands in turn
TOM_SHARE, TOM_GROWTH, KICK_SHARE = 0.2, 0.45, 0.13
BOTH_SHARE = 0.25  # of hand hits on a group that the kick doubles


def fill_size(setting: Setting, fullness: float, rng: Rng) -> float:
    """Share of the last bar that is filled; it grows with what is to come. 0 is none."""
    lift = setting.context.section.lift
    wanted = 0.28 + 0.5 * lift + 0.3 * fullness + rng.normal(0, 0.1)
    if fullness < 0.15 and lift < 0.2:
        wanted -= 0.25
    return float(np.clip(wanted, 0.0, 1.0))


def draw_fill(setting: Setting, genome: DrumGenome, bar: int, size: float, rng: Rng) -> Fill:
    """Fill the end of a bar, about as dense as the groove.

    Parameters
    ----------
    genome : its bars give the density. size : share of the bar, at least its last group is filled.
    """
    grid = setting.grid
    start = _start(setting, size)
    length = grid.bar_pulses - start
    per_pulse = float(np.mean([one.n_hits for one in genome.bars])) / grid.bar_pulses
    least = setting.least(MIN_HIT_S)
    places = range(start, grid.bar_pulses, least)
    n_hits = int(np.clip(round(per_pulse * length * rng.uniform(0.75, 1.1)), min(2, len(places)), len(places)))
    # hits on the grid's own steps first: a fill that avoids every beat is a mistake
    weights = [1.2 + grid.weights[place] + 0.5 * (place % max(grid.unit_pulses // 2, 1) == 0) for place in places]
    weights[0] += 50.0
    keys = rng.random(len(places)) ** (1.0 / np.array(weights))
    chosen = sorted(np.argsort(-keys)[:n_hits].tolist())
    snare = genome.snare if setting.families[genome.family].is_own else "snare"  # a catalog keeps to its own kit
    hits: list[tuple[int, str]] = []
    last_tom = 0
    for place in (places[index] for index in chosen):
        along = (place - start) / length
        voice, last_tom = _voice(along, last_tom, rng)
        hits.append((place, snare if voice == "snare" else voice))
        if voice != "kick" and grid.weights[place] >= 2 and rng.random() < BOTH_SHARE:
            hits.append((place, "kick"))
    return Fill(bar, start, tuple(sorted(hits)))


def _start(setting: Setting, size: float) -> int:
    """The unit of the bar at which a fill of this size begins."""
    grid = setting.grid
    wanted = grid.bar_pulses * (1.0 - size)
    starts = sorted({*setting.felt, *grid.groups})
    if size < 0.2:  # the last unit alone may do
        starts += [grid.bar_pulses - 2 * grid.unit_pulses, grid.bar_pulses - grid.unit_pulses]
    return min((start for start in starts if start >= 0), key=lambda start: (abs(start - wanted), start))


def _voice(along: float, last_tom: int, rng: Rng) -> tuple[str, int]:
    """Draw what is struck; toms go down, hardly ever up."""
    tom = TOM_SHARE + TOM_GROWTH * along
    kind = draw((tom, KICK_SHARE, max(1.0 - tom - KICK_SHARE, 0.05)), rng)
    if kind == 0:
        index = max(last_tom, int(np.clip(round(along * 2.4 + rng.normal(0, 0.35)), 0, 2)))
        return TOMS[index], index
    return ("kick" if kind == 1 else "snare"), last_tom
