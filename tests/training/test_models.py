from dataclasses import replace

import numpy as np
import pytest
import torch

from whitelight.training.models import Changes, Examples, ExpertWeights, deterministic, fit_expert, predict
from whitelight.training.settings import ExpertSettings, FusionSettings, SettingsError

SMALL = ExpertSettings(network_steps=200, width=16, input_dropout=0.2)


def examples(seed: int = 0, n: int = 200) -> Examples:
    """Two heads of 3 and 2 labels; the second is masked in a third of the rows."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 10)).astype(np.float32)
    label = features[:, :3].argmax(axis=1)
    second = (features[:, 3] > 0).astype(int)
    known = np.arange(n) % 3 > 0
    targets = np.concatenate([np.eye(3)[label], np.eye(2)[second] * known[:, None]], axis=1).astype(np.float32)
    weights = np.stack([np.ones(n) / n, known / known.sum()], axis=1).astype(np.float32)
    return Examples(features, targets, weights, (3, 2))


def test_both_heads_learn_and_the_same_seed_gives_the_same_bits() -> None:
    data = examples()
    first, second = (fit_expert(data, SMALL, seed=3) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first.arrays("").values(), second.arrays("").values(), strict=True))
    logits = predict(first, data.features)
    assert (logits[:, :3].argmax(axis=1) == data.features[:, :3].argmax(axis=1)).mean() > 0.8
    known = data.weights[:, 1] > 0
    assert (logits[known, 3:].argmax(axis=1) == (data.features[known, 3] > 0)).mean() > 0.8
    other = fit_expert(data, SMALL, seed=4)
    assert first.weight is None  # networks or a linear model, not both
    assert first.hidden_weight is not None
    assert other.hidden_weight is not None
    assert (first.hidden_weight != other.hidden_weight).any()


def test_a_masked_row_does_not_touch_its_head() -> None:
    data = examples()
    masked = data.weights[:, 1] == 0
    changed = data.targets.copy()
    changed[masked, 3:] = [0.9, 0.1]
    linear = ExpertSettings(n_networks=0)
    same = fit_expert(Examples(data.features, changed, data.weights, data.head_sizes), linear, seed=0)
    assert (same.weight[:, 3:] == fit_expert(data, linear, seed=0).weight[:, 3:]).all()


def test_more_penalty_means_smaller_weights() -> None:
    norms = [
        np.abs(fit_expert(examples(), ExpertSettings(n_networks=0, linear_l2=l2), seed=0).weight).sum()
        for l2 in (0.01, 0.3, 10.0)
    ]
    assert norms[0] > norms[1] > norms[2]


def test_a_label_that_never_occurs_becomes_improbable_and_stays_finite() -> None:
    data = examples()
    targets = np.insert(data.targets, 3, 0.0, axis=1)
    found = fit_expert(Examples(data.features, targets, data.weights, (4, 2)), SMALL, seed=0)
    logits = predict(found, data.features)
    assert np.isfinite(logits).all()
    assert (logits[:, 3] < logits[:, :3].max(axis=1) - 2).all()


def test_weights_survive_a_round_trip_and_torch_settings_are_restored() -> None:
    before = (torch.get_num_threads(), torch.random.get_rng_state())
    found = fit_expert(examples(), SMALL, seed=0)
    again = ExpertWeights.from_arrays(found.arrays("midi."), "midi.")
    assert (predict(again, examples().features) == predict(found, examples().features)).all()
    assert before[0] == torch.get_num_threads()
    assert (before[1] == torch.random.get_rng_state()).all()
    with deterministic(0):
        assert torch.get_num_threads() == 1


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="linear_l2 is 0"):
        ExpertSettings(linear_l2=0)
    with pytest.raises(SettingsError, match="n_networks is -1"):
        ExpertSettings(n_networks=-1)
    with pytest.raises(SettingsError, match="input_dropout is 1"):
        ExpertSettings(input_dropout=1)
    with pytest.raises(SettingsError, match="change_reach is -1"):
        ExpertSettings(change_reach=-1)
    with pytest.raises(SettingsError, match="n_folds is 1"):
        FusionSettings(n_folds=1)
    with pytest.raises(SettingsError, match=r"velocity_free_share is 1\.5"):
        FusionSettings(velocity_free_share=1.5)


def test_rows_change_by_what_their_own_group_may_change() -> None:
    differences = np.array([[1, 0], [0, 4], [2, 0]], np.float32)
    changes = Changes.of(differences, np.array([0, 1, 0]), np.array([0, 1, 2, 0]), reach=1.5)
    torch.manual_seed(0)
    found = changes.draw(torch.arange(4).repeat(500)).reshape(500, 4, 2)
    assert (found[:, [0, 3], 1] == 0).all()  # group 0 changes the first number, by 2 at most, and half as much again
    assert 2 < found[:, 0, 0].abs().max() <= 3
    assert (found[:, 1, 0] == 0).all()
    assert found[:, 1, 1].min() < -3 < 3 < found[:, 1, 1].max()
    assert (found[:, 2] == 0).all()  # nothing is known of group 2


def test_what_may_change_moves_a_prediction_less() -> None:
    data = examples()
    shift = np.zeros((1, 10), np.float32)
    shift[0, :2] = 1.0  # both of these inputs matter, their common rise does not
    group = np.zeros(len(data.features), np.int64)
    taught = replace(data, changes=Changes.of(3 * shift, np.array([0]), group, reach=1.5))
    moved = []
    for given in (data, taught):
        found = fit_expert(given, SMALL, seed=0)
        before, after = predict(found, data.features), predict(found, data.features + shift)
        moved.append(np.abs(after[:, :3] - before[:, :3]).mean())
    assert moved[1] < 0.6 * moved[0]
