"""Checking an encoder on a dataset it has embedded: the spread of the whole song's rows, by class."""

import numpy as np

from whitelight.dataset import Dataset
from whitelight.encoders.features import read_features
from whitelight.encoders.protocol import Encoder
from whitelight.encoders.spread import Spread, measure_spread

VIEW = "full"  # what one hears of a whole song; parts of it would make neighbors of all basses


def check_encoder_spread(dataset: Dataset, encoder: Encoder, *, column: str | None = None, seed: int = 0) -> Spread:
    """Measure how an encoder spreads and separates the songs of a dataset.

    Clips of one source song (`group_id`) count as one song.

    Parameters
    ----------
    column : which text; None for encoders of MIDI and audio.
    seed : of the shuffles.

    Raises
    ------
    FeatureFileError : the dataset is not embedded, or by another encoder.
    """
    table = dataset.rows(["row_id", "group_id", "class_name"], views=[VIEW])
    row_ids, songs, classes = (table[name].to_pylist() for name in ("row_id", "group_id", "class_name"))
    features = read_features(dataset, encoder, row_ids, column=column)
    kept = np.flatnonzero(features.has)
    return measure_spread(
        features.vectors[kept], [songs[k] for k in kept], [classes[k] for k in kept], np.random.default_rng(seed)
    )
