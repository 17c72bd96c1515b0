"""What is encoded: whether there is anything, and vectors for it. The one way from values to vectors.

Datasets and candidates both come through `encode_all`, so that a model is asked with vectors made as those it learned
from. A value without content has a flag instead of a vector: no MIDI, no notes, a blank text, silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.encoders.protocol import Encoder
from whitelight.encoders.sound import is_heard
from whitelight.music import Piece

Value = Piece | Audio | str


@dataclass(frozen=True, slots=True)
class Features:
    """Vectors in the order asked: shape (n, dim) float32, and shape (n,) whether there is one (else zeros)."""

    vectors: NDArray[np.float32]
    has: NDArray[np.bool_]


def has_content(value: Value | None) -> bool:
    """Tell whether there is anything to encode: a note, a letter, a sound.

    Raises
    ------
    UnusableSoundError : a sample is not a finite number.
    """
    if value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Audio):
        return is_heard(value)
    return any(len(midi_track.notes) for midi_track in value.midi_tracks)


def encode_all(encoder: Encoder, values: Sequence[Value | None]) -> Features:
    """Encode every value that has content; equal texts are encoded once."""
    has = np.array([has_content(value) for value in values], np.bool_)
    place: dict[int | str, int] = {}
    row_of = {
        k: place.setdefault(value.strip() if isinstance(value, str) else k, len(place))
        for k, value in enumerate(values)
        if has[k]
    }
    vectors = np.zeros((len(values), encoder.dim), np.float32)
    if place:
        batch = [key if isinstance(key, str) else values[key] for key in place]
        encoded = encoder.encode(batch).reshape(len(batch), -1)
        vectors[list(row_of)] = encoded[list(row_of.values())]
    return Features(vectors, has)
