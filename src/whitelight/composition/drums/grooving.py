"""Bars of groove: drawn from hit probabilities, kept to what two hands and two feet can do, varied from bar to bar."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.drums.genome import EMPTY_BAR, Bar, DrumGenome
from whitelight.composition.drums.setting import Groove, Setting
from whitelight.composition.drums.voices import spaced
from whitelight.composition.randomness import Rng, draw

ANCHOR_CHANCE, FIRST_KICK_CHANCE = 0.985, 0.93
MIN_KICK_S, MIN_SNARE_S, MIN_GHOST_S, MIN_FOOT_S = 0.11, 0.1, 0.065, 0.18
N_CHANGES = (0.22, 0.22, 0.22, 0.19, 0.15)  # 0–4 kick and snare hits in which a bar leaves its model
OPEN_SHARE = 0.5  # of the counted open hats: they come in few bars, then often
FOOT_SHARE = 0.7  # of parts whose time is not kept on the hat have its foot
QUIET = 0.3  # fullness below which anchors may stay away


def groove_of(genome: DrumGenome, setting: Setting) -> Groove:
    """The probabilities a genome was drawn from."""
    return setting.groove(genome.family, genome.backbeat, genome.fullness)


def draw_bar(genome: DrumGenome, setting: Setting, rng: Rng) -> Bar:
    """Draw one bar of a genome's kit, backbeat and layer from nothing."""
    chance, quiet = groove_of(genome, setting).chance, max(QUIET - genome.fullness, 0.0) / QUIET
    anchors = tuple(p for p in genome.backbeat if rng.random() < ANCHOR_CHANCE - 0.6 * quiet)
    kick = _struck(chance["kick"], rng)
    is_own = setting.families[genome.family].is_own
    if not is_own and rng.random() < FIRST_KICK_CHANCE - 0.3 * quiet:
        kick.add(0)
    snare = _struck(np.where(chance["snare"] < 0.5, chance["snare"], 0.0), rng) | set(anchors)
    bar = EMPTY_BAR.with_lane("kick", tuple(kick)).with_lane("snare", tuple(snare))
    bar = bar.with_lane("ghost", tuple(_struck(chance["ghost"], rng)))
    bar = bar.with_lane("time", setting.layers[genome.layer])
    if genome.time == "hat":
        opened = _struck(OPEN_SHARE * chance["open"], rng) & {*setting.layers[genome.layer]}
        bar = bar.with_lane("open", tuple(opened))
    elif is_own:
        bar = bar.with_lane("foot", tuple(_struck(chance["foot"], rng)))
    elif rng.random() < FOOT_SHARE:
        bar = bar.with_lane("foot", _steady_foot(genome, setting, rng))
    if genome.color:
        own = tuple(_struck(chance["color"], rng))
        bar = bar.with_lane("color", own if is_own else draw_color(setting, genome.fullness, rng))
    return playable(bar, genome, setting)


def _struck(chance: NDArray[np.float64], rng: Rng) -> set[int]:
    return set(np.flatnonzero(rng.random(len(chance)) < chance).tolist())


def _steady_foot(genome: DrumGenome, setting: Setting, rng: Rng) -> tuple[int, ...]:
    """The hat foot holds the backbeat or the off-beats: a drummer does not dice for it."""
    felt, unit = setting.felt, setting.grid.unit_pulses
    if rng.random() < 0.7 or unit < 2:
        return genome.backbeat or felt[1::2] or felt
    return tuple(start + unit // 2 for start in felt)


def draw_color(setting: Setting, fullness: float, rng: Rng) -> tuple[int, ...]:
    """A figure for the color lane: two to five places, each group at most twice."""
    grid = setting.grid
    step = max(grid.unit_pulses // 2, setting.least(0.14))
    places = list(range(0, grid.bar_pulses, step))
    n_hits = min(1 + int(rng.integers(1, 3)) + round(2 * fullness), len(places))
    weights = np.array([1.0 + 0.5 * grid.weights[place] for place in places])
    keys = rng.random(len(places)) ** (1.0 / weights)
    return tuple(sorted(places[index] for index in np.argsort(-keys)[:n_hits].tolist()))


def playable(bar: Bar, genome: DrumGenome, setting: Setting) -> Bar:
    """Keep to what one player can do: a hand and a foot need time, a pulse has two hands, a closed hat no open one."""
    size, least = setting.grid.bar_pulses, setting.least
    kick = _wrapped(spaced(bar.lane("kick"), least(MIN_KICK_S), (0,)), least(MIN_KICK_S), size)
    snare = spaced(bar.lane("snare"), least(MIN_SNARE_S), genome.backbeat)
    near = least(MIN_GHOST_S)
    ghost = [p for p in bar.lane("ghost") if all(abs(p - hit) >= near for hit in snare)]
    ghost = list(_wrapped(spaced(ghost, near), near, size)) if 0 in snare else list(spaced(ghost, near))
    opened = bar.lane("open") if genome.time == "hat" else ()
    time = tuple(p for p in bar.lane("time") if p not in opened)
    foot = spaced(bar.lane("foot"), least(MIN_FOOT_S)) if genome.time != "hat" else ()
    sticks = {*snare, *ghost}
    color = tuple(p for p in bar.lane("color") if p not in sticks or p not in {*time, *opened}) if genome.color else ()
    return Bar((tuple(sorted(kick)), tuple(sorted(snare)), tuple(sorted(ghost)), time, opened, foot, color))


def _wrapped(pulses: Sequence[int], least: int, size: int) -> tuple[int, ...]:
    """Leave room before the next bar's first hit."""
    return tuple(p for p in pulses if size - p >= least or p == 0)


def vary(bar: Bar, n_changes: int, genome: DrumGenome, setting: Setting, rng: Rng) -> Bar:
    """Add or take away single kick and snare hits, never the first kick or the backbeat; ghosts follow their chance."""
    groove = groove_of(genome, setting)
    for _ in range(n_changes):
        name = "kick" if rng.random() < 0.65 else "snare"
        there, kept = set(bar.lane(name)), {0} if name == "kick" else set(genome.backbeat)
        weights = [
            0.0 if place in kept else 1.0 - min(chance + 0.01, 0.95) if place in there else chance + 0.01
            for place, chance in enumerate(groove.plain[name])
        ]
        if any(weights):
            bar = bar.with_lane(name, tuple(there ^ {_pick(weights, rng)}))
    if n_changes and rng.random() < 0.5:
        bar = bar.with_lane("ghost", tuple(_struck(groove.chance["ghost"], rng)))
    return playable(bar, genome, setting)


def _pick(weights: Sequence[float], rng: Rng) -> int:
    """Draw an index by weight; numpy would take longer to start than this takes."""
    summed = list(accumulate(weights))
    return min(bisect_right(summed, rng.random() * summed[-1]), len(summed) - 1)


def draw_bars(genome: DrumGenome, setting: Setting, rng: Rng) -> tuple[Bar, ...]:
    """A two-bar idea, bars that vary it, and a second phrase that remembers the first."""
    first = draw_bar(genome, setting, rng)
    second = vary(first, 1 + draw((0.2, 0.35, 0.3, 0.15), rng), genome, setting, rng)
    bars = [first, second]
    for place in range(2, setting.n_bars):
        model = bars[place - 4] if place >= 4 else bars[place - 2]
        bars.append(vary(model, draw(N_CHANGES, rng), genome, setting, rng))
    return tuple(bars)


def audible(genome: DrumGenome) -> DrumGenome:
    """Nearly nothing is a part, nothing is none: at least the section begins with a kick."""
    if any(bar.n_hits for bar in genome.bars[:-1]):
        return genome
    return genome.with_bar(0, genome.bars[0].with_lane("kick", (0,)))
