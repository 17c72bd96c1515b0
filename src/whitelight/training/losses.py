"""What a network is punished for: weighted cross-entropy per head, focal if asked, against soft targets.

Targets and row weights come from the ontology: a head a class says nothing about has weight 0. `soft_targets` moves a
share of a class's own target to its neighbors, which are the classes that share modes with it.
"""

import numpy as np
import torch
from torch import Tensor

from whitelight.ontology import Ontology
from whitelight.scoring.heads import Array, Head, class_targets
from whitelight.training.settings import LossSettings


def head_losses(
    logits: Tensor, targets: Tensor, weights: Tensor, head_sizes: tuple[int, ...], how: LossSettings
) -> Tensor:
    """Return the loss of a batch, a scalar: the mean over networks of the weighted sum over rows and heads.

    Parameters
    ----------
    logits : (..., n, n_columns), leading axes are networks. targets : (n, n_columns). weights : (n, n_heads).

    Notes
    -----
    Focal loss (Lin et al. 2017) for soft targets: cross-entropy times (1 − Σ target · p) ** gamma.
    """
    total = torch.zeros(())
    sizes = list(head_sizes)
    blocks = zip(torch.split(logits, sizes, dim=-1), torch.split(targets, sizes, dim=-1), strict=True)
    for head, (scores, wanted) in enumerate(blocks):
        log_p = scores.log_softmax(dim=-1)
        surprise = -(wanted * log_p).sum(dim=-1)  # (..., n)
        if how.focal_gamma:
            surprise = surprise * (1.0 - (wanted * log_p.exp()).sum(dim=-1)).clamp(min=0.0) ** how.focal_gamma
        share = how.class_weight if head == 0 else how.axis_weight
        total = total + share * (weights[:, head] * surprise).sum(dim=-1).mean()
    return total


def soft_targets(ontology: Ontology, heads: tuple[Head, ...], smoothing: float) -> tuple[Array, np.ndarray]:
    """Return `class_targets`, a share of which is moved to the neighbors.

    Returns
    -------
    targets : (n_classes, n_columns). On an axis the share goes to all its modes; in the class head to the classes that
        have modes in common, by how many axes, and to all others alike where a class has no neighbor.
    known : (n_classes, n_heads) bool, as `class_targets`.
    """
    targets, known = class_targets(ontology, heads)
    if not smoothing:
        return targets, known
    near = _neighbors(targets, heads)
    soft = targets.copy()
    soft[:, heads[0].columns] = (1.0 - smoothing) * targets[:, heads[0].columns] + smoothing * near
    for head in heads[1:]:
        block = targets[:, head.columns]
        soft[:, head.columns] = (1.0 - smoothing) * block + smoothing * block.sum(axis=1, keepdims=True) / len(
            head.labels
        )
    return soft, known


def _neighbors(targets: Array, heads: tuple[Head, ...]) -> Array:
    """Return how the moved share of every class is dealt to the others, (n_classes, n_classes); rows sum to 1."""
    n_classes = len(targets)
    common = np.zeros((n_classes, n_classes))
    for head in heads[1:]:
        common += targets[:, head.columns] @ targets[:, head.columns].T
    np.fill_diagonal(common, 0.0)
    others = 1.0 - np.eye(n_classes)
    common = np.where(common.sum(axis=1, keepdims=True) > 0, common, others)
    return np.asarray(common / np.maximum(common.sum(axis=1, keepdims=True), 1e-12))
