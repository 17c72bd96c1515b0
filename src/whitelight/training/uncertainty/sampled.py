"""Methods that say it several times: networks trained apart (*deep ensemble*), and one network thinned out (*MC dropout*).

Lakshminarayanan et al. 2017; Gal & Ghahramani 2016. Both train exactly the experts of the recipe. A thinned network hides
the same descriptors of every row, so that a row is judged alike alone and among others.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array
from whitelight.training.models import Examples, ExpertWeights, Float32, fit_expert
from whitelight.training.settings import ExpertSettings, LossSettings, SettingsError
from whitelight.training.uncertainty.interface import Uncertainty, decomposed, softmax
from whitelight.training.uncertainty.small_networks import member_logits


@dataclass(frozen=True, slots=True)
class Committee:
    """Networks that were trained apart.

    Attributes
    ----------
    members : one expert each. n_classes : columns of the class head, the first ones.
    """

    members: tuple[ExpertWeights, ...]
    n_classes: int

    def predict(self, features: Float32) -> Uncertainty:
        """Average what the members say; they disagree where they were not taught."""
        said = np.concatenate([member_logits(member, features) for member in self.members])
        return decomposed(softmax(said[..., : self.n_classes]))


@dataclass(frozen=True, slots=True)
class DeepEnsemble:
    """Networks with first weights, rows and hidden descriptors of their own.

    Attributes
    ----------
    n_members : at least 2. settings : of each; how many networks the recipe averages does not matter.
    """

    n_members: int = 5
    settings: ExpertSettings = field(default_factory=ExpertSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    name: str = "deep ensemble"

    def __post_init__(self) -> None:
        """Refuse an ensemble that cannot disagree."""
        if self.n_members < 2:
            raise SettingsError(f"n_members is {self.n_members}; expected 2 or more, one network cannot disagree")

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> Committee:  # noqa: ARG002  no fold inside
        """Train every member from its own seed."""
        alone = replace(self.settings, n_networks=1)
        seeds = np.random.SeedSequence(seed).generate_state(self.n_members)
        members = tuple(fit_expert(examples, alone, seed=int(one), loss=self.loss) for one in seeds)
        return Committee(members, examples.head_sizes[0])


@dataclass(frozen=True, slots=True)
class Thinned:
    """Networks of which every pass sees other descriptors.

    Attributes
    ----------
    masks : (n_passes, dim), 0 where a descriptor is hidden, else 1 / (1 − dropout).
    """

    weights: ExpertWeights
    masks: Float32
    n_classes: int

    def predict(self, features: Float32) -> Uncertainty:
        """Average what the passes say."""
        passes = [self._say(features * mask) for mask in self.masks]
        return decomposed(softmax(np.stack(passes)[..., : self.n_classes]))

    def _say(self, features: Float32) -> Array:
        return np.asarray(member_logits(self.weights, features).mean(axis=0))


@dataclass(frozen=True, slots=True)
class MonteCarloDropout:
    """The recipe's networks with its dropout left on while judging.

    Attributes
    ----------
    n_passes : at least 2. settings : of the networks; their `input_dropout` must be above 0.
    """

    n_passes: int = 50
    settings: ExpertSettings = field(default_factory=ExpertSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    name: str = "MC dropout"

    def __post_init__(self) -> None:
        """Refuse passes that cannot differ."""
        if self.n_passes < 2:
            raise SettingsError(f"n_passes is {self.n_passes}; expected 2 or more, one pass cannot disagree")
        if not self.settings.input_dropout:
            raise SettingsError("input_dropout is 0; expected more, without it every pass says the same")

    def fit(self, examples: Examples, groups: NDArray[Any], *, seed: int) -> Thinned:  # noqa: ARG002  no fold inside
        """Train the networks and draw what each pass will hide."""
        weights = fit_expert(examples, self.settings, seed=seed, loss=self.loss)
        kept = 1.0 - self.settings.input_dropout
        rng = np.random.default_rng(seed)
        masks = (rng.random((self.n_passes, examples.features.shape[1])) < kept) / kept
        return Thinned(weights, masks.astype(np.float32), examples.head_sizes[0])
