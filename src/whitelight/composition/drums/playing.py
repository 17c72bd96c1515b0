"""A drum part from nothing: a kit, an idea of two bars, fills and crashes, a feel."""

import numpy as np

from whitelight.composition.drums.fills import draw_fill, fill_size
from whitelight.composition.drums.genome import DrumGenome, Feel, Fill
from whitelight.composition.drums.grooving import audible, draw_bars
from whitelight.composition.drums.kits import Family, Weights
from whitelight.composition.drums.setting import Setting
from whitelight.composition.randomness import Rng, draw
from whitelight.composition.timing import STRAIGHT

LEVEL_RANGE = (30, 92)
SWAY_RANGE_MS, SPREAD_RANGE_MS = (0.0, 20.0), (2.0, 20.0)
SMALL_FILL = 0.25  # share of bar 4 of 8 that a small fill takes
CRASH_SHARE = 0.75  # of bars after a fill that begin with a crash, at full energy
NO_TIME = 0.2  # fullness below which time need not be kept


def compose_genome(setting: Setting, rng: Rng) -> DrumGenome:
    """Compose one candidate."""
    family = setting.draw_family(rng)
    fullness = draw_fullness(setting, family, rng)
    plain = DrumGenome(
        family=family.name,
        snare=pick(family.snare, rng),
        time=pick(family.time, rng),
        color=pick(family.color, rng) if family.color and rng.random() < family.color_rate else "",
        layer=draw_layer(setting, family, fullness, rng),
        fullness=fullness,
        backbeat=setting.backbeats[pick(family.backbeat, rng)],
        bars=(),
        fills=(),
        crashes=(),
        feel=draw_feel(setting, family, fullness, rng),
    )
    return with_fills(audible(plain.with_bars(draw_bars(plain, setting, rng))), setting, rng)


def pick(weights: Weights, rng: Rng) -> str:
    """Draw a name by weight."""
    names = list(weights)
    return names[draw([weights[name] for name in names], rng)]


def draw_fullness(setting: Setting, family: Family, rng: Rng) -> float:
    """How much is played: the energy of the section, loosely."""
    energy = setting.context.section.energy
    wanted = 0.5 + family.steer * (energy - 0.5) + rng.normal(0, 0.13)
    return round(float(np.clip(wanted, 0.02, 1.0)), 2)


def draw_layer(setting: Setting, family: Family, fullness: float, rng: Rng) -> str:
    """Layer in which time is kept: as the family does, at about the rate that the fullness asks for."""
    if fullness < NO_TIME and rng.random() < 0.4:
        return "none"
    wanted = 1.4 + 4.2 * fullness  # strokes per second
    weights = {}
    for name, places in setting.layers.items():
        if places:
            rate = len(places) / setting.grid.bar_s
            weights[name] = (family.layers.get(name, 0.0) + 0.01) * float(np.exp(-1.5 * abs(np.log(rate / wanted))))
        elif name in family.layers:
            weights[name] = family.layers[name]
    return pick(weights, rng)


def draw_feel(setting: Setting, family: Family, fullness: float, rng: Rng) -> Feel:
    """Dynamics, swing and timing."""
    energy = setting.context.section.energy
    level = 48 + 28 * energy + 8 * (fullness - energy) + family.level + rng.normal(0, 5)
    swing = setting.swing
    if swing == STRAIGHT and setting.context.meter.denominator <= 4 and rng.random() < family.swing_share:
        swing = round(float(rng.uniform(*family.swing)), 2)
    return Feel(
        level=int(np.clip(round(level), *LEVEL_RANGE)),
        accent=int(rng.integers(20, 53)),
        depth=int(rng.integers(10, 57)),
        swell=int(rng.integers(0, 11)),
        swing=swing,
        sway_ms=round(float(np.clip(rng.normal(10, 3.5), *SWAY_RANGE_MS)), 1),
        spread_ms=round(float(np.clip(rng.normal(11, 3.5), *SPREAD_RANGE_MS)), 1),
        grain=int(rng.integers(2**31)),
    )


def with_fills(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Draw fills and crashes anew: one into what follows, a small one where a phrase of four bars ends."""
    fills: list[Fill] = []
    last = setting.n_bars - 1
    if setting.n_bars == 8 and rng.random() < (0.25 + 0.4 * genome.fullness) * setting.families[genome.family].fill:
        fills.append(draw_fill(setting, genome, 3, SMALL_FILL, rng))
    size = fill_size(setting, genome.fullness, rng) * setting.families[genome.family].fill
    if size > 0.06:
        fills.append(draw_fill(setting, genome, last, size, rng))
    chance = CRASH_SHARE * genome.fullness
    crashes = [0] if rng.random() < chance else []
    crashes += [fill.bar + 1 for fill in fills if fill.bar < last and rng.random() < chance]
    return genome.with_fills(tuple(fills), tuple(crashes))
