"""What a build does with sound."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_SAMPLE_RATE = 44_100  # Hz, that of the CD and of most stems


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """How recordings are cut.

    Attributes
    ----------
    sample_rate : Hz to resample to; None keeps the rate of each recording.
    mono : mix channels to their mean.
    is_cut : False leaves recordings out altogether.
    render : songs that have MIDI and no recording get a rendered one.
    soundfont : for rendering; None takes what the system has, else a small synthesizer of our own.
    """

    sample_rate: int | None = DEFAULT_SAMPLE_RATE
    mono: bool = False
    is_cut: bool = True
    render: bool = False
    soundfont: Path | None = None
