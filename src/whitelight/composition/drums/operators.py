"""Mutations and crossover of drum genomes: one thing a drummer would try next, drawn as the generator draws it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from whitelight.composition.drums.fills import draw_fill
from whitelight.composition.drums.genome import Bar, DrumGenome
from whitelight.composition.drums.grooving import audible, draw_bar, draw_color, playable, vary
from whitelight.composition.drums.playing import (
    LEVEL_RANGE,
    SPREAD_RANGE_MS,
    SWAY_RANGE_MS,
    draw_feel,
    draw_layer,
    pick,
    with_fills,
)
from whitelight.composition.drums.setting import Setting
from whitelight.composition.mutation import change
from whitelight.composition.randomness import Rng

N_CHANGES = (0.7, 0.2, 0.1)  # of candidates that change in one, two, three things
MAX_TRIES = 4
Mutation = Callable[[DrumGenome, Setting, Rng], DrumGenome]


def mutate(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Change one to three things about a genome."""
    changed = genome
    for _ in range(MAX_TRIES):  # some find nothing to do: a chord that cannot move, a copy of an equal bar
        changed = change(changed, MUTATIONS, setting, rng, how_many=N_CHANGES)
        if changed != genome:
            return audible(changed)
    return refeel(genome, setting, rng)


def vary_bar(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Change one to four hits of one bar."""
    place = int(rng.integers(setting.n_bars))
    return genome.with_bar(place, vary(genome.bars[place], 1 + int(rng.integers(4)), genome, setting, rng))


def vary_idea(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Change the same hits in every second bar: the idea itself."""
    parity = int(rng.integers(2))
    model = genome.bars[parity]
    changed = vary(model, 1 + int(rng.integers(2)), genome, setting, rng)
    lanes = {name: {*model.lane(name)} ^ {*changed.lane(name)} for name in ("kick", "snare", "ghost")}
    bars = list(genome.bars)
    for place in range(parity, len(bars), 2):
        for name, flipped in lanes.items():
            bars[place] = bars[place].with_lane(name, tuple({*bars[place].lane(name)} ^ flipped))
        bars[place] = playable(bars[place], genome, setting)
    return genome.with_bars(tuple(bars))


def repeat_bar(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Let one bar be as another: a groove is kept by returning."""
    place, model = rng.integers(setting.n_bars, size=2).tolist()
    return genome.with_bar(place, genome.bars[model])


def redraw_bar(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Draw one bar anew for the same kit."""
    return genome.with_bar(int(rng.integers(setting.n_bars)), draw_bar(genome, setting, rng))


def rewrite_fills(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Draw all fills and crashes anew, or the last fill in another size."""
    if rng.random() < 0.5 or not genome.fills:
        return with_fills(genome, setting, rng)
    last = genome.fills[-1]
    size = float(np.clip(1 - last.start / setting.grid.bar_pulses + rng.normal(0, 0.25), 0.1, 1.0))
    fill = draw_fill(setting, genome, last.bar, size, rng)
    return genome.with_fills((*genome.fills[:-1], fill), genome.crashes)


def change_layer(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Keep time elsewhere: another layer or another cymbal."""
    family = setting.families[genome.family]
    layer = draw_layer(setting, family, genome.fullness, rng) if rng.random() < 0.7 else genome.layer
    changed = replace(genome, layer=layer, time=pick(family.time, rng))
    places = setting.layers[layer]
    return _each_bar(
        changed, setting, lambda bar: bar.with_lane("time", places).with_lane("open", _within(bar, places))
    )


def _within(bar: Bar, places: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(pulse for pulse in bar.lane("open") if pulse in places)


def change_ghosts(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Take ghost notes away, or add some."""
    chance = setting.groove(genome.family, genome.backbeat, genome.fullness).chance["ghost"]
    factor = float(rng.choice([0.0, 0.5, 1.0, 1.6]))
    ghosts = tuple(np.flatnonzero(rng.random(len(chance)) < factor * chance).tolist())
    return _each_bar(genome, setting, lambda bar: bar.with_lane("ghost", ghosts))


def recolor(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Another snare sound, or something for the color lane."""
    family = setting.families[genome.family]
    if rng.random() < 0.5 or not family.color:
        return replace(genome, snare=pick(family.snare, rng))
    color = "" if genome.color and rng.random() < 0.5 else pick(family.color, rng)
    figure = draw_color(setting, genome.fullness, rng) if color else ()
    if color and family.is_own:
        chance = setting.groove(genome.family, genome.backbeat, genome.fullness).chance["color"]
        figure = tuple(np.flatnonzero(rng.random(len(chance)) < chance).tolist())
    return _each_bar(replace(genome, color=color), setting, lambda bar: bar.with_lane("color", figure))


def refeel(genome: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Other dynamics and timing; now and then another feel altogether."""
    feel = genome.feel
    if rng.random() < 0.2:
        return replace(genome, feel=draw_feel(setting, setting.families[genome.family], genome.fullness, rng))
    changed = replace(
        feel,
        level=int(np.clip(feel.level + rng.integers(-5, 6), *LEVEL_RANGE)),
        accent=int(np.clip(feel.accent + rng.integers(-8, 9), 8, 56)),
        depth=int(np.clip(feel.depth + rng.integers(-8, 9), 0, 60)),
        swell=int(np.clip(feel.swell + rng.integers(-3, 4), 0, 14)),
        sway_ms=round(float(np.clip(feel.sway_ms + rng.normal(0, 2), *SWAY_RANGE_MS)), 1),
        spread_ms=round(float(np.clip(feel.spread_ms + rng.normal(0, 2), *SPREAD_RANGE_MS)), 1),
        grain=int(rng.integers(2**31)),
    )
    return replace(genome, feel=changed)


MUTATIONS: tuple[Mutation, ...] = (  # small ones: whole new grooves come from the search's fresh candidates
    vary_bar,
    vary_bar,
    vary_bar,
    vary_idea,
    vary_idea,
    repeat_bar,
    repeat_bar,
    redraw_bar,
    rewrite_fills,
    change_layer,
    change_ghosts,
    recolor,
    refeel,
)


def cross(first: DrumGenome, second: DrumGenome, setting: Setting, rng: Rng) -> DrumGenome:
    """Kit, backbeat and time of one; the kick and snare of its bars from a cut on, fills and feel from either."""
    cut = int(rng.integers(1, setting.n_bars))
    bars = list(first.bars)
    for place in range(cut, setting.n_bars):
        for name in ("kick", "ghost"):
            bars[place] = bars[place].with_lane(name, second.bars[place].lane(name))
    fills = first if rng.random() < 0.5 else second
    feel = first.feel if rng.random() < 0.5 else second.feel
    changed = replace(first.with_fills(fills.fills, fills.crashes), bars=tuple(bars), feel=feel)
    return audible(_each_bar(changed, setting, lambda bar: bar))


def _each_bar(genome: DrumGenome, setting: Setting, change: Callable[[Bar], Bar]) -> DrumGenome:
    """Change every bar and keep it playable."""
    return genome.with_bars(tuple(playable(change(bar), genome, setting) for bar in genome.bars))
