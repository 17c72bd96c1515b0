"""Small networks with one hidden layer, trained side by side: the loop of the recipe, and of what is measured against it.

Which rows a step sees and what is punished are given, so that what is tried differs from the recipe in the one thing that
was changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whitelight.training.losses import head_losses
from whitelight.training.settings import ExpertSettings, LossSettings

if TYPE_CHECKING:
    from whitelight.training.models import Examples


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one step: features (b, dim), targets (b, n_columns), known (b, n_heads) with 0 where a head is masked."""

    features: Tensor
    targets: Tensor
    known: Tensor


Draw = Callable[[int], Batch]  # step, from 0 → its rows
Loss = Callable[[Tensor, Batch, int], Tensor]  # logits (n_networks, b, n_columns), rows, step → mean over networks


def rows_by_weight(examples: "Examples", batch_size: int) -> Draw:
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


def network_logits(parameters: list[Tensor], features: Tensor) -> Tensor:
    """Logits of every network, (n_networks, n, n_columns)."""
    hidden_weight, hidden_bias, out_weight, out_bias = parameters
    hidden = torch.relu(torch.matmul(features, hidden_weight) + hidden_bias)  # (n_networks, n, width)
    return torch.matmul(hidden, out_weight) + out_bias


def fit_networks(
    draw: Draw, loss: Loss, settings: ExpertSettings, *, dim: int, start_bias: Tensor
) -> tuple[NDArray[np.float32], ...]:
    """Train `settings.n_networks` networks with Adam, a fixed number of steps; the caller sets torch's seed.

    Parameters
    ----------
    start_bias : (n_columns,), where the last biases begin.

    Returns
    -------
    weight and bias of the hidden layer, weight and bias of the last, as in `ExpertWeights`.
    """
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
        punished = n * loss(network_logits(parameters, seen), batch, step)  # each network has a loss of its own
        size = parameters[0].square().sum() + parameters[2].square().sum()
        optimizer.zero_grad()
        (punished + 0.5 * settings.network_l2 * size).backward()
        optimizer.step()
        schedule.step()
    return tuple(p.detach().numpy() for p in parameters)
