import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score

from whitelight.training.metrics import (
    accuracy,
    area_under_risk_coverage,
    auc,
    binned_error,
    bootstrap_interval,
    confusion,
    expected_calibration_error,
    log_loss,
    macro_f1,
    pooled,
    ranking_curve,
    reliability_bins,
    risk_coverage,
    set_figures,
    true_readings,
)

P = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
Y = np.array([0, 1, 1, 1])


def test_accuracy_and_log_loss_of_a_small_table() -> None:
    assert accuracy(P, Y) == 0.75
    assert log_loss(P, Y) == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.7]).mean())
    assert np.isnan(accuracy(np.zeros((0, 2)), np.zeros(0, dtype=int)))


def test_perfect_calibration_has_no_error_and_overconfidence_has() -> None:
    sure = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error(sure, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert expected_calibration_error(sure, np.array([1, 1, 1, 1])) == pytest.approx(0.75)
    assert sum(b["n"] for b in reliability_bins(P, Y)) == 4


def test_what_is_promised_is_compared_with_what_is_right() -> None:
    right = np.array([True, True, False, True])
    assert binned_error(np.full(4, 0.75), right) == pytest.approx(0)
    assert binned_error(np.array([0.95, 0.95, 0.05, 0.9999]), right) == pytest.approx((0.1 + 0.05 + 0.0001) / 4)


def test_true_probabilities_read_what_counting_by_hand_reads() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), size=900)
    readings = true_readings(probabilities, n_draws=200, rng=np.random.default_rng(1))
    labels = [
        np.array([np.random.default_rng((k, i)).choice(4, p=p) for i, p in enumerate(probabilities)]) for k in range(8)
    ]
    by_hand = [expected_calibration_error(probabilities, y) for y in labels]
    assert readings.mean() == pytest.approx(np.mean(by_hand), rel=0.25)
    assert readings.min() > 0
    assert len(true_readings(probabilities[:0], n_draws=200, rng=np.random.default_rng(1))) == 0


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auc_is_that_of_scikit_learn_ties_included(rows: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([s for s, _ in rows], dtype=float), np.array([p for _, p in rows])
    if positive.all() or not positive.any():
        assert auc(scores, positive) is None
    else:
        assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_macro_f1_counts_the_classes_that_occur(rows: list[tuple[int, int]]) -> None:
    estimated, reference = np.array([e for e, _ in rows]), np.array([r for _, r in rows])
    wanted = f1_score(reference, estimated, labels=np.unique(reference), average="macro", zero_division=0)
    assert macro_f1(estimated, reference) == pytest.approx(wanted)
    assert confusion(estimated, reference, 4).sum() == len(rows)


def test_intervals_are_wider_when_the_songs_are_few() -> None:
    rng = np.random.default_rng(0)
    values = np.repeat(rng.integers(0, 2, 20), 10).astype(float)
    by_song = bootstrap_interval(values, [str(i // 10) for i in range(200)], rng=np.random.default_rng(0))
    by_row = bootstrap_interval(values, [str(i) for i in range(200)], rng=np.random.default_rng(0))
    assert by_song[1] - by_song[0] > 2 * (by_row[1] - by_row[0])
    assert by_song[0] <= values.mean() <= by_song[1]


def test_pooling_averages_the_rows_of_a_key() -> None:
    found, first = pooled(np.array([[0.0, 2.0], [4.0, 0.0], [2.0, 2.0]]), ["b", "a", "b"], lambda values: values)
    assert found.tolist() == [[4.0, 0.0], [1.0, 2.0]]
    assert first.tolist() == [1, 0]


def test_risk_at_a_coverage_is_the_error_among_the_surest() -> None:
    confidence, right = np.array([0.9, 0.1, 0.8, 0.5]), np.array([True, False, True, False])
    assert risk_coverage(confidence, right, (0.5, 1.0)) == [
        {"coverage": 0.5, "risk": 0.0},
        {"coverage": 1.0, "risk": 0.5},
    ]
    assert area_under_risk_coverage(confidence, right) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert area_under_risk_coverage(-confidence, right) > 0.5
    assert np.isnan(area_under_risk_coverage(confidence[:0], right[:0]))


def test_sets_are_counted_by_class() -> None:
    members = np.array([[True, False], [True, True], [False, False], [False, True]])
    found = set_figures(members, np.array([0, 0, 1, 1]))
    assert found == {"coverage": 0.75, "lowest_coverage": 0.5, "size": 1.0}


def test_the_area_below_the_ranking_curve_is_the_auc() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.normal(size=60).round(1), rng.random(60) < 0.3
    curve = np.array(ranking_curve(scores, positive))
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [1, 1]
    assert np.trapezoid(curve[:, 1], curve[:, 0]) == pytest.approx(auc(scores, positive))
    assert ranking_curve(scores, np.zeros(60, bool)) == []
