from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.melody import STAGE
from whitelight.composition.melody.genome import Phrase, Turn
from whitelight.composition.melody.operators import HOME, MUTATIONS, cross, repair
from whitelight.composition.melody.singing import sing


@pytest.fixture(scope="module")
def craft(section_for):
    return STAGE.craft(section_for("A minor", tempo_bpm=96.0), None)


@pytest.mark.parametrize("mutation", sorted(set(MUTATIONS), key=lambda one: one.__name__))
def test_every_mutation_changes_something_now_and_then(craft, mutation) -> None:
    rng = np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(12)]
    changed = [repair(mutation(genome, craft.setting, rng), craft.setting) for genome in genomes]
    assert any(new != old for new, old in zip(changed, genomes, strict=True))
    for genome in changed:
        assert genome.turns[-1].close in HOME
        assert sing(genome, craft.setting)
        for phrase in genome.phrases:
            assert len(phrase) == len(phrase.lengths) == len(phrase.heights) == len(phrase.leans)
            assert list(phrase.onsets) == sorted(set(phrase.onsets))


def test_crossing_takes_from_both(craft) -> None:
    rng = np.random.default_rng(3)
    mixed = 0
    for _ in range(30):
        first, second = craft.compose(rng), craft.compose(rng)
        child = cross(first, second, craft.setting, rng)
        mixed += any(phrase in second.phrases for phrase in child.phrases) and child.turns != second.turns
    assert mixed > 3


def test_repair_brings_a_broken_genome_home(craft) -> None:
    genome = craft.compose(np.random.default_rng(0))
    broken = replace(
        genome,
        phrases=(Phrase((4, 4, 2), (9, 1, 9), (40, 0, -40), (False, True, False)), genome.phrases[0]),
        turns=tuple(Turn(0, 6) for _ in genome.turns),
        low=5,
    )
    fixed = repair(broken, craft.setting)
    assert len(fixed.phrases) == 1
    assert fixed.phrases[0].onsets == (2, 4)
    assert fixed.phrases[0].lengths[0] == 2
    assert fixed.turns[-1].close == 0
    assert craft.play(fixed).midi


def test_an_idea_that_never_sounds_leaves_the_tonic(craft) -> None:
    genome = craft.compose(np.random.default_rng(0))
    silent = Phrase((-4,), (2,), (0,), (False,))
    line = sing(replace(genome, phrases=(silent,), turns=(Turn(0, 0),) * len(genome.turns)), craft.setting)
    assert line[-1].end <= craft.setting.context.n_pulses
    assert craft.play(replace(genome, phrases=(silent,), turns=(Turn(0, 0), Turn(0, 0)))).midi
