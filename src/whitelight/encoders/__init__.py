"""Encoders: from pieces and texts to vectors; each has a name, a version, a dimension and a fingerprint.

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whitelight.encoders.batch import NoteBatch
    from whitelight.encoders.descriptors.encoder import DESCRIPTORS, DescriptorEncoder
    from whitelight.encoders.descriptors.table import Descriptor
    from whitelight.encoders.protocol import Encoder
    from whitelight.encoders.registry import UnknownEncoderError, make_encoder
    from whitelight.encoders.roll import RollEncoder
    from whitelight.encoders.text import TextEncoder

_HOME = {
    "DESCRIPTORS": "descriptors.encoder",
    "Descriptor": "descriptors.table",
    "DescriptorEncoder": "descriptors.encoder",
    "Encoder": "protocol",
    "NoteBatch": "batch",
    "RollEncoder": "roll",
    "TextEncoder": "text",
    "UnknownEncoderError": "registry",
    "make_encoder": "registry",
}

__all__ = [
    "DESCRIPTORS",
    "Descriptor",
    "DescriptorEncoder",
    "Encoder",
    "NoteBatch",
    "RollEncoder",
    "TextEncoder",
    "UnknownEncoderError",
    "make_encoder",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
