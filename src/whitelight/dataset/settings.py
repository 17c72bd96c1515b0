"""What a build does with sound."""

from dataclasses import dataclass
from pathlib import Path

from whitelight.audio.info import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from whitelight.errors import WhitelightError

DEFAULT_SAMPLE_RATE = 44_100  # Hz, that of the CD and of most stems


class AudioSettingsError(WhitelightError):
    """Settings that no recording can be cut with."""


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

    def __post_init__(self) -> None:
        if self.sample_rate is not None and not MIN_SAMPLE_RATE <= self.sample_rate <= MAX_SAMPLE_RATE:
            limits = f"{MIN_SAMPLE_RATE:,} to {MAX_SAMPLE_RATE:,} Hz"
            raise AudioSettingsError(f"sample rate of {self.sample_rate} Hz: expected {limits}, or None to keep it")
