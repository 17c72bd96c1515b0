"""Losses: cross-entropy by default, focal when asked, targets softened toward neighbors in the ontology."""

import numpy as np
import pytest
import torch

from whitelight.ontology import Ontology
from whitelight.scoring.heads import class_targets, heads_of
from whitelight.training.losses import head_losses, soft_targets
from whitelight.training.settings import LossSettings

LOGITS = torch.tensor([[4.0, 0.0, 1.0, -1.0], [0.0, 0.5, 1.0, 0.0]])
TARGETS = torch.tensor([[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
WEIGHTS = torch.tensor([[0.5, 0.5], [0.5, 0.0]])


def loss(**how: float) -> float:
    return float(head_losses(LOGITS, TARGETS, WEIGHTS, (2, 2), LossSettings(**how)))


def test_it_is_cross_entropy_per_head_and_masked_heads_are_silent() -> None:
    p = [torch.softmax(LOGITS[:, :2], 1), torch.softmax(LOGITS[:, 2:], 1)]
    wanted = -0.5 * torch.log(p[0][0, 0]) - 0.5 * torch.log(p[0][1, 0]) - 0.5 * torch.log(p[1][0, 0])
    assert loss() == pytest.approx(float(wanted), rel=1e-5)
    assert loss(axis_weight=0.0) == pytest.approx(float(wanted + 0.5 * torch.log(p[1][0, 0])), rel=1e-5)


def test_focal_loss_counts_rows_that_are_right_less() -> None:
    p = torch.softmax(LOGITS[:, :2], 1)[:, 0]
    wanted = -(0.5 * (1 - p) ** 2 * torch.log(p)).sum()
    assert loss(focal_gamma=2.0, axis_weight=0.0) == pytest.approx(float(wanted), rel=1e-5)


def test_smoothing_moves_a_share_to_the_classes_that_share_modes(rainbow: Ontology) -> None:
    heads = heads_of(rainbow)
    hard, known = class_targets(rainbow, heads)
    soft, same = soft_targets(rainbow, heads, 0.2)
    assert (same == known).all()
    for position, head in enumerate(heads):
        assert soft[:, head.columns].sum(axis=1) == pytest.approx(known[:, position].astype(float))
    names = list(rainbow.class_names)
    red, orange, violet, black = (names.index(name) for name in ("Red", "Orange", "Violet", "Black"))
    assert soft[red, red] == pytest.approx(0.8)
    assert soft[red, orange] > soft[red, violet] > 0  # two modes in common, one mode in common
    assert soft[black, red] == pytest.approx(0.2 / (len(names) - 1))  # no modes: all others alike
    assert (soft_targets(rainbow, heads, 0.0)[0] == hard).all()
    assert np.allclose(soft[red, heads[1].columns].min(), 0.2 / 3)
