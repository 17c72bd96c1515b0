"""Training the networks of `joint`: random batches, modalities left out at random, everything else as the experts.

Any modality of a row is left out with a chance of its own, the concept more often than not: it is constant within a
song and usually names the class outright, so a network that always had it would listen to nothing else. One modality at
least is always kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whitelight.training.joint import (
    Float32,
    JointWeights,
    Sizes,
    by_modality,
    is_penalized,
    joint_logits,
    standardized,
    start,
)
from whitelight.training.losses import head_losses
from whitelight.training.models import Examples, deterministic, label_log_share, moments
from whitelight.training.settings import JointSettings, LossSettings


@dataclass(frozen=True, slots=True)
class JointExamples:
    """Rows to learn from.

    Attributes
    ----------
    vectors : modality → (n, dim), zeros where absent. present : (n, n_modalities), in the order of `vectors`.
    scaled : modalities that are standardized already. alike : those whose columns share one spread, as in embeddings,
        where a column that hardly varies says little.
    blinded : modality → columns derived from velocity, hidden from a share of the rows.
    examples : targets and weights; its features are not used.
    """

    vectors: Mapping[str, Float32]
    present: NDArray[np.bool_]
    scaled: frozenset[str]
    alike: frozenset[str]
    blinded: Mapping[str, NDArray[np.bool_]]
    examples: Examples


def fit_joint(
    rows: JointExamples, strategy: str, settings: JointSettings, *, loss: LossSettings, seed: int
) -> JointWeights:
    """Fit an ensemble with Adam; a fixed number of steps."""
    modalities, examples = tuple(rows.vectors), rows.examples
    scaling = _scaling(rows)
    constants = {name: torch.from_numpy(values) for name, values in scaling.items()}
    vectors = standardized(constants, modalities, [torch.tensor(rows.vectors[m]) for m in modalities])
    present, targets = torch.tensor(rows.present.astype(np.float32)), torch.tensor(examples.targets)
    known, chance = torch.tensor((examples.weights > 0).astype(np.float32)), torch.tensor(examples.weights.max(axis=1))
    keep = 1.0 - torch.tensor([settings.dropout_of(m) for m in modalities])
    sizes = Sizes({m: rows.vectors[m].shape[1] for m in modalities}, examples.head_sizes)
    with deterministic(seed):
        parameters = start(strategy, sizes, settings)
        parameters["out_bias"] = label_log_share(examples).repeat(settings.n_networks, 1, 1)
        for parameter in parameters.values():
            parameter.requires_grad_()
        optimizer = torch.optim.Adam(list(parameters.values()), lr=settings.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
        for _ in range(settings.steps):
            chosen = torch.multinomial(chance, settings.batch_size, replacement=True)
            seen = [_hidden(v[chosen], rows.blinded.get(m), settings) for m, v in zip(modalities, vectors, strict=True)]
            flags = leave_out(present[chosen], keep)
            named = by_modality(modalities, seen, flags)
            logits = joint_logits(strategy, parameters, named, examples.head_sizes)
            total = head_losses(logits, targets[chosen], known[chosen] / settings.batch_size, examples.head_sizes, loss)
            penalty = sum(p.square().sum() for name, p in parameters.items() if is_penalized(name))
            optimizer.zero_grad()
            whole = settings.n_networks * total + 0.5 * settings.l2 * penalty
            whole.backward()  # type: ignore[no-untyped-call]  # torch 2.13 does not annotate it
            optimizer.step()
            schedule.step()
    arrays = {name: p.detach().numpy() for name, p in parameters.items()}
    return JointWeights(strategy, modalities, examples.head_sizes, {**arrays, **scaling})


def leave_out(present: Tensor, keep: Tensor) -> Tensor:
    """Leave out modalities of each row at random; of a row that would lose all, the one that was nearest to staying.

    Parameters
    ----------
    present : (n, n_modalities), 1 or 0. keep : (n_modalities,), chance to stay.
    """
    drawn = keep - torch.rand(present.shape)  # above 0: stays
    stays = present * (drawn > 0)
    last = torch.nn.functional.one_hot(torch.where(present > 0, drawn, -2.0).argmax(dim=1), present.shape[1])
    empty = stays.sum(dim=1, keepdim=True) == 0
    return torch.where(empty, present * last, stays)


def _hidden(vectors: Tensor, blinded: NDArray[np.bool_] | None, settings: JointSettings) -> Tensor:
    """Hide inputs at random; of a share of the rows, those derived from velocity."""
    seen = torch.nn.functional.dropout(vectors, settings.input_dropout)
    if blinded is None or not blinded.any():
        return seen
    blind = torch.rand(len(vectors), 1) < settings.velocity_free_share
    return torch.where(blind & torch.from_numpy(blinded), torch.zeros(()), seen)


def _scaling(rows: JointExamples) -> dict[str, Float32]:
    """Return mean and spread per modality, over the rows that have it."""
    weights = rows.examples.weights.max(axis=1)
    found = {}
    for place, (name, vectors) in enumerate(rows.vectors.items()):
        used = rows.present[:, place] & (weights > 0)
        if name in rows.scaled or not used.any():
            found[f"mean_{name}"] = np.zeros(vectors.shape[1], np.float32)
            found[f"scale_{name}"] = np.ones(vectors.shape[1], np.float32)
        else:
            found[f"mean_{name}"], found[f"scale_{name}"] = moments(vectors[used], weights[used])
            if name in rows.alike:
                usual = found[f"scale_{name}"][np.isfinite(found[f"scale_{name}"])]
                found[f"scale_{name}"][:] = np.sqrt(np.mean(usual**2)) if len(usual) else np.inf
    return found
