"""From probabilities to fitness and match.

Fitness is a log-likelihood ratio: how much better the target explains the music than the rest does. With posterior
p, prior π and target weights q over the labels of one head, support S = {q > 0} and rest R = the heard labels not in S:

    fitness = Σ_S q · ln(p / π)  −  ln( Σ_R p / Σ_R π )

For one label this is ln P(x | label) / P(x | any other) by Bayes. For a mixture the first term is largest when p is
spread over S as q asks, so music between two classes beats music that is purely one of them. A target on axes adds
the terms of its axes, weighted by `axis_weights`. An axis the target does not claim takes no part.

Match is the share of reference fitness values (held-out segments of the target's own class, same view) that lie
lower, as a smooth, strictly increasing function: a mean of steps with heavy tails (distribution function of Student's t
with two degrees of freedom), so that candidates far beyond both ends still differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.ontology import Target
from whitelight.scoring.heads import Array, Head, row_product

QUARTILES = 1.349 / 1.633  # a step's scale per width: Student's t(2) then has the quartiles of a normal of that width
MIN_SMOOTHING = 0.25  # nats; a reference of equal values still gives a slope
TAIL_SHARE = 0.5  # smoothing as a share of the spread of the reference, at least; keeps far candidates apart


class UnheardTargetError(WhitelightError):
    """The scorer has never heard anything of what is asked for."""


def label_fitness(log_p: Array, prior: Array, weights: Array) -> Array:
    """Return the fitness of each row for weights over the labels of one head.

    Parameters
    ----------
    log_p : (n, n_labels), log-probabilities.
    prior : (n_labels,), sums to 1; 0 for a label never heard.
    weights : (n_labels,), sums to 1; positive only where the prior is.

    Returns
    -------
    (n,), natural log units.
    """
    support = weights > 0
    rest = ~support & (prior > 0)
    gain = row_product(log_p[:, support] - np.log(prior[support]), weights[support])
    if not rest.any():
        return np.asarray(gain)
    return np.asarray(gain - (_log_sum(log_p[:, rest]) - np.log(prior[rest].sum())))


def target_fitness(log_p: Array, prior: Array, heads: Sequence[Head], target: Target) -> Array:
    """Return the fitness of each row, (n,); `log_p` is (n, n_columns) and `prior` (n_columns,).

    Raises
    ------
    UnheardTargetError : the target names a label no training song had.
    """
    by_name = {head.name: head for head in heads}
    if target.names_classes:
        parts = [(heads[0], target.class_weights, 1.0)]
    else:
        parts = [(by_name[f"axis_{a}"], values, target.axis_weights[a]) for a, values in target.axes.items()]
    total = np.zeros(len(log_p))
    for head, weights, share in parts:
        _refuse_unheard(head, prior[head.columns], weights)
        total += share * label_fitness(log_p[:, head.columns], prior[head.columns], np.asarray(weights))
    return total


def _refuse_unheard(head: Head, prior: Array, weights: Array) -> None:
    unheard = [head.labels[i] for i in np.flatnonzero((np.asarray(weights) > 0) & (prior <= 0))]
    if unheard:
        heard = ", ".join(label for label, p in zip(head.labels, prior, strict=True) if p > 0)
        raise UnheardTargetError(
            f"target '{', '.join(unheard)}': no training song of {head.name.removeprefix('axis_')} had it; "
            f"this scorer knows {heard}; aim at one of these or train with songs of it"
        )


def _log_sum(log_p: Array) -> Array:
    log_p = np.ascontiguousarray(log_p)  # as chosen columns lie, numpy would add one row in another order than many
    top = log_p.max(axis=1)
    return np.asarray(top + np.log(np.exp(log_p - top[:, None]).sum(axis=1)))


@dataclass(frozen=True, slots=True)
class SmoothRank:
    """A smooth cumulative distribution of reference values.

    Attributes
    ----------
    values : (n,), weights : (n,) sums to 1, scale : of each step, same unit as the values.
    """

    values: Array
    weights: Array
    scale: float

    @classmethod
    def of(cls, values: Array, weights: Array) -> "SmoothRank":
        """Choose the smoothing from the spread of the reference (Silverman 1986, eq. 3.31, or `TAIL_SHARE`)."""
        if len(values) == 0:
            return cls(np.zeros(1), np.ones(1), 1.0)
        weights = weights / weights.sum()
        mean = float(weights @ values)
        spread = float(np.sqrt(weights @ (values - mean) ** 2))
        n_effective = 1.0 / float(weights @ weights)
        width = max(0.9 * spread * n_effective**-0.2, TAIL_SHARE * spread, MIN_SMOOTHING)
        return cls(values, weights, width * QUARTILES)

    def rank(self, x: Array) -> Array:
        """Return the smoothed share of the reference below each of `x`, in (0, 1)."""
        steps = (np.asarray(x)[:, None] - self.values[None, :]) / self.scale
        share = 0.5 + 0.5 * steps / np.sqrt(2.0 + steps**2)
        return np.clip(row_product(share, self.weights), 0.0, 1.0)  # the weights sum to 1 up to rounding


@dataclass(frozen=True, slots=True)
class Reference:
    """Held-out log-probabilities of the catalog's own segments, to rank candidates among.

    Attributes
    ----------
    log_p : (n, n_columns) of one velocity setting; view : (n,) view index; label : (n,) class index;
    weight : (n,), songs count equally.
    """

    log_p: Array
    view: NDArray[np.int64]
    label: NDArray[np.int64]
    weight: Array

    def chosen(self, affinity: Array, view: int, minimum: int) -> tuple[NDArray[np.int64], Array]:
        """Return rows and weights that stand for a target.

        Parameters
        ----------
        affinity : (n_classes,), how much each class belongs to the target.
        minimum : fewest rows wanted; with fewer in this view, all views count, then every class.
        """
        weight = self.weight * affinity[self.label]
        for chosen in ((self.view == view) & (weight > 0), weight > 0):
            if chosen.sum() >= minimum:
                return np.flatnonzero(chosen), weight[chosen]
        return np.arange(len(self.label)), self.weight


def class_affinity(target: Target, class_targets: Array, known: NDArray[np.bool_], heads: Sequence[Head]) -> Array:
    """Return how much each class belongs to a target, (n_classes,): its weight, or its share of the target's modes."""
    if target.names_classes:
        return np.asarray(target.class_weights, dtype=np.float64)
    affinity = np.ones(len(class_targets))
    for position, head in enumerate(heads):
        wanted = target.axes.get(head.name.removeprefix("axis_")) if position else None
        if wanted is not None:
            affinity *= np.where(known[:, position], class_targets[:, head.columns] @ wanted, 0.0)
    return affinity
