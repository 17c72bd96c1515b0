"""The experts' networks trained with another loss or another choice of rows, and what each of them says by itself.

`train_networks` with `rows_by_weight` and the usual loss gives the same weights as `models.fit_expert`, bit for bit, so that what is measured
against the recipe differs from it in the one thing that was changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whitelight.scoring.heads import Array
from whitelight.scoring.scaling import CLIP
from whitelight.training.losses import head_losses
from whitelight.training.models import Examples, ExpertWeights, Float32, deterministic
from whitelight.training.settings import ExpertSettings, LossSettings


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one step: features (b, dim), targets (b, n_columns), known (b, n_heads) with 0 where a head is masked."""

    features: Tensor
    targets: Tensor
    known: Tensor


Draw = Callable[[int], Batch]  # step, from 0 → its rows
Loss = Callable[[Tensor, Batch, int], Tensor]  # logits (n_networks, b, n_columns), rows, step → mean over networks


def rows_by_weight(examples: Examples, batch_size: int) -> Draw:
    """Draw rows with the chance of their weight, changed as `examples.changes` allows."""
    features, targets = torch.tensor(examples.features), torch.tensor(examples.targets)
    known = torch.tensor((examples.weights > 0).astype(np.float32))
    chance = torch.tensor(examples.weights.max(axis=1))

    def draw(step: int) -> Batch:  # noqa: ARG001  every step is alike
        rows = torch.multinomial(chance, batch_size, replacement=True)
        taken = features[rows] if examples.changes is None else features[rows] + examples.changes.draw(rows)
        return Batch(taken, targets[rows], known[rows])

    return draw


def usual_loss(head_sizes: tuple[int, ...], how: LossSettings) -> Loss:
    """Return the loss of the recipe: cross-entropy per head."""

    def loss(logits: Tensor, batch: Batch, step: int) -> Tensor:  # noqa: ARG001  every step is alike
        return head_losses(logits, batch.targets, batch.known / len(batch.known), head_sizes, how)

    return loss


def train_networks(
    draw: Draw, loss: Loss, settings: ExpertSettings, *, dim: int, start_bias: Tensor, seed: int
) -> ExpertWeights:
    """Train `settings.n_networks` networks with one hidden layer side by side, as `models.fit_expert` does.

    Parameters
    ----------
    start_bias : (n_columns,), where the last biases begin.
    """
    with deterministic(seed):
        n, width = settings.n_networks, settings.width
        parameters = [
            torch.randn(n, dim, width) / dim**0.5,
            torch.zeros(n, 1, width),
            torch.randn(n, width, len(start_bias)) / width**0.5,
            start_bias.repeat(n, 1, 1),
        ]
        for parameter in parameters:
            parameter.requires_grad_()
        optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.network_steps)
        for step in range(settings.network_steps):
            batch = draw(step)
            seen = torch.nn.functional.dropout(batch.features, settings.input_dropout)
            hidden = torch.relu(torch.matmul(seen, parameters[0]) + parameters[1])
            punished = n * loss(torch.matmul(hidden, parameters[2]) + parameters[3], batch, step)
            size = parameters[0].square().sum() + parameters[2].square().sum()
            optimizer.zero_grad()
            (punished + 0.5 * settings.network_l2 * size).backward()
            optimizer.step()
            schedule.step()
        return ExpertWeights(None, None, *(p.detach().numpy() for p in parameters))


def member_logits(weights: ExpertWeights, features: Float32) -> Array:
    """Return what every network says by itself, (n_networks, n, n_columns)."""
    stored = weights.arrays("")
    if "input_mean" in stored:
        features = np.clip((features - stored["input_mean"]) / stored["input_scale"], -CLIP, CLIP)
    hidden = np.maximum(features @ stored["hidden_weight"] + stored["hidden_bias"], 0.0)  # (n_networks, n, width)
    return np.asarray(hidden @ stored["out_weight"] + stored["out_bias"], dtype=np.float64)
