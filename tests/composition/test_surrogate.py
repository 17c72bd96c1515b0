from dataclasses import dataclass

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.surrogate import Surrogate, traits


@dataclass(frozen=True)
class Bar:
    lanes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Part:
    kit: str
    bars: tuple[Bar, ...]
    swing: float


def part(*kicks, kit="rock", swing=0.5):
    return Part(kit, tuple(Bar((kick, (4,))) for kick in kicks), swing)


def test_traits_count_values_by_field():
    found = traits(part((0, 8), (0,), swing=0.6))
    assert found["kit=rock"] == 1
    assert found["bars.lanes.0=0"] == 2
    assert found["bars.lanes.0=8"] == 1
    assert found["bars.lanes.1=4"] == 2
    assert found["swing mean"] == pytest.approx(0.6)
    assert found["bars.lanes.0 mean"] == pytest.approx(8 / 3)
    assert found["bars.lanes.0 number"] == 3
    assert "swing=0.6" not in found  # no two real numbers are equal


def test_the_order_of_bars_does_not_count_that_of_lanes_does():
    assert traits(part((0,), (2,))) == traits(part((2,), (0,)))
    assert traits(Bar(((0,), (2,)))) != traits(Bar(((2,), (0,))))


def test_what_has_no_fields_has_no_traits():
    surrogate = Surrogate()
    surrogate.learn([object(), object()], [1.0, 2.0])
    assert surrogate.guess().best([object(), object()]) == 0


def test_it_learns_what_is_worth_something():
    rng = np.random.default_rng(0)
    parts = [part(tuple(np.flatnonzero(rng.random(16) < 0.3).tolist()), (0,)) for _ in range(60)]
    worth = [float(8 in one.bars[0].lanes[0]) - float(3 in one.bars[0].lanes[0]) for one in parts]
    surrogate = Surrogate()
    surrogate.learn(parts, worth)
    assert surrogate.guess().best([part((0, 3), (0,)), part((0, 5), (0,)), part((0, 8), (0,))]) == 2


def test_a_trait_never_met_says_nothing():
    surrogate = Surrogate()
    surrogate.learn([part((0,)), part((8,))], [0.0, 1.0])
    assert surrogate.guess().best([part((8,)), part((8,), kit="new")]) == 0
    assert len(surrogate.columns) == len(traits(part((0,))).keys() | traits(part((8,))).keys())


def test_it_ranks_real_genomes_it_has_not_seen(setting_for):
    craft, rng = ChordCraft(setting_for("A minor")), np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(160)]
    played = [craft.play(genome) for genome in genomes]
    for name in craft.ranges:
        worth = [one.measures[name] for one in played]
        surrogate = Surrogate()
        surrogate.learn(genomes[:120], worth[:120])
        guess = surrogate.guess()
        right = [worth[i + guess.best(genomes[i : i + 2])] >= max(worth[i : i + 2]) for i in range(120, 159)]
        assert np.mean(right) > 0.6, name
