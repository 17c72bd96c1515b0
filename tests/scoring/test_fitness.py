import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.ontology import Target, load_ontology
from whitelight.scoring.fitness import (
    Reference,
    SmoothRank,
    UnheardTargetError,
    class_affinity,
    label_fitness,
    target_fitness,
)
from whitelight.scoring.heads import class_targets, heads_of, log_probabilities, log_softmax, n_columns

RAINBOW = load_ontology("rainbow")
HEADS = heads_of(RAINBOW)
TARGETS, KNOWN = class_targets(RAINBOW, HEADS)
EVEN = np.concatenate([np.full(len(h.labels), 1 / len(h.labels)) for h in HEADS])


def log_p(seed: int = 0, n: int = 5) -> np.ndarray:
    return log_probabilities(np.random.default_rng(seed).normal(size=(n, n_columns(HEADS))) * 2, HEADS)


def test_for_one_class_it_is_the_log_likelihood_ratio_of_bayes() -> None:
    prior = np.array([0.5, 0.3, 0.2])
    likelihood = np.array([[0.02, 0.1, 0.004]])
    p = likelihood * prior / (likelihood * prior).sum()
    others = (likelihood[0, [0, 2]] * prior[[0, 2]]).sum() / prior[[0, 2]].sum()
    found = label_fitness(np.log(p), prior, np.array([0.0, 1.0, 0.0]))
    assert found[0] == pytest.approx(np.log(0.1 / others))


def test_what_the_prior_already_says_is_no_evidence() -> None:
    prior = np.array([0.7, 0.2, 0.1])
    assert label_fitness(np.log(prior)[None], prior, np.array([0.0, 0.0, 1.0]))[0] == pytest.approx(0.0)


def test_a_mixture_prefers_what_lies_between_to_what_is_purely_one() -> None:
    prior, weights = np.full(3, 1 / 3), np.array([0.6, 0.4, 0.0])
    rows = np.log([[0.57, 0.38, 0.05], [0.94, 0.01, 0.05], [0.01, 0.94, 0.05], [0.1, 0.1, 0.8]])
    between, first, second, other = label_fitness(rows, prior, weights)
    assert between > first > other
    assert between > second > other


def test_a_class_without_modes_has_a_fitness_and_its_axes_take_no_part() -> None:
    target = Target.parse("Black", RAINBOW)
    rows = log_p()
    shifted = rows.copy()
    shifted[:, HEADS[1].columns] = log_softmax(np.random.default_rng(9).normal(size=(5, 3)))
    assert np.isfinite(target_fitness(rows, EVEN, HEADS, target)).all()
    assert (target_fitness(rows, EVEN, HEADS, target) == target_fitness(shifted, EVEN, HEADS, target)).all()


def test_an_axis_target_adds_the_terms_of_its_axes_and_of_no_other() -> None:
    rows = log_p()
    past = Target.from_axes(RAINBOW, {"temporal": {"past": 1.0}})
    known = Target.from_axes(RAINBOW, {"ontological": {"known": 1.0}})
    both = Target.from_axes(RAINBOW, {"temporal": {"past": 1.0}, "ontological": {"known": 1.0}})
    total = target_fitness(rows, EVEN, HEADS, past) + target_fitness(rows, EVEN, HEADS, known)
    assert target_fitness(rows, EVEN, HEADS, both) == pytest.approx(total)


def test_a_class_nobody_heard_is_refused_by_name() -> None:
    prior = EVEN.copy()
    prior[RAINBOW.class_index("White")] = 0.0
    with pytest.raises(UnheardTargetError, match="target 'White': no training song"):
        target_fitness(log_p(), prior, HEADS, Target.parse("White", RAINBOW))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=30), st.lists(st.floats(-60, 60), min_size=2, max_size=20))
def test_match_is_within_0_and_1_and_never_falls(reference: list[float], asked: list[float]) -> None:
    rank = SmoothRank.of(np.array(reference), np.ones(len(reference)))
    found = rank.rank(np.sort(np.array(asked)))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= -1e-12).all()


def test_match_is_about_the_share_of_the_reference_below_and_beyond_its_ends_still_differs() -> None:
    reference = np.random.default_rng(0).normal(size=400)
    rank = SmoothRank.of(reference, np.ones(400))
    for x in (-1.0, 0.0, 1.0):
        assert rank.rank(np.array([x]))[0] == pytest.approx((reference < x).mean(), abs=0.05)
    below, further = rank.rank(np.array([-4.0, -6.0]))
    above, beyond = rank.rank(np.array([4.0, 6.0]))
    assert below > further > 0
    assert 1 > beyond > above


def test_without_a_reference_match_is_a_plain_curve() -> None:
    assert SmoothRank.of(np.zeros(0), np.zeros(0)).rank(np.array([0.0]))[0] == pytest.approx(0.5)


def test_a_reference_is_of_the_class_and_view_while_it_is_rich_enough() -> None:
    label, view = np.repeat([1, 2], 20), np.tile([0, 1], 20)
    reference = Reference(log_p(n=40), view, label, np.full(40, 1 / 40))
    affinity = np.zeros(9)
    affinity[1] = 1.0
    rows, _ = reference.chosen(affinity, view=1, minimum=8)
    assert len(rows) == 10
    assert (label[rows] == 1).all()
    assert (view[rows] == 1).all()
    rows, _ = reference.chosen(affinity, view=1, minimum=15)
    assert len(rows) == 20
    assert (label[rows] == 1).all()
    rows, _ = reference.chosen(np.eye(9)[5], view=1, minimum=8)
    assert len(rows) == 40


def test_classes_belong_to_an_axis_target_by_their_modes() -> None:
    past_known = Target.from_axes(RAINBOW, {"temporal": {"past": 1.0}, "ontological": {"known": 1.0}})
    found = class_affinity(past_known, TARGETS, KNOWN, HEADS)
    names = RAINBOW.class_names
    assert found[names.index("Red")] == 1.0
    assert found[names.index("Orange")] == 0.0
    assert found[names.index("Black")] == 0.0
    mixed = class_affinity(Target.parse("60% Red + 40% Orange", RAINBOW), TARGETS, KNOWN, HEADS)
    assert mixed[names.index("Red")] == pytest.approx(0.6)
