"""The color map's coordinates: principal components of how the scorer heard each song before it had learned it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog import Song
from whitelight.demo.report.data import ColorMap, MapPoint
from whitelight.ontology import Ontology
from whitelight.scoring.bundle import HELD_OUT, read_bundle

EXPERTS = (("midi", "music"), ("lyric", "lyrics"))  # the first that speaks about three songs draws the map
FEWEST_SONGS = 3
NEVER_HELD_OUT = -1  # fold of rows whose song is the only one of its class
BASIS = "principal components of the class log-probabilities of its {}, averaged over the song, while it was held out"


def held_out_map(model: Path, ontology: Ontology, songs: Sequence[Song]) -> ColorMap | None:
    """Return the map of the songs a bundle was trained on, from its stored out-of-fold predictions.

    None when neither its music nor its lyrics expert has judged three of the songs.
    """
    stored = read_bundle(model).arrays(HELD_OUT)
    for expert, word in EXPERTS:
        spoken = {song.song_id: song for song in songs if song.class_name and _speaks(song, expert)}
        heard = _heard(stored, f"logits_{expert}", spoken, len(ontology.class_names))
        if len(heard) >= FEWEST_SONGS:
            return _map(heard, spoken, ontology.class_names, word)
    return None


def _speaks(song: Song, expert: str) -> bool:
    """Whether a song has what the expert judges; rows without it hold predictions about nothing."""
    return bool(song.lyric_lines) if expert == "lyric" else any(stem.has_midi for stem in song.stems)


def _heard(
    stored: Mapping[str, NDArray[Any]], name: str, songs: Mapping[str, Song], n_classes: int
) -> dict[str, NDArray[np.float64]]:
    """Return the mean class log-probabilities of every song over its held-out rows of full music, (n_classes,) each."""
    if name not in stored:
        return {}
    logits = stored[name][0] if stored[name].ndim == 3 else stored[name]
    rows: dict[str, list[NDArray[np.float64]]] = {}
    for row_id, fold, row in zip(stored["row_id"], stored["fold"], logits, strict=True):
        song_id, _, view = str(row_id).rsplit("/", 2)
        if view == "full" and fold != NEVER_HELD_OUT and song_id in songs:
            rows.setdefault(song_id, []).append(_log_softmax(row[:n_classes].astype(np.float64)))
    return {song_id: np.asarray(np.mean(values, axis=0)) for song_id, values in rows.items()}


def _map(
    heard: Mapping[str, NDArray[np.float64]], songs: Mapping[str, Song], names: Sequence[str], word: str
) -> ColorMap:
    places, share = principal_components(np.array(list(heard.values())))
    points = tuple(
        MapPoint(song_id, songs[song_id].title, songs[song_id].class_name, float(x), float(y), names[int(p.argmax())])
        for (song_id, p), (x, y) in zip(heard.items(), places, strict=True)
    )
    return ColorMap(points, BASIS.format(word), share)


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
