"""Children are of the kind of their parents, and always play something."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from whitelight.composition.harmony import STAGE
from whitelight.composition.harmony.generator import CENTER_STEP, FEWEST_NOTES
from whitelight.composition.harmony.genome import COUNTER_LINE, FIGURES, SILENT
from whitelight.composition.harmony.operators import LINE_MUTATIONS, VOICE_MUTATIONS, cross, mutate
from whitelight.composition.harmony.surroundings import make_surroundings
from whitelight.music import read_midi


@pytest.fixture
def around(make_section):
    return make_surroundings(make_section("7/8", energy=0.4))


def generation(around, n: int):
    craft, rng = STAGE.craft(around.context, None), np.random.default_rng(7)
    return [craft.compose(rng) for _ in range(n)]


def check(genome, around) -> None:
    assert genome.figure in FIGURES
    if genome.family == COUNTER_LINE:
        assert len(genome.line) >= FEWEST_NOTES
        assert all(a.start + a.duration <= b.start for a, b in pairwise(genome.line))
        assert genome.line[-1].start < around.context.n_pulses
    else:
        assert genome.line == ()
        assert len(genome.bar_rhythms) == around.context.section.n_bars
        assert all(SILENT <= rhythm < len(genome.rhythms) for rhythm in genome.bar_rhythms)
        assert genome.center % CENTER_STEP == 0
        assert 2 <= genome.n_voices <= 4


@pytest.mark.parametrize("mutation", [*VOICE_MUTATIONS, *dict.fromkeys(LINE_MUTATIONS)], ids=lambda m: m.__name__)
def test_every_mutation_changes_something(around, mutation) -> None:
    rng, changed = np.random.default_rng(1), 0
    is_for_lines = mutation in LINE_MUTATIONS
    is_for_voices = mutation in VOICE_MUTATIONS
    for genome in generation(around, 30):
        if not (is_for_lines if genome.family == COUNTER_LINE else is_for_voices):
            continue
        child = mutation(genome, around, rng)
        assert child.family == genome.family
        check(child, around)
        changed += child != genome
    assert changed >= 3


def test_long_lines_of_descent_stay_sound(around) -> None:
    rng = np.random.default_rng(2)
    for genome in generation(around, 6):
        child = genome
        for _ in range(40):
            child = mutate(child, around, rng)
            check(child, around)


def test_crossing_keeps_family_and_notes(around) -> None:
    rng, parents = np.random.default_rng(3), generation(around, 24)
    for first, second in zip(parents, parents[::-1], strict=True):
        child = cross(first, second, around, rng)
        assert child.family == first.family
        check(child, around)


def test_two_lines_trade_halves(around) -> None:
    lines = [genome for genome in generation(around, 60) if genome.family == COUNTER_LINE]
    half = around.context.n_pulses // 2
    first = next(g for g in lines if any(note.start + note.duration <= half for note in g.line))
    second = next(g for g in lines if g != first and sum(note.start >= half for note in g.line) >= FEWEST_NOTES)
    child = cross(first, second, around, np.random.default_rng(0))
    assert [note for note in child.line if note.start >= half] == [note for note in second.line if note.start >= half]
    nothing = replace(second, line=())
    assert cross(replace(first, line=()), nothing, around, np.random.default_rng(0)).line == ()


def test_every_child_plays(around) -> None:
    craft, rng = STAGE.craft(around.context, None), np.random.default_rng(4)
    for genome in generation(around, 20):
        notes = read_midi(craft.play(craft.mutate(genome, rng)).midi).all_notes()
        assert len(notes) > 0
