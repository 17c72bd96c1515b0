"""Encoders: from pieces and texts to vectors; each has a name, a version, a dimension and a fingerprint.

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whitelight.encoders.audio_statistics.encoder import AudioStatisticsEncoder
    from whitelight.encoders.batch import NoteBatch
    from whitelight.encoders.checking import check_encoder_spread
    from whitelight.encoders.content import Features, encode_all, has_content
    from whitelight.encoders.descriptors.encoder import DESCRIPTORS, DescriptorEncoder
    from whitelight.encoders.descriptors.table import Descriptor
    from whitelight.encoders.features import (
        EmbedReport,
        MissingFeaturesError,
        embed,
        has_vectors,
        load_features,
        read_features,
    )
    from whitelight.encoders.protocol import Encoder
    from whitelight.encoders.registry import ENCODERS, UnknownEncoderError, make_encoder
    from whitelight.encoders.roll import RollEncoder
    from whitelight.encoders.spread import Spread, measure_spread
    from whitelight.encoders.text import TextEncoder

_HOME = {
    "AudioStatisticsEncoder": "audio_statistics.encoder",
    "DESCRIPTORS": "descriptors.encoder",
    "ENCODERS": "registry",
    "Descriptor": "descriptors.table",
    "DescriptorEncoder": "descriptors.encoder",
    "EmbedReport": "features",
    "Encoder": "protocol",
    "Features": "content",
    "MissingFeaturesError": "features",
    "NoteBatch": "batch",
    "RollEncoder": "roll",
    "Spread": "spread",
    "TextEncoder": "text",
    "UnknownEncoderError": "registry",
    "check_encoder_spread": "checking",
    "embed": "features",
    "encode_all": "content",
    "has_content": "content",
    "has_vectors": "features",
    "load_features": "features",
    "make_encoder": "registry",
    "measure_spread": "spread",
    "read_features": "features",
}

__all__ = [
    "DESCRIPTORS",
    "ENCODERS",
    "AudioStatisticsEncoder",
    "Descriptor",
    "DescriptorEncoder",
    "EmbedReport",
    "Encoder",
    "Features",
    "MissingFeaturesError",
    "NoteBatch",
    "RollEncoder",
    "Spread",
    "TextEncoder",
    "UnknownEncoderError",
    "check_encoder_spread",
    "embed",
    "encode_all",
    "has_content",
    "has_vectors",
    "load_features",
    "make_encoder",
    "measure_spread",
    "read_features",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
