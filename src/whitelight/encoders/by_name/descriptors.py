"""Musical descriptors of MIDI."""

from whitelight.encoders.descriptors.encoder import DescriptorEncoder
from whitelight.encoders.options import Options


def make(options: Options) -> DescriptorEncoder:
    """Make the encoder."""
    options.without_parameter()
    return DescriptorEncoder()
