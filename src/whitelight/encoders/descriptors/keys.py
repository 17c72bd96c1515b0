"""Estimating the key: correlation of sounding pitch classes with key profiles.

Two sets of profiles are averaged: Krumhansl and Kessler (1982) and Kostka-Payne as counted by Temperley (2007).
Keys are numbered 0-11 major from C, 12-23 minor. Ties are decided by the bass, then by the lower number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.ragged import Array, column_product, column_sum, product, ratio, shares

MAJOR_PROFILES = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
)
MINOR_PROFILES = (
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
BASS_WEIGHT = 0.1  # of the share of the tonic in the bass, beside a correlation in [-1, 1]


@dataclass(frozen=True, slots=True)
class KeyEstimate:
    """Key of every piece.

    Attributes
    ----------
    chroma : share of each pitch class, C first, half by sounding time and half by number of notes, shape (n, 12).
    correlation : with each key, both profile sets averaged, shape (n, 24).
    tonic : pitch class of the best key's tonic, shape (n,).
    collection : tonic of the major scale whose notes cover most, shape (n,).
    """

    chroma: NDArray[np.float64]
    correlation: NDArray[np.float64]
    tonic: NDArray[np.int64]
    collection: NDArray[np.int64]


def estimate_key(pitch_seconds: Array, pitch_counts: Array, bass_chroma: Array) -> KeyEstimate:
    """Estimate the key of every piece from its pitches, shapes (n, 128), and the chroma of its bass, (n, 12)."""
    chroma = (shares(fold(pitch_seconds)) + shares(fold(pitch_counts))) / 2
    correlation = key_correlations(chroma)
    bass = shares(bass_chroma)
    tonic = (correlation + BASS_WEIGHT * np.tile(bass, (1, 2))).argmax(axis=1) % 12
    collection = (product(chroma, _SCALES) + 0.01 * bass + 0.02 * correlation[:, :12]).argmax(axis=1)
    return KeyEstimate(chroma, correlation, tonic, collection)


def fold(by_pitch: Array) -> Array:
    """Sum MIDI pitches (n, 128) to pitch classes (n, 12)."""
    return product(by_pitch, _OCTAVES)


def fit_keys(chroma: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compare columns of notes counted per pitch class, shape (12, n), with every key.

    Returns
    -------
    correlation : as `key_correlations`, shape (24, n).
    in_scale : share of the notes that lie in each major scale, shape (12, n).
    """
    fit = column_product(_KEYS_AND_SCALES, chroma)
    total, squares = column_sum(chroma), column_sum(chroma * chroma)
    squared = squares - total * total / 12  # whole counts that differ give 11/12 or more
    correlation = (fit[:24] * np.where(squared > 0.5, 1 / np.sqrt(np.maximum(squared, 0.5)), 0)).clip(-1, 1)
    return correlation, np.asarray(fit[24:] / np.maximum(total, 1), np.float32)


def key_correlations(chroma: Array) -> NDArray[np.float64]:
    """Pearson correlation with the 24 keys, averaged over the profile sets; shape (..., 12) → (..., 24)."""
    return product(_unit(chroma), _PROFILES).clip(-1, 1)


def relative(by_pitch_class: Array, tonic: Array) -> Array:
    """Rotate each row (n, 12) so that its tonic comes first."""
    columns = (np.arange(12) + np.asarray(tonic)[:, None]) % 12
    return np.take_along_axis(by_pitch_class, columns, axis=1)


def _unit(rows: Array) -> NDArray[np.float64]:
    """Center each row and give it length one; constant rows become zero."""
    centered = rows - rows.mean(axis=-1, keepdims=True)
    length = np.sqrt((centered * centered).sum(axis=-1, keepdims=True))
    return ratio(centered, np.where(length < 1e-6, 0, length))


def _rotations(profile: tuple[float, ...]) -> Array:
    return np.stack([np.roll(profile, k) for k in range(12)], axis=1)


_PROFILES = np.mean(
    [
        np.concatenate((_unit(_rotations(major).T).T, _unit(_rotations(minor).T).T), axis=1)
        for major, minor in zip(MAJOR_PROFILES, MINOR_PROFILES, strict=True)
    ],
    axis=0,
)  # (12, 24)
_SCALES = np.stack([np.isin((np.arange(12) - k) % 12, MAJOR_SCALE) for k in range(12)], axis=1).astype(np.float64)
_KEYS_AND_SCALES = np.concatenate((_PROFILES, _SCALES), axis=1).T.astype(np.float32)  # (36, 12)
_OCTAVES = np.eye(12)[np.arange(128) % 12]  # (128, 12)
