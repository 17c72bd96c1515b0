"""Encoders: from pieces and texts to vectors; each has a name, a version, a dimension and a fingerprint.

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whitelight.encoders.batch import NoteBatch
    from whitelight.encoders.descriptors.encoder import DESCRIPTORS, DescriptorEncoder
    from whitelight.encoders.descriptors.table import Descriptor
    from whitelight.encoders.features import (
        EmbedReport,
        Features,
        MissingFeaturesError,
        embed,
        load_features,
        read_features,
    )
    from whitelight.encoders.protocol import Encoder
    from whitelight.encoders.registry import ENCODERS, UnknownEncoderError, make_encoder
    from whitelight.encoders.roll import RollEncoder
    from whitelight.encoders.text import TextEncoder

_HOME = {
    "DESCRIPTORS": "descriptors.encoder",
    "ENCODERS": "registry",
    "Descriptor": "descriptors.table",
    "DescriptorEncoder": "descriptors.encoder",
    "EmbedReport": "features",
    "Encoder": "protocol",
    "Features": "features",
    "MissingFeaturesError": "features",
    "NoteBatch": "batch",
    "RollEncoder": "roll",
    "TextEncoder": "text",
    "UnknownEncoderError": "registry",
    "embed": "features",
    "load_features": "features",
    "make_encoder": "registry",
    "read_features": "features",
}

__all__ = [
    "DESCRIPTORS",
    "ENCODERS",
    "Descriptor",
    "DescriptorEncoder",
    "EmbedReport",
    "Encoder",
    "Features",
    "MissingFeaturesError",
    "NoteBatch",
    "RollEncoder",
    "TextEncoder",
    "UnknownEncoderError",
    "embed",
    "load_features",
    "make_encoder",
    "read_features",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
