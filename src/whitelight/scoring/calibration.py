"""Calibration as the scorer applies it: temperatures, weights of the experts, confidence.

Each expert's axis logits are divided by a temperature per condition and head. Its class head is then averaged with the
classes its axes speak for, as far as that was right out of fold, and has a temperature of its own.
Where there is a joint network, it alone says classes and axes, with temperatures of its own, one set for rows with a
concept and one for rows without. Else experts that are present are averaged with their weights; where more than one is present a last temperature follows,
because an average of calibrated experts is underconfident. A *condition* is a velocity setting and a view. The numbers
are fitted by `training.calibration`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, Head, log_probabilities, log_softmax, row_product

VELOCITIES = ("full", "free")  # free: nothing derived from velocity is looked at
EXPERTS = ("midi", "audio", "lyric", "concept")
MUSIC = "midi"
JOINTS = JOINT, JOINT_CONCEPT = (
    "joint",
    "joint_concept",
)  # one network over all modalities: without and with the concept
SMALLEST_PRIOR = 1e-6  # a class never heard stays improbable whatever the axes say


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the axes say about the classes.

    Attributes
    ----------
    prior : (n_columns,), share of each label in training, head by head; 0 where never heard.
    targets : (n_classes, n_columns), soft targets of each class. known : (n_classes, n_heads), where it has any.
    share : weight of the axes against the class head. Where every class has its modes on every axis half and half is
        best (EMOPIA, song-grouped: +0.5 points over either alone); where some classes have none, axes that never heard
        them pull their music to other classes (demo catalog: −4 points at half), so it is fitted.
    """

    prior: Array
    targets: Array
    known: NDArray[np.bool_]
    share: float

    def class_log_p(self, class_log_p: Array, log_p: Array, heads: Sequence[Head]) -> Array:
        """Return the average of the class head and of the classes its axes speak for, (n, n_classes).

        Parameters
        ----------
        class_log_p : (n, n_classes). log_p : (n, n_columns), calibrated on the axes; its class block is not used.

        Notes
        -----
        ln p(class | axes) = ln π + Σ_axes ln Σ_modes t · p / π + constant, the modes t of a class being alternatives;
        an axis on which the class has no mode adds nothing.
        """
        evidence = np.tile(np.log(np.maximum(self.prior[heads[0].columns], SMALLEST_PRIOR)), (len(log_p), 1))
        for position, head in enumerate(heads[1:], start=1):
            odds = np.exp(log_p[:, head.columns]) / np.maximum(self.prior[head.columns], SMALLEST_PRIOR)
            known = self.known[:, position]
            likelihood = np.maximum(row_product(odds, self.targets[known][:, head.columns].T), SMALLEST_PRIOR)
            evidence[:, known] += np.log(likelihood)
        return (1.0 - self.share) * class_log_p + self.share * log_softmax(evidence)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All fitted numbers between raw logits and probabilities.

    Attributes
    ----------
    temperatures : expert → (n_velocities, n_views, n_heads); for text experts every condition is the same. `JOINT` and
        `JOINT_CONCEPT` where there is a joint network.
    weights : expert → positive weight in the average.
    fused_temperature : (n_heads,), applied where several experts are present.
    confidence : (n_velocities, n_views, 2), offset and slope of the logistic curve on ln(p_top / (1 − p_top)).
    """

    temperatures: Mapping[str, Array]
    weights: Mapping[str, float]
    fused_temperature: Array
    confidence: Array
    agreement: Agreement

    def calibrated(self, expert: str, logits: Array, heads: Sequence[Head], velocity: int, view: int) -> Array:
        """Return the log-probabilities of one expert alone, (n, n_columns)."""
        temperature = self.temperatures[expert][velocity, view]
        log_p = log_probabilities(logits / spread(temperature, heads), heads)
        own = log_softmax(logits[:, heads[0].columns])
        agreed = self.agreement.class_log_p(own, log_p, heads)
        log_p[:, heads[0].columns] = log_softmax(agreed / temperature[0])
        return log_p

    def fuse(
        self, log_p: Mapping[str, Array], present: Mapping[str, NDArray[np.bool_]], heads: Sequence[Head]
    ) -> Array:
        """Return fused log-probabilities, (n, n_columns).

        Parameters
        ----------
        log_p : expert → calibrated log-probabilities, (n, n_columns).
        present : expert → (n,) bool; at least one is True in every row.
        """
        joint = [name for name in JOINTS if name in log_p]
        if joint:
            chosen = present[joint[-1]][:, None]
            return np.asarray(np.where(chosen, log_p[joint[-1]], log_p[joint[0]]))
        parts = {name: present[name] * self.weights[name] for name in log_p}
        total = np.sum(list(parts.values()), axis=0)
        mean = np.sum([parts[name][:, None] * log_p[name] for name in log_p], axis=0) / total[:, None]
        several = np.sum([present[name] for name in log_p], axis=0) > 1
        temperature = np.where(several[:, None], spread(self.fused_temperature, heads), 1.0)
        return log_probabilities(mean / temperature, heads)

    def confidence_of(self, top_probability: Array, velocity: int, view: int) -> Array:
        """Return the probability that the most likely class is right, (n,)."""
        offset, slope = self.confidence[velocity, view]
        return np.asarray(1.0 / (1.0 + np.exp(-(offset + slope * log_odds(top_probability)))))


def joint_present(present: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
    """Return which rows the joint network judges without the concept (there is something else), and which with it."""
    others = [there for name, there in present.items() if name in EXPERTS and name != "concept"]
    with_concept = present.get("concept", np.zeros_like(next(iter(present.values()))))
    return {JOINT: np.any(others, axis=0) if others else ~with_concept, JOINT_CONCEPT: with_concept}


def spread(per_head: Array, heads: Sequence[Head]) -> Array:
    """Repeat one number per head over its columns, (n_columns,)."""
    return np.repeat(per_head, [len(head.labels) for head in heads])


def log_odds(probability: Array) -> Array:
    """Return ln(p / (1 − p)), finite for 0 and 1."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p) - np.log1p(-p))
