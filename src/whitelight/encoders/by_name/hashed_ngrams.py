"""Texts without a download: hashed words and letters."""

from whitelight.encoders.options import Options
from whitelight.encoders.text import TextEncoder


def make(options: Options) -> TextEncoder:
    """Make the encoder."""
    options.without_parameter()
    return TextEncoder()
