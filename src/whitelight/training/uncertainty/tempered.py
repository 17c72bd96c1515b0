"""The recipe as it is, behind the interface: networks averaged, one temperature, distance from the training rows.

It says everything once, so it cannot tell the two kinds of doubt apart: all of it counts as aleatoric, and novelty comes
from feature space. `TemperatureScaled` gives any method a temperature fitted on songs it had not heard.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, log_softmax
from whitelight.training.calibration import fit_temperature
from whitelight.training.models import Examples, ExpertWeights, Float32, fit_expert, predict
from whitelight.training.recipe import NoveltyBasis, fit_novelty_basis, novelty_features
from whitelight.training.settings import ExpertSettings, LossSettings
from whitelight.training.splits import ALWAYS_TRAIN, grouped_folds, usable_folds
from whitelight.training.uncertainty.interface import (
    SMALLEST_PROBABILITY,
    Doubt,
    Uncertainty,
    UncertaintyMethod,
    entropy,
    softmax,
)


@dataclass(frozen=True, slots=True)
class PlainDoubt:
    """An expert and the directions in which its training rows vary."""

    weights: ExpertWeights
    basis: NoveltyBasis
    n_classes: int

    def predict(self, features: Float32) -> Uncertainty:
        """Return softmax probabilities; novelty is the distance from the training rows."""
        probabilities = softmax(predict(self.weights, features)[:, : self.n_classes])
        total = entropy(probabilities)
        distance = np.linalg.norm(novelty_features(self.basis, features), axis=1).astype(np.float64)
        return Uncertainty(probabilities, total, total, np.zeros_like(total), distance)


@dataclass(frozen=True, slots=True)
class PlainExpert:
    """The expert of the recipe, without a temperature."""

    settings: ExpertSettings = field(default_factory=ExpertSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    name: str = "recipe"

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> PlainDoubt:  # noqa: ARG002  no fold inside
        """Train the expert and find the main directions of its rows."""
        weights = fit_expert(examples, self.settings, seed=seed, loss=self.loss)
        basis = fit_novelty_basis(examples.features, examples.weights.max(axis=1).astype(np.float64))
        return PlainDoubt(weights, basis, examples.head_sizes[0])


@dataclass(frozen=True, slots=True)
class Tempered:
    """Any doubt, its probabilities sharpened or flattened.

    Attributes
    ----------
    temperature : above 1 flattens.
    """

    doubt: Doubt
    temperature: float

    def predict(self, features: Float32) -> Uncertainty:
        """Return p ** (1 / T), scaled; what the method calls epistemic stays, as far as the total reaches."""
        found = self.doubt.predict(features)
        probabilities = tempered(found.probabilities, self.temperature)
        total = entropy(probabilities)
        epistemic = np.minimum(found.epistemic, total)
        return replace(
            found, probabilities=probabilities, total=total, aleatoric=total - epistemic, epistemic=epistemic
        )


@dataclass(frozen=True, slots=True)
class TemperatureScaled:
    """A method and one temperature, fitted on what its like say of songs they had not heard (Guo et al. 2017).

    Attributes
    ----------
    method : trained once on everything, and once for every fold of songs. n_folds : at least 2.
    """

    method: UncertaintyMethod = field(default_factory=PlainExpert)
    n_folds: int = 5

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.method.name}, one temperature"

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> Tempered:
        """Train on folds of songs for the temperature, then on everything."""
        songs, n_classes = [str(g) for g in groups], examples.head_sizes[0]
        label = examples.targets[:, :n_classes].argmax(axis=1)
        n_folds = usable_folds(songs, label.tolist(), self.n_folds)
        fold = grouped_folds(songs, label.tolist(), n_folds=n_folds, rng=np.random.default_rng(seed))
        log_p = np.zeros((len(songs), n_classes))
        for index in range(n_folds):
            held = fold == index
            if held.any():
                doubt = self.method.fit(some_examples(examples, ~held), np.asarray(groups)[~held], seed=seed)
                log_p[held] = log_of(doubt.predict(examples.features[held]).probabilities)
        weights = examples.weights[:, 0].astype(np.float64) * (fold != ALWAYS_TRAIN)
        temperature = fit_temperature(log_p, examples.targets[:, :n_classes].astype(np.float64), weights)
        return Tempered(self.method.fit(examples, groups, seed=seed), temperature)


def tempered(probabilities: Array, temperature: float) -> Array:
    """Return probabilities to the power 1 / temperature, scaled to sum to 1."""
    return np.asarray(np.exp(log_softmax(log_of(probabilities) / temperature)))


def log_of(probabilities: Array) -> Array:
    """Return log-probabilities that stay finite."""
    return np.asarray(np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)))


def some_examples(examples: Examples, chosen: NDArray[np.bool_]) -> Examples:
    """Return some rows; the weights of every head sum to 1 again."""
    weights = examples.weights[chosen]
    total = np.maximum(weights.sum(axis=0), SMALLEST_PROBABILITY)
    changes = examples.changes
    if changes is not None:
        changes = replace(changes, group=changes.group[chosen])
    return Examples(
        features=np.ascontiguousarray(examples.features[chosen]),
        targets=examples.targets[chosen],
        weights=(weights / total).astype(np.float32),
        head_sizes=examples.head_sizes,
        changes=changes,
    )
