"""What every encoder offers, and how its definition is identified.

An encoder's fingerprint travels with the features it made and the models trained on them; where two fingerprints
differ the features must be made again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whitelight.files import sha256_of

Modality = Literal["midi", "audio", "text"]


@runtime_checkable
class Encoder(Protocol):
    """Turns a batch of pieces (or texts) into one vector each."""

    name: str
    version: str
    modality: Modality

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def fingerprint(self) -> str:
        """Identify name, version, dimension, parameters and columns: 64 hexadecimal digits."""

    def encode(self, batch: Any) -> NDArray[np.float32]:
        """Encode a batch; float32, first axis the batch."""


def fingerprint_of(
    name: str, version: str, dim: int, parameters: Mapping[str, object], columns: Sequence[str] = ()
) -> str:
    """Hash the definition of an encoder; any change of it gives another fingerprint."""
    definition = {
        "name": name,
        "version": version,
        "dim": dim,
        "parameters": dict(parameters),
        "columns": list(columns),
    }
    return sha256_of([json.dumps(definition, sort_keys=True, ensure_ascii=True).encode()])
