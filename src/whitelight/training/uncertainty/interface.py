"""What a classifier that doubts must say, and how doubt divides into two kinds; the same for every method.

*Total* doubt is the entropy of the class probabilities. What a method says several times (networks of an ensemble, passes
with dropout) divides it: the mean entropy of the sayings is *aleatoric*, a question music itself leaves open; what is
left, their mutual information with the class, is *epistemic*, a question more songs would answer (Depeweg et al. 2018).
All in nats.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, log_softmax
from whitelight.training.models import Examples, Float32

SMALLEST_PROBABILITY = 1e-12


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Class probabilities of n rows and how much they are doubted.

    Attributes
    ----------
    probabilities : (n, n_classes), rows sum to 1.
    total, aleatoric, epistemic : (n,), nats, at least 0; the first is the sum of the others.
    novelty : (n,), how unlike the training rows a row is, by what the method knows of that; larger is farther. A method's
        own unit: for comparing rows, not methods.
    """

    probabilities: Array
    total: Array
    aleatoric: Array
    epistemic: Array
    novelty: Array

    @property
    def doubts(self) -> dict[str, Array]:
        """Every kind of doubt by name, (n,) each."""
        return {name: getattr(self, name) for name in ("total", "aleatoric", "epistemic", "novelty")}


class Doubt(Protocol):
    """A trained classifier that says how sure it is."""

    def predict(self, features: Float32) -> Uncertainty:
        """Judge rows, (n, dim); a row gets the same answer alone and among others, but for rounding."""
        ...


class UncertaintyMethod(Protocol):
    """A way to train one."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> Doubt:
        """Learn the class head (the first of `examples.head_sizes`).

        Parameters
        ----------
        groups : (n,) source song of every example; whatever is held out inside is held out by song.
        """
        ...


def entropy(probabilities: Array) -> Array:
    """Return the entropy along the last axis, nats."""
    return np.asarray(-(probabilities * np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))).sum(axis=-1))


def softmax(logits: Array) -> Array:
    """Return probabilities along the last axis."""
    return np.asarray(np.exp(log_softmax(logits)))


def decomposed(samples: Array) -> Uncertainty:
    """Divide the doubt of several sayings about the same rows; novelty is how much they disagree.

    Parameters
    ----------
    samples : (n_samples, n, n_classes), probabilities.
    """
    mean = samples.mean(axis=0)
    total, aleatoric = entropy(mean), entropy(samples).mean(axis=0)
    epistemic = np.maximum(total - aleatoric, 0.0)  # at least 0 but for rounding: entropy is concave
    return Uncertainty(mean, total, total - epistemic, epistemic, epistemic)
