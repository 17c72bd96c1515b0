"""Networks that say how much evidence they have for each class: a Dirichlet distribution over class probabilities.

Sensoy, Kaplan & Kandemir 2018: evidence e ≥ 0 per class, α = e + 1, S = Σ α, expected probabilities α / S, and *vacuity*
K / S: 1 where there is no evidence at all. Punished are the expected squared error (their equation 5) and, ever more in the
first half of the training, the divergence of misleading evidence from none. No sampling: one pass says everything.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import digamma
from torch import Tensor

from whitelight.training.models import Examples, ExpertWeights, Float32
from whitelight.training.settings import ExpertSettings, SettingsError
from whitelight.training.small_networks import Batch, rows_by_weight
from whitelight.training.uncertainty.interface import Uncertainty, entropy
from whitelight.training.uncertainty.small_networks import member_logits, train_networks


@dataclass(frozen=True, slots=True)
class DirichletHead:
    """Networks whose outputs are evidence; that of several is averaged."""

    weights: ExpertWeights

    def predict(self, features: Float32) -> Uncertainty:
        """Return expected probabilities; novelty is vacuity."""
        evidence = np.logaddexp(0.0, member_logits(self.weights, features)).mean(axis=0)
        return dirichlet_uncertainty(evidence + 1.0)


def dirichlet_uncertainty(alpha: NDArray[np.float64]) -> Uncertainty:
    """Divide the doubt of Dirichlet distributions, (n, n_classes), each parameter above 0.

    Aleatoric is the expected entropy of probabilities drawn from them (Malinin & Gales 2018, equation 19).
    """
    strength = alpha.sum(axis=1)
    mean = alpha / strength[:, None]
    total = entropy(mean)
    drawn = -(mean * (digamma(alpha + 1.0) - digamma(strength + 1.0)[:, None])).sum(axis=1)
    epistemic = np.maximum(total - drawn, 0.0)
    return Uncertainty(mean, total, total - epistemic, epistemic, alpha.shape[1] / strength)


@dataclass(frozen=True, slots=True)
class Evidential:
    """The recipe's networks with a Dirichlet head; class head alone.

    Attributes
    ----------
    kl_weight : of misleading evidence once it is punished in full, at least 0.
    annealing : share of the steps after which it is, in (0, 1].
    """

    settings: ExpertSettings = field(default_factory=ExpertSettings)
    kl_weight: float = 1.0
    annealing: float = 0.5
    name: str = "evidential"

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if not 0 < self.annealing <= 1:
            raise SettingsError(f"annealing is {self.annealing}; expected more than 0 and at most 1")
        if not 0 <= self.kl_weight < float("inf"):
            raise SettingsError(f"kl_weight is {self.kl_weight}; expected a number of 0 or more")
        if self.settings.n_networks < 1:
            raise SettingsError("n_networks is 0; expected 1 or more, evidence comes from networks")

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> DirichletHead:  # noqa: ARG002  no fold inside
        """Train all networks side by side."""
        n_classes, settings = examples.head_sizes[0], self.settings
        full = self.annealing * settings.network_steps

        def loss(logits: Tensor, batch: Batch, step: int) -> Tensor:
            alpha = torch.nn.functional.softplus(logits) + 1.0
            punished = evidential_loss(alpha, batch.targets[:, :n_classes], self.kl_weight * min(1.0, step / full))
            return (punished * batch.known[:, 0]).sum(dim=-1).mean() / len(batch.known)

        draw = rows_by_weight(examples, settings.batch_size)
        dim = examples.features.shape[1]
        start = torch.zeros(n_classes)
        return DirichletHead(train_networks(draw, loss, settings, dim=dim, start_bias=start, seed=seed))


def evidential_loss(alpha: Tensor, targets: Tensor, kl_weight: float) -> Tensor:
    """Return the loss of every row, (..., n).

    Parameters
    ----------
    alpha : (..., n, n_classes), above 0. targets : (n, n_classes), rows sum to 1.
    """
    strength = alpha.sum(dim=-1, keepdim=True)
    mean = alpha / strength
    error = (targets - mean).square().sum(dim=-1) + (mean * (1.0 - mean) / (strength + 1.0)).sum(dim=-1)
    misleading = targets + (1.0 - targets) * alpha  # the evidence for the right class is left out
    return error + kl_weight * divergence_from_nothing(misleading)


def divergence_from_nothing(alpha: Tensor) -> Tensor:
    """Return the Kullback–Leibler divergence of Dirichlet distributions from the one without evidence, (..., n)."""
    strength = alpha.sum(dim=-1)
    constant = torch.lgamma(strength) - torch.lgamma(alpha).sum(dim=-1) - torch.lgamma(torch.tensor(alpha.shape[-1]))
    spread = torch.digamma(alpha) - torch.digamma(strength)[..., None]
    return constant + ((alpha - 1.0) * spread).sum(dim=-1)
