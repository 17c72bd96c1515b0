"""Experts' networks with another loss or another choice of rows, and what each of them says by itself."""

import numpy as np
from torch import Tensor

from whitelight.scoring.heads import Array
from whitelight.scoring.scaling import CLIP
from whitelight.training.models import ExpertWeights, Float32, deterministic
from whitelight.training.settings import ExpertSettings
from whitelight.training.small_networks import Draw, Loss, fit_networks


def train_networks(
    draw: Draw, loss: Loss, settings: ExpertSettings, *, dim: int, start_bias: Tensor, seed: int
) -> ExpertWeights:
    """Train networks as `models.fit_expert` does, with other rows or another loss; see `fit_networks`."""
    with deterministic(seed):
        return ExpertWeights(None, None, *fit_networks(draw, loss, settings, dim=dim, start_bias=start_bias))


def member_logits(weights: ExpertWeights, features: Float32) -> Array:
    """Return what every network says by itself, (n_networks, n, n_columns)."""
    stored = weights.arrays("")
    if "input_mean" in stored:
        features = np.clip((features - stored["input_mean"]) / stored["input_scale"], -CLIP, CLIP)
    hidden = np.maximum(features @ stored["hidden_weight"] + stored["hidden_bias"], 0.0)  # (n_networks, n, width)
    return np.asarray(hidden @ stored["out_weight"] + stored["out_bias"], dtype=np.float64)
