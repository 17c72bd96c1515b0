import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.scoring.heads import class_targets, heads_of, log_probabilities, n_columns

RAINBOW = load_ontology("rainbow")
HEADS = heads_of(RAINBOW)


def test_columns_are_classes_then_axes_in_the_order_of_the_ontology() -> None:
    assert [head.name for head in HEADS] == ["class", "axis_temporal", "axis_spatial", "axis_ontological"]
    assert n_columns(HEADS) == 9 + 3 * 3
    assert HEADS[1].columns == slice(9, 12)


def test_targets_sum_to_one_where_a_class_speaks_and_to_nothing_where_it_does_not() -> None:
    targets, known = class_targets(RAINBOW, HEADS)
    for row, name in enumerate(RAINBOW.class_names):
        for position, head in enumerate(HEADS):
            assert targets[row, head.columns].sum() == pytest.approx(float(known[row, position])), (name, head.name)
    indigo = RAINBOW.class_names.index("Indigo")
    assert known[indigo].tolist() == [True, False, False, True]
    assert sorted(targets[indigo, HEADS[3].columns]) == [0.0, 0.5, 0.5]


def test_every_head_is_its_own_softmax() -> None:
    logits = np.random.default_rng(0).normal(size=(4, n_columns(HEADS))) * 50
    p = np.exp(log_probabilities(logits, HEADS))
    for head in HEADS:
        assert p[:, head.columns].sum(axis=1) == pytest.approx(np.ones(4))
