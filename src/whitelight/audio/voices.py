"""What can play notes: a SoundFont, or the small synthesizer that is always there."""

from typing import Protocol

from whitelight.audio.samples import Samples

REFERENCE_RMS = (
    0.1  # of a full-velocity middle C over its first half second; soft stems stay above silence, four parts seldom clip
)
DRUM_S = 3.0  # a stroke rings no longer


class Voices(Protocol):
    """Instruments, each note at full velocity and without release.

    Attributes
    ----------
    name : for people: which SoundFont, or that there was none.
    """

    name: str

    def note(self, program: int, pitch: int, n_samples: int, sample_rate: int) -> Samples:
        """Sound of a held key, shape (n_samples, 2).

        Parameters
        ----------
        program : General MIDI program 0–127.
        """

    def drum(self, pitch: int, sample_rate: int) -> Samples:
        """Sound of a stroke until it has died away, shape (n, 2); `pitch` is that of the General MIDI drum map."""
