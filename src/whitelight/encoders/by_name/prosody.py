"""Prosody of words: syllables, stress, rhyme, phrases, repetition; no meaning, no download."""

from whitelight.encoders.options import Options
from whitelight.encoders.prosody import ProsodyEncoder


def make(options: Options) -> ProsodyEncoder:
    """Make the encoder."""
    options.without_parameter()
    return ProsodyEncoder()
