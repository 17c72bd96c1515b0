import numpy as np
import pytest

from whitelight.scoring.heads import Head, log_softmax
from whitelight.training.calibration import (
    Conditions,
    fit_confidence,
    fit_temperature,
    fit_temperatures,
    fit_weights,
)

HEADS = (Head("class", ("a", "b", "c"), 0),)


def draws(n: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose probabilities are true when divided by `sharpness`, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 3)) * 2
    p = np.exp(log_softmax(logits))
    labels = np.array([rng.choice(3, p=row) for row in p])
    return logits * sharpness, labels


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_the_sharpness(sharpness: float) -> None:
    logits, labels = draws(3000, sharpness)
    assert fit_temperature(logits, np.eye(3)[labels], np.ones(3000)) == pytest.approx(sharpness, rel=0.1)


def test_without_rows_nothing_changes() -> None:
    assert fit_temperature(np.ones((2, 3)), np.eye(3)[:2], np.zeros(2)) == 1.0


def test_a_view_with_enough_songs_has_its_own_temperature_and_a_small_one_shares() -> None:
    sharp, labels = draws(2000, 4.0)
    flat, more = draws(400, 1.0, seed=1)
    logits, labels = np.concatenate([sharp, flat, flat[:10]]), np.concatenate([labels, more, more[:10]])
    view = np.repeat([0, 1, 2], [2000, 400, 10])
    groups = np.array([f"{v}-{i % 50 if v < 2 else i % 5}" for i, v in enumerate(view)])
    found = fit_temperatures(
        logits, np.eye(3)[labels], np.ones((len(view), 1)), Conditions(view, groups, (1, 3)), HEADS
    )[0, :, 0]
    assert found[0] == pytest.approx(4.0, rel=0.15)
    assert found[1] == pytest.approx(1.0, rel=0.2)
    shared = fit_temperature(logits, np.eye(3)[labels], np.ones(len(view)))
    assert found[2] == pytest.approx(shared)


def test_weights_follow_what_is_right_and_the_cap_holds() -> None:
    good, labels = draws(500, 1.0)
    noise = np.random.default_rng(1).normal(size=(500, 3))
    everyone = {"midi": np.ones(500, bool), "concept": np.ones(500, bool)}
    useless = fit_weights(
        {"midi": log_softmax(good), "concept": log_softmax(noise)}, everyone, labels, np.ones(500), {}
    )
    assert useless == {"midi": 1.0, "concept": 0.1}
    oracle = {"midi": log_softmax(noise), "concept": log_softmax(6 * np.eye(3)[labels])}
    assert fit_weights(oracle, everyone, labels, np.ones(500), {})["concept"] > 1
    capped = fit_weights(oracle, everyone, labels, np.ones(500), {"concept": 0.25})
    assert capped["concept"] / (1 + capped["concept"]) <= 0.25


def test_confidence_is_the_share_of_right_answers() -> None:
    logits, labels = draws(4000, 1.0)
    p = np.exp(log_softmax(3.0 * logits))  # overconfident
    conditions = Conditions(np.zeros(4000, dtype=int), np.arange(4000).astype(str), (1, 1))
    offset, slope = fit_confidence(p, labels, conditions)[0, 0]
    top = p.max(axis=1)
    confidence = 1 / (1 + np.exp(-(offset + slope * (np.log(top) - np.log1p(-top)))))
    right = p.argmax(axis=1) == labels
    for low, high in ((0.4, 0.7), (0.7, 0.9), (0.9, 1.0)):
        chosen = (confidence >= low) & (confidence < high)
        assert right[chosen].mean() == pytest.approx(confidence[chosen].mean(), abs=0.05)
    assert right.mean() == pytest.approx(confidence.mean(), abs=0.02)


def test_confidence_keeps_its_promise_about_rows_when_songs_with_many_are_easier() -> None:
    top = np.tile([0.4, 0.6, 0.8], 400)
    p = np.stack([top, 1 - top, np.zeros(1200)], axis=1)
    p[p[:, 0] < 0.5] = [0.4, 0.3, 0.3]
    song = np.where(np.arange(1200) < 600, "long", np.arange(1200).astype(str))
    labels = np.where(np.random.default_rng(0).random(1200) < np.where(song == "long", 0.9, 0.4), 0, 1)
    offset, slope = fit_confidence(p, labels, Conditions(np.zeros(1200, dtype=int), song, (1, 1)))[0, 0]
    confidence = 1 / (1 + np.exp(-(offset + slope * (np.log(top) - np.log1p(-top)))))
    assert confidence.mean() == pytest.approx((labels == 0).mean(), abs=0.01)
