"""The joint networks: they learn, hear what is missing as missing, and leave modalities out as told."""

import numpy as np
import pytest
import torch

from whitelight.training.joint import JointWeights, predict_joint
from whitelight.training.joint_fit import JointExamples, fit_joint, leave_out
from whitelight.training.models import Examples
from whitelight.training.settings import JOINT_STRATEGIES, FusionSettings, JointSettings, LossSettings, SettingsError

SMALL = JointSettings(n_networks=2, width=16, n_tokens=2, steps=150, batch_size=64, input_dropout=0.1)
N = 240


def material(seed: int = 0) -> JointExamples:
    """Three classes: the first modality tells 0 from the rest, the second 1 from the rest; a fifth of each is missing."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, N)
    first, second = rng.normal(size=(N, 6)), rng.normal(size=(N, 4)) * 50 + 900
    first[:, 0] += 3.0 * (label == 0)
    second[:, 1] += 200.0 * (label == 1)
    present = rng.random((N, 2)) < 0.8
    present[~present.any(axis=1), 0] = True
    targets = np.eye(3, dtype=np.float32)[label]
    examples = Examples(np.zeros((N, 0), np.float32), targets, np.full((N, 1), 1 / N, np.float32), (3,))
    vectors = {"midi": (first * present[:, :1]), "audio": second * present[:, 1:]}
    floats = {name: values.astype(np.float32) for name, values in vectors.items()}
    return JointExamples(floats, present, frozenset({"midi"}), frozenset(), {"midi": np.zeros(6, bool)}, examples)


def right(weights: JointWeights, rows: JointExamples, present: np.ndarray) -> float:
    found = predict_joint(weights, list(rows.vectors.values()), present)
    return float((found.argmax(axis=1) == rows.examples.targets.argmax(axis=1)).mean())


@pytest.mark.parametrize("strategy", JOINT_STRATEGIES)
def test_it_learns_from_both_and_more_from_two_than_from_one(strategy: str) -> None:
    rows = material()
    weights = fit_joint(rows, strategy, SMALL, loss=LossSettings(), seed=0)
    fresh = material(1)
    both, one = np.ones((N, 2), bool), np.tile([True, False], (N, 1))
    whole = {**fresh.vectors}
    assert right(weights, fresh, fresh.present) > 0.6
    assert right(weights, fresh, fresh.present) > right(weights, fresh, one & fresh.present) + 0.05
    # what is missing has no say, whatever stands in its place
    garbage = {**whole, "audio": whole["audio"] + 1e5}
    alone = [predict_joint(weights, list(v.values()), one) for v in (whole, garbage)]
    assert (alone[0] == alone[1]).all()
    assert np.isfinite(predict_joint(weights, list(whole.values()), ~both)).all()  # nothing at all: the learned null
    again = fit_joint(rows, strategy, SMALL, loss=LossSettings(), seed=0)
    assert all((again.arrays[k] == v).all() for k, v in weights.arrays.items())
    stored = JointWeights.from_arrays(weights.to_arrays("joint."), "joint.")
    assert (
        predict_joint(stored, list(whole.values()), both) == predict_joint(weights, list(whole.values()), both)
    ).all()


def test_modalities_are_left_out_by_their_chance_and_never_all_of_them() -> None:
    torch.manual_seed(0)
    present = torch.tensor([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]).repeat(4000, 1)
    stays = leave_out(present, torch.tensor([0.9, 0.5, 0.1]))
    assert (stays <= present).all()
    assert (stays.sum(dim=1) > 0).all()
    assert (stays[1::2] == present[1::2]).all()  # the only one a row has
    share = stays[::2].mean(dim=0)
    assert share[0] > 0.88
    assert 0.45 < share[1] < 0.58
    assert share[2] < 0.15


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="fusion is 'glue'; expected one of late, early, gated, attention"):
        FusionSettings(fusion="glue")
    with pytest.raises(SettingsError, match="width is 10; expected a multiple of n_tokens, 4"):
        JointSettings(width=10)
    with pytest.raises(SettingsError, match="modality_dropout is 1"):
        JointSettings(modality_dropout=1)
    with pytest.raises(SettingsError, match="focal_gamma is -1"):
        LossSettings(focal_gamma=-1)
    with pytest.raises(SettingsError, match="class_weight is 0"):
        LossSettings(class_weight=0)
