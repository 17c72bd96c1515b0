import dataclasses
import math

import numpy as np
import pytest

from whitelight.composition.archive import Archive
from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.fitness import INFORMATIVE, NO_BAND, UNINFORMATIVE, usual_spread, weigh
from whitelight.composition.judging import Judge
from whitelight.composition.scorer import DeafScorer
from whitelight.composition.search import N_SIBLINGS, Search, keep_diverse, likeness, measure_noise, run_generation
from whitelight.composition.section_search import Effort, search_section


def terms(rng, n=60):
    return [
        {"good": float(rng.normal(0.5, 0.2)), "dead": 1.0, "shaky": float(rng.normal(0.5, 0.05)), "foreign": None}
        for _ in range(n)
    ]


def test_weights_follow_spread():
    rng = np.random.default_rng(0)
    batch = terms(rng)
    weights = weigh(batch, {"shaky": 0.2}, rng.normal(0, 3, 60).tolist(), [0.5] * 60)
    status = {name: weight.status for name, weight in weights.theory.items()}
    assert status == {"good": INFORMATIVE, "dead": UNINFORMATIVE, "shaky": UNINFORMATIVE, "foreign": NO_BAND}
    assert [weights.theory[name].weight for name in ("dead", "shaky", "foreign")] == [0, 0, 0]
    assert weights.theory["good"].noise == 0
    assert weights.theory["shaky"].noise == 0.2


def test_theory_and_chromatic_move_fitness_in_proportion():
    rng = np.random.default_rng(0)
    batch, chromatic = terms(rng), rng.normal(0, 3, 60)
    weights = weigh(batch, {}, chromatic.tolist(), [0.5] * 60)
    theory = [weights.fitness(t, weights.chromatic.mean, 0.5) for t in batch]
    color = [weights.fitness({}, c, 0.5) for c in chromatic]
    assert usual_spread(np.array(color)) / np.std(theory) == pytest.approx(0.6 / 0.4, rel=1e-6)
    total = [weights.fitness(t, c, 0.5) for t, c in zip(batch, chromatic, strict=True)]
    assert np.mean(total) == pytest.approx(0.0, abs=1e-9)


def test_a_few_far_below_do_not_decide_what_the_others_are_worth():
    rng = np.random.default_rng(0)
    near, batch = rng.normal(5, 1, 60), terms(rng)
    far = np.where(np.arange(60) % 6 == 0, near - 8, near)
    plain, gapped = (weigh(batch, {}, values.tolist(), [0.5] * 60).chromatic for values in (near, far))
    assert np.std(far) > 2.5 * np.std(near)
    assert gapped.weight == pytest.approx(plain.weight, rel=0.35)


def test_usual_spread_of_a_normal_distribution_is_its_standard_deviation():
    assert usual_spread(np.random.default_rng(0).normal(3, 2, 100_000)) == pytest.approx(2.0, rel=0.02)
    assert usual_spread(np.array([0.0] * 60 + [8.0, -8.0] * 4)) > 0.6  # quartiles of 0: most are alike to a hair


def test_siblings_are_screened_and_only_one_is_scored(search, scorer, monkeypatch):
    run_generation(search, Judge(scorer, "bright"), 30)
    drawn = []
    monkeypatch.setattr(Search, "_child", _counted(Search._child, drawn))
    asked = search.ask(10)
    assert len(asked) == 10
    assert len(drawn) >= 10 * N_SIBLINGS
    assert len(search.surrogate.known) == len(search.known) == 30


def _counted(child, drawn):
    def wrapped(self):
        drawn.append(1)
        return child(self)

    return wrapped


def test_without_a_target_theory_decides_alone():
    batch = terms(np.random.default_rng(0))
    weights = weigh(batch, {}, [math.nan] * 60, [math.nan] * 60)
    assert weights.chromatic.weight == 0
    assert np.std([weights.fitness(t, math.nan, math.nan) for t in batch]) == pytest.approx(1.0)


def test_what_the_scorer_never_heard_costs_fitness():
    weights = weigh(terms(np.random.default_rng(0)), {}, np.arange(60.0).tolist(), np.linspace(0, 0.9, 60).tolist())
    assert weights.penalty(0.5) == weights.penalty(weights.novelty_limit) == 0
    assert 0 < weights.penalty(0.9) < weights.penalty(1.0)


class Point:
    def __init__(self, fitness, **measures):
        self.fitness, self.measures = fitness, measures


def test_archive_keeps_the_best_of_each_kind():
    archive = Archive({"x": (0.0, 1.0)})
    assert archive.tell([Point(1.0, x=0.1), Point(2.0, x=0.15), Point(0.5, x=0.9), Point(9.0, x=7.0)]) == 4
    assert [elite.fitness for elite in archive.ranked()] == [9.0, 2.0]
    assert {parent.fitness for parent in archive.ask(50, np.random.default_rng(0))} == {9.0, 2.0}


@pytest.fixture
def search(setting_for):
    return Search(ChordCraft(setting_for("A minor")), np.random.default_rng(4))


def test_generations_improve_and_score_nothing_twice(search, scorer):
    batches = [run_generation(search, Judge(scorer, "bright"), 40) for _ in range(4)]
    assert sum(scorer.calls) == len(search.known) == 160
    assert np.mean([c.fitness for c in batches[-1]]) > np.mean([c.fitness for c in batches[0]])
    assert all(parent in search.known for batch in batches[1:] for c in batch for parent in c.parents)
    assert any(c.parents for c in batches[1])
    assert not any(c.parents for c in batches[0])


def test_evolution_beats_as_many_random_candidates(setting_for, scorer):
    """At equal evaluations, over seeds: the best eight of the archive against the best eight of one large batch."""
    gains = []
    for seed in range(3):
        evolved = Search(ChordCraft(setting_for("C major")), np.random.default_rng(seed))
        for _ in range(4):
            run_generation(evolved, Judge(scorer, "bright"), 30)
        random = Search(ChordCraft(setting_for("C major")), np.random.default_rng(seed), weights=evolved.weights)
        run_generation(random, Judge(scorer, "bright"), 120)
        top = [
            np.mean(sorted((c.chromatic.fitness for c in s.known.values()), reverse=True)[:8])
            for s in (evolved, random)
        ]
        gains.append(top[0] - top[1])
    assert np.mean(gains) > 0


def test_the_kept_few_differ(search, scorer):
    run_generation(search, Judge(scorer, "bright"), 60)
    kept = keep_diverse(search.archive.ranked(), 6)
    assert len(kept) == 6
    assert len({c.idea for c in kept}) >= 2
    pairs = [likeness(a, b) for i, a in enumerate(kept) for b in kept[:i]]
    best = sorted(search.known.values(), key=lambda c: -c.fitness)[:6]
    assert np.mean(pairs) <= np.mean([likeness(a, b) for i, a in enumerate(best) for b in best[:i]]) + 1e-9
    assert likeness(kept[0], kept[0]) == pytest.approx(1.0)


def test_material_of_other_sections_is_avoided_not_forbidden(search, scorer):
    run_generation(search, Judge(scorer, "bright"), 40)
    ranked = search.archive.ranked()
    free = keep_diverse(ranked, 1)
    assert keep_diverse(ranked, 1, taken=free) != free
    assert keep_diverse(free, 1, taken=free) == free


def test_noise_is_measured_by_playing_again(search):
    noise = measure_noise(search.craft, [genome for genome, _ in search.ask(6)])
    assert noise["flow"] == 0
    assert noise["dynamics"] > 0


class Coarse(ChordCraft):
    """Plays every genome as one of a few files."""

    def play(self, genome):
        played = super().play(genome)
        return dataclasses.replace(played, midi=played.midi[:20] + bytes([genome.touch.grain % 5]))


def test_what_is_kept_is_written_when_genomes_sound_the_same(setting_for):
    craft = Coarse(setting_for("A minor"))
    for seed in range(5):
        effort = Effort(n_candidates=12, n_generations=2, n_keep=5, n_written=6)
        result = search_section(craft, Judge(DeafScorer(), None), np.random.default_rng(seed), effort)
        assert set(map(id, result.kept)) <= set(map(id, result.written))
        assert len({candidate.midi for candidate in result.written}) == len(result.written)
