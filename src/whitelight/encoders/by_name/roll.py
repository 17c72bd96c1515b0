"""Piano rolls of MIDI."""

from whitelight.encoders.options import Options
from whitelight.encoders.roll import RollEncoder


def make(options: Options) -> RollEncoder:
    """Make the encoder."""
    options.without_parameter()
    return RollEncoder()
