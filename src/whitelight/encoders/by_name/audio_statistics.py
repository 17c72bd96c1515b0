"""Audio without a download: named statistics of sound."""

from whitelight.encoders.audio_statistics.encoder import AudioStatisticsEncoder
from whitelight.encoders.options import Options


def make(options: Options) -> AudioStatisticsEncoder:
    """Make the encoder."""
    options.without_parameter()
    return AudioStatisticsEncoder()
