"""Calibration as the scorer applies it: temperatures, weights of the experts, confidence.

Each expert's logits are divided by a temperature per condition and head; experts that are present are averaged with
their weights; where more than one is present a last temperature follows, because an average of calibrated experts is
underconfident. A *condition* is a velocity setting and a view. The numbers are fitted by `training.calibration`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, Head, log_probabilities

VELOCITIES = ("full", "free")  # free: nothing derived from velocity is looked at
EXPERTS = ("midi", "lyric", "concept")
MUSIC = "midi"


@dataclass(frozen=True, slots=True)
class Calibration:
    """All fitted numbers between raw logits and probabilities.

    Attributes
    ----------
    temperatures : expert → (n_velocities, n_views, n_heads); for text experts every condition is the same.
    weights : expert → positive weight in the average.
    fused_temperature : (n_heads,), applied where several experts are present.
    confidence : (n_velocities, n_views, 2), offset and slope of the logistic curve on ln(p_top / (1 − p_top)).
    """

    temperatures: Mapping[str, Array]
    weights: Mapping[str, float]
    fused_temperature: Array
    confidence: Array

    def calibrated(self, expert: str, logits: Array, heads: Sequence[Head], velocity: int, view: int) -> Array:
        """Return the log-probabilities of one expert alone, (n, n_columns)."""
        return log_probabilities(logits / spread(self.temperatures[expert][velocity, view], heads), heads)

    def fuse(
        self, log_p: Mapping[str, Array], present: Mapping[str, NDArray[np.bool_]], heads: Sequence[Head]
    ) -> Array:
        """Return fused log-probabilities, (n, n_columns).

        Parameters
        ----------
        log_p : expert → calibrated log-probabilities, (n, n_columns).
        present : expert → (n,) bool; at least one is True in every row.
        """
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


def spread(per_head: Array, heads: Sequence[Head]) -> Array:
    """Repeat one number per head over its columns, (n_columns,)."""
    return np.repeat(per_head, [len(head.labels) for head in heads])


def log_odds(probability: Array) -> Array:
    """Return ln(p / (1 − p)), finite for 0 and 1."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p) - np.log1p(-p))
