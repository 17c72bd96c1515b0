import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.scoring.calibration import Agreement, Calibration, log_odds
from whitelight.scoring.heads import class_targets, heads_of, log_probabilities, log_softmax, n_columns

EMOPIA = load_ontology("emopia")
HEADS = heads_of(EMOPIA)
PRIOR = np.array([0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5])
AXES = slice(4, 8)


def calibration(midi: float = 1.0, fused: float = 1.0, concept_weight: float = 0.25) -> Calibration:
    temperatures = np.ones((2, 6, len(HEADS)))
    temperatures[0, 1] = 2.0
    return Calibration(
        {"midi": temperatures * midi, "concept": np.ones_like(temperatures)},
        {"midi": 1.0, "concept": concept_weight},
        np.full(len(HEADS), fused),
        np.tile([0.0, 1.0], (2, 6, 1)),
        Agreement(PRIOR, *class_targets(EMOPIA, HEADS), share=0.5),
    )


def logits(seed: int, n: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, n_columns(HEADS)))


def test_each_view_has_its_temperature() -> None:
    full, chords = (calibration().calibrated("midi", logits(0), HEADS, 0, view) for view in (0, 1))
    assert full[:, AXES] == pytest.approx(log_probabilities(logits(0), HEADS)[:, AXES])
    assert chords[:, AXES] == pytest.approx(log_probabilities(logits(0) / 2, HEADS)[:, AXES])
    assert (chords[:, :4].max(axis=1) < full[:, :4].max(axis=1)).all()


def test_classes_follow_their_head_and_their_axes_half_and_half() -> None:
    raw = logits(0)
    found = calibration().calibrated("midi", raw, HEADS, 0, 0)
    log_p = log_probabilities(raw, HEADS)
    modes = {c.name: c.modes for c in EMOPIA.classes}
    by_axes = np.stack(
        [
            sum(
                log_p[:, head.start + head.labels.index(modes[name][head.name.removeprefix("axis_")][0])]
                for head in HEADS[1:]
            )
            for name in EMOPIA.class_names
        ],
        axis=1,
    )
    assert found[:, :4] == pytest.approx(log_softmax(0.5 * log_p[:, :4] + 0.5 * log_softmax(by_axes)))


def test_a_class_without_modes_hears_nothing_from_the_axes_and_one_never_heard_stays_improbable() -> None:
    rainbow = load_ontology("rainbow")
    heads = heads_of(rainbow)
    prior = np.concatenate([np.full(len(h.labels), 1 / len(h.labels)) for h in heads])
    prior[8] = 0.0  # nobody has heard the last class
    agreement = Agreement(prior, *class_targets(rainbow, heads), share=0.5)
    flat = np.log(prior.clip(1e-9))[None].repeat(2, axis=0)
    flat[1, heads[1].columns] = np.log([0.98, 0.01, 0.01])  # one row leans to the first mode of the first axis
    class_log_p = log_softmax(np.zeros((2, 9)))
    found = np.exp(log_softmax(agreement.class_log_p(class_log_p, flat, heads)))
    assert found[0, :8] == pytest.approx(np.full(8, found[0, 0]))
    black, red, yellow = (rainbow.class_names.index(name) for name in ("Black", "Red", "Yellow"))
    assert found[1, red] > found[1, black] > found[1, yellow]
    assert (found[:, 8] < 0.01).all()


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
