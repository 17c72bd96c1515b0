import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.scoring.calibration import Calibration, log_odds
from whitelight.scoring.heads import heads_of, log_probabilities, n_columns

HEADS = heads_of(load_ontology("emopia"))


def calibration(midi: float = 1.0, fused: float = 1.0, concept_weight: float = 0.25) -> Calibration:
    temperatures = np.ones((2, 6, len(HEADS)))
    temperatures[0, 1] = 2.0
    return Calibration(
        {"midi": temperatures * midi, "concept": np.ones_like(temperatures)},
        {"midi": 1.0, "concept": concept_weight},
        np.full(len(HEADS), fused),
        np.tile([0.0, 1.0], (2, 6, 1)),
    )


def logits(seed: int, n: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, n_columns(HEADS)))


def test_each_view_has_its_temperature() -> None:
    full, chords = (calibration().calibrated("midi", logits(0), HEADS, 0, view) for view in (0, 1))
    assert full == pytest.approx(log_probabilities(logits(0), HEADS))
    assert chords == pytest.approx(log_probabilities(logits(0) / 2, HEADS))


def test_one_modality_alone_is_itself_and_two_are_their_weighted_mean() -> None:
    log_p = {"midi": log_probabilities(logits(0), HEADS), "concept": log_probabilities(logits(1), HEADS)}
    present = {"midi": np.array([1, 1, 1, 0, 0, 1], bool), "concept": np.array([0, 0, 1, 1, 1, 1], bool)}
    fused = calibration(fused=0.5).fuse(log_p, present, HEADS)
    assert fused[:2] == pytest.approx(log_p["midi"][:2])
    assert fused[3:5] == pytest.approx(log_p["concept"][3:5])
    mean = (log_p["midi"][2:3] + 0.25 * log_p["concept"][2:3]) / 1.25
    assert fused[2:3] == pytest.approx(log_probabilities(mean / 0.5, HEADS))


def test_confidence_follows_its_curve_and_log_odds_stay_finite() -> None:
    top = np.array([0.5, 0.9])
    assert calibration().confidence_of(top, 0, 0) == pytest.approx(top)
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
