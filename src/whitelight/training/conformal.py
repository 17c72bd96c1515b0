"""Thresholds of conformal sets from predictions on held-out songs (`scoring.conformal`)."""

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.conformal import LEVELS
from whitelight.scoring.heads import Array
from whitelight.training.calibration import Conditions

NEVER = 2.0  # no probability reaches it


def fit_conformal(probabilities: Array, label: NDArray[np.int64], conditions: Conditions, heard: Array) -> Array:
    """Return the thresholds of every level and condition, (n_levels, *shape, n_classes).

    Parameters
    ----------
    probabilities : (n, n_classes), of held-out rows. heard : (n_classes,), positive for a class of some training song.

    Notes
    -----
    A condition with fewer songs than `calibration.MIN_SONGS` shares the thresholds of all. A class with too few songs for
    a level (8 or fewer for 90 %) shares those of all classes together: its sets are then right on average only.
    """
    names = conditions.groups.astype(str)
    shape = (len(LEVELS), int(np.prod(conditions.shape)), probabilities.shape[1])
    everything = np.ones(len(label), dtype=np.bool_)
    found = np.empty(shape)
    for place, level in enumerate(LEVELS):
        found[place] = _per_class(probabilities, label, names, level)
        for condition, rows in conditions.rich(everything):
            found[place, condition] = _per_class(probabilities[rows], label[rows], names[rows], level)
    found[:, :, np.asarray(heard) <= 0] = NEVER
    return found.reshape(len(LEVELS), *conditions.shape, probabilities.shape[1])


def _per_class(probabilities: Array, label: NDArray[np.int64], names: NDArray[np.str_], level: float) -> Array:
    own = probabilities[np.arange(len(label)), label]
    together = song_threshold(own, names, level)
    found = np.full(probabilities.shape[1], together or 0.0)
    for k in np.unique(label):
        alone = song_threshold(own[label == k], names[label == k], level)
        found[k] = found[k] if alone is None else alone
    return found


def song_threshold(own: Array, names: NDArray[np.str_], level: float) -> float | None:
    """Return the largest threshold that the right class reaches in a share `level` of the rows of songs still to come.

    Parameters
    ----------
    own : (n,), probability of the right class. names : (n,) song of each row. Rows count equally, as they do in every
        figure of `evaluate`; but songs, not rows, are independent, so the song to come is one beside `n_songs`.

    Returns
    -------
    None when there are too few songs: the one to come counts as one that no threshold reaches.
    """
    n_songs = len(np.unique(names))
    reached = np.arange(1, len(own) + 1) / len(own) * n_songs / (n_songs + 1)
    enough = np.flatnonzero(reached >= level - 1e-12)
    return float(np.sort(own)[::-1][enough[0]]) if len(enough) else None
