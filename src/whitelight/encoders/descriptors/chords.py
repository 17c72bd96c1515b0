"""Which chord each one-second frame sounds like.

Every frame is compared with chord templates on twelve roots: cosine of pitch-class vectors (Fujishima 1999).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.frames import Frames
from whitelight.encoders.ragged import Array, Ragged

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
BLOCK = 2048  # frames compared at once: what is compared stays in the processor's cache
BASS_BONUS = 0.05  # added to the similarity of chords whose root is in the bass: decides between inversions


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
    ragged = Ragged.from_items(item, frames.ragged.n)
    chroma = frames.chroma[:, sounding]
    chroma = chroma / np.sqrt((chroma * chroma).sum(axis=0) + np.float32(1e-12))
    bass = _latest_bass(frames.first[bass_rows], bass_pitch, sounding)
    tonic = tonic_of_item[item]
    blocks = [
        _compare(chroma[:, k : k + BLOCK], bass[k : k + BLOCK], tonic[k : k + BLOCK])
        for k in range(0, len(item), BLOCK)
    ]
    similarity, root, on_tonic = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
    return ChordFrames(
        ragged=ragged,
        similarity=similarity,
        root=root,
        tonic=on_tonic,
        n_classes=chroma.sum(axis=0) ** 2,
        distance_to_next=np.append(1 - (chroma[:, :-1] * chroma[:, 1:]).sum(axis=0), np.float32(0))[: len(sounding)],
        bass=bass,
    )


def _compare(chroma: Array, bass: Array, tonic: Array) -> tuple[Array, Array, Array]:
    """Similarity per quality, best root, and similarity with the tonic chords, of a block of frames."""
    frame = np.arange(chroma.shape[1])
    above_bass = chroma[(np.arange(12)[:, None] + bass) % 12, frame]  # ties go to the root nearest above the bass
    similarity = (_template_matrix() @ above_bass).reshape(len(TEMPLATES), 12, -1)  # (qualities, roots, frames)
    by_root = similarity.max(axis=0)
    by_root[0] += np.float32(BASS_BONUS)
    at = (tonic - bass) % 12
    on_tonic = np.stack((similarity[0, at, frame], similarity[1, at, frame]))
    return similarity.max(axis=1), (_arg_max(by_root) + bass) % 12, on_tonic


def _latest_bass(bass_frame: Array, bass_pitch: Array, frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pitch class of the last bass note struck before the end of each frame."""
    if not len(frames):
        return frames
    latest = np.searchsorted(bass_frame, frames, side="right") - 1
    return bass_pitch[np.maximum(latest, 0)] % 12


def _arg_max(rows: Array) -> NDArray[np.int64]:
    """Argmax over the first axis; faster than numpy's, which walks the long axis with a stride."""
    best, where = rows[0].copy(), np.zeros(rows.shape[1], np.int64)
    for k in range(1, len(rows)):
        better = rows[k] > best + np.float32(1e-6)
        where[better] = k
        np.maximum(best, rows[k], out=best)
    return where


@cache
def _template_matrix() -> NDArray[np.float32]:
    rows = [
        np.isin((np.arange(12) - root) % 12, tones) / np.sqrt(len(tones))
        for tones in TEMPLATES.values()
        for root in range(12)
    ]
    return np.array(rows, np.float32)  # (qualities × roots, 12)
