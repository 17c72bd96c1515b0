"""Which chord each one-second frame sounds like.

Every frame is compared with chord templates on twelve roots: cosine of pitch-class vectors (Fujishima 1999).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.frames import Frames
from whitelight.encoders.ragged import Array, Ragged, column_sum

TEMPLATES = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
    "suspended": (0, 5, 7),
    "dominant_seventh": (0, 4, 7, 10),
    "major_seventh": (0, 4, 7, 11),
    "minor_seventh": (0, 3, 7, 10),
}
N_TRIADS = 5  # of `TEMPLATES`; the others are sevenths
_WEIGHT = np.array([len(tones) ** -0.5 for tones in TEMPLATES.values()], np.float32)
MOST_COUNTED = 8000  # notes of one pitch class in a frame; four of them still fit two bytes
BLOCK = 2048  # frames compared at once: what is compared stays in the processor's cache
BASS_BONUS = 0.05  # added to the similarity of chords whose root is in the bass: decides between inversions
_STEP = 1 / 65536  # similarities closer than this are ties, which go to the root nearest above the bass


@dataclass(frozen=True, slots=True)
class ChordFrames:
    """Chords heard in the sounding one-second frames.

    Attributes
    ----------
    ragged : layout of the frames.
    similarity : with the best root of each quality, shape (qualities, frames).
    root : pitch class of the best chord, shape (frames,).
    tonic : similarity with the major and the minor tonic chord, shape (2, frames).
    n_classes : how many pitch classes sound, weighted by their share: 1 to 12, shape (frames,).
    distance_to_next : 1 - cosine of pitch classes with the next frame, shape (frames,); the last one is 0.
    bass : pitch class of the latest bass note, shape (frames,).
    """

    ragged: Ragged
    similarity: NDArray[np.float32]
    root: NDArray[np.int64]
    tonic: NDArray[np.float32]
    n_classes: NDArray[np.float32]
    distance_to_next: NDArray[np.float32]
    bass: NDArray[np.int64]


def chord_frames(frames: Frames, bass_rows: Array, bass_pitch: Array, tonic_of_item: Array) -> ChordFrames:
    """Compare every sounding frame with every chord."""
    sounding = np.flatnonzero(frames.voices)
    item = frames.ragged.item[sounding]
    ragged = frames.ragged.of_rows(sounding)
    chroma = np.take(frames.chroma, sounding, axis=1)  # an index would give columns far apart in memory: slow
    counts = chroma.astype(np.int16 if chroma.max(initial=0) < MOST_COUNTED else np.int32)  # half the bytes to move
    bass = _latest_bass(frames.first[bass_rows], bass_pitch, frames.ragged.size)[sounding]
    tonic = tonic_of_item[item]
    length = np.sqrt(column_sum(chroma * chroma))
    blocks = [
        _compare(counts[:, k : k + BLOCK], 1 / length[k : k + BLOCK], bass[k : k + BLOCK], tonic[k : k + BLOCK])
        for k in range(0, len(item), BLOCK)
    ]
    similarity, root, on_tonic = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
    cosine = column_sum(chroma[:, :-1] * chroma[:, 1:]) / (length[:-1] * length[1:])
    return ChordFrames(
        ragged=ragged,
        similarity=similarity,
        root=root,
        tonic=on_tonic,
        n_classes=np.asarray((frames.voices[sounding] / length) ** 2, np.float32),
        distance_to_next=np.append(1 - cosine, np.float32(0))[: len(sounding)],
        bass=bass,
    )


def _compare(chroma: Array, scale: Array, bass: Array, tonic: Array) -> tuple[Array, Array, Array]:
    """Similarity per quality, best root, and similarity with the tonic chords, of a block of frames.

    Notes are counted in whole numbers, so roots that fit equally well do so exactly, whatever the transposition.
    """
    fits = _fits(chroma)
    similarity = fits.max(axis=1) * (_WEIGHT[:, None] * scale)
    place = tonic * chroma.shape[1] + np.arange(chroma.shape[1])
    on_tonic = np.take(fits[:2].reshape(2, -1), place, axis=1) * (_WEIGHT[0] * scale)
    triads, sevenths = fits[:N_TRIADS].max(axis=0), fits[N_TRIADS:].max(axis=0)
    best = np.maximum(triads * _WEIGHT[0], sevenths * _WEIGHT[-1]) * scale  # (roots, frames)
    steps = (best * np.float32(1 / _STEP)).astype(np.int32) << 4
    steps += np.take(_preference(), bass, axis=1, mode="clip")
    above = 11 - (steps.max(axis=0) & 15)
    return similarity, (above + bass) % 12, on_tonic


def _fits(chroma: Array) -> Array:
    """Notes that belong to each chord: shape (qualities, roots, frames), qualities as in `TEMPLATES`."""
    around = np.concatenate((chroma, chroma))  # (24, frames): what lies above any root is a stretch of it
    at = [around[k : k + 12] for k in range(12)]
    fits = np.empty((len(TEMPLATES), *chroma.shape), chroma.dtype)
    fifth, minor_third = at[0] + at[7], at[0] + at[3]
    major = np.add(fifth, at[4], out=fits[0])
    minor = np.add(fifth, at[3], out=fits[1])
    np.add(minor_third, at[6], out=fits[2])  # diminished
    np.add(at[0] + at[4], at[8], out=fits[3])  # augmented
    np.add(fifth, at[5], out=fits[4])  # suspended
    np.add(major, at[10], out=fits[5])  # dominant seventh
    np.add(major, at[11], out=fits[6])  # major seventh
    np.add(minor, at[10], out=fits[7])  # minor seventh
    return fits


@cache
def _preference() -> NDArray[np.int32]:
    """What decides between roots (rows) over each bass (columns): the bonus, and how near the root lies above."""
    above = (np.arange(12)[:, None] - np.arange(12)) % 12
    return np.asarray((above == 0) * (round(BASS_BONUS / _STEP) << 4) + 11 - above, np.int32)


def _latest_bass(bass_frame: Array, bass_pitch: Array, n_frames: int) -> NDArray[np.int64]:
    """Pitch class of the last bass note struck before the end of each frame."""
    latest = np.cumsum(np.bincount(bass_frame, minlength=n_frames)) - 1
    return np.asarray((bass_pitch % 12)[latest])
