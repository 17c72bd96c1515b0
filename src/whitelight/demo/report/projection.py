"""The color map's coordinates: principal components of how the scorer heard each song before it had learned it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog import Song
from whitelight.demo.report.data import ColorMap, MapPoint
from whitelight.ontology import Ontology
from whitelight.scoring.bundle import HELD_OUT, read_bundle

MUSIC = "logits_midi"
NEVER_HELD_OUT = -1  # fold of rows whose song is the only one of its class
BASIS = "principal components of the music's class log-probabilities, averaged over the song, while it was held out"


def held_out_map(model: Path, ontology: Ontology, songs: Sequence[Song], titles: Mapping[str, str]) -> ColorMap | None:
    """Return the map of the songs a bundle was trained on, from its stored out-of-fold predictions of full music.

    None when the bundle has no music expert or fewer than three of the songs.
    """
    stored = read_bundle(model).arrays(HELD_OUT)
    if MUSIC not in stored:
        return None
    row_ids = [str(row_id) for row_id in stored["row_id"]]
    chosen = np.array([row_id.endswith("/full") for row_id in row_ids]) & (stored["fold"] != NEVER_HELD_OUT)
    class_of = {song.song_id: song.class_name for song in songs}
    n_classes = len(ontology.class_names)
    by_song: dict[str, list[NDArray[np.float64]]] = {}
    logits = stored[MUSIC][0] if stored[MUSIC].ndim == 3 else stored[MUSIC]
    for index in np.flatnonzero(chosen):
        song_id = row_ids[index].rsplit("/", 2)[0]
        if class_of.get(song_id):
            by_song.setdefault(song_id, []).append(_log_softmax(logits[index, :n_classes].astype(np.float64)))
    if len(by_song) < 3:
        return None
    heard = np.array([np.mean(rows, axis=0) for rows in by_song.values()])  # (n_songs, n_classes)
    places, share = principal_components(heard)
    points = tuple(
        MapPoint(
            song_id,
            titles.get(song_id, song_id),
            class_of[song_id],
            float(places[index, 0]),
            float(places[index, 1]),
            ontology.class_names[int(heard[index].argmax())],
        )
        for index, song_id in enumerate(by_song)
    )
    return ColorMap(points, BASIS, share)


def principal_components(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return the first two principal components and their shares of the variance.

    Parameters
    ----------
    values : shape (n, d), d ≥ 2.

    Returns
    -------
    places of shape (n, 2), each direction signed so that its largest loading is positive, and the two shares.
    """
    centered = values - values.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    kept = directions[:2]
    kept = kept * np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
    variance = sizes**2 / max(float((sizes**2).sum()), 1e-12)
    return centered @ kept.T, (float(variance[0]), float(variance[1]))


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
