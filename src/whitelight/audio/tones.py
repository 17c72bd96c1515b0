"""The built-in synthesizer: one decaying or sustained tone per family of General MIDI programs.

It stands in where there is no SoundFont. Each family has a spectrum and an envelope; nothing imitates an instrument
closely, but pianos decay, organs hold, strings swell, flutes are plain and reeds are hollow.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.drum_kit import strike
from whitelight.audio.samples import Samples
from whitelight.audio.voices import REFERENCE_RMS

_TABLE_SIZE = 4096
_MOST_PARTIALS = 40
_HIGHEST = 0.45  # of the sample rate: no partial above it
_A4_HZ, _A4 = 440.0, 69
_DRUM_LEVEL = np.float32(0.6)  # against tones of `REFERENCE_RMS`
_BRIGHT_S = 0.25  # how long the beginning of a struck note stays bright


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a family of instruments sounds.

    Parameters
    ----------
    rolloff : partial k has amplitude k^-rolloff.
    even : factor on even partials; 0 is hollow.
    attack_s : time to full level.
    decay_s : time to 1/e at middle C, twice as long two octaves below.
    sustain : level that remains, 0 to 1.
    brightness : how much the beginning exceeds the rest in high partials; 0 is an even tone.
    """

    rolloff: float
    even: float = 1.0
    attack_s: float = 0.004
    decay_s: float = 1.0
    sustain: float = 0.0
    brightness: float = 0.0


_FAMILIES = (  # programs 0–7, 8–15, …
    Timbre(1.6, decay_s=1.1, brightness=0.8),  # piano
    Timbre(2.4, even=0.6, decay_s=0.7, brightness=0.6),  # chromatic percussion
    Timbre(1.5, even=0.8, attack_s=0.010, sustain=1.0),  # organ
    Timbre(1.4, decay_s=0.6, brightness=1.0),  # guitar
    Timbre(1.8, decay_s=0.9, sustain=0.15, brightness=0.6),  # bass
    Timbre(1.2, attack_s=0.070, decay_s=0.5, sustain=0.8),  # strings
    Timbre(1.3, attack_s=0.100, decay_s=0.5, sustain=0.9),  # ensemble
    Timbre(1.0, attack_s=0.035, decay_s=0.3, sustain=0.8, brightness=0.4),  # brass
    Timbre(1.2, even=0.25, attack_s=0.025, decay_s=0.3, sustain=0.85),  # reed
    Timbre(2.6, even=0.7, attack_s=0.030, decay_s=0.3, sustain=0.9),  # pipe
    Timbre(1.0, attack_s=0.006, decay_s=0.4, sustain=0.7, brightness=0.3),  # synth lead
    Timbre(1.7, attack_s=0.150, decay_s=1.0, sustain=0.85),  # synth pad
    Timbre(1.5, even=0.5, attack_s=0.080, decay_s=1.5, sustain=0.4, brightness=0.5),  # synth effects
    Timbre(1.3, decay_s=0.45, brightness=1.0),  # plucked, from elsewhere
    Timbre(2.0, even=0.4, decay_s=0.25, brightness=0.5),  # percussive
    Timbre(0.8, attack_s=0.050, decay_s=0.5, sustain=0.5),  # sound effects
)


class BuiltInVoices:
    """The instruments that need no SoundFont."""

    name = "built-in synthesizer, for want of a SoundFont"

    def note(self, program: int, pitch: int, n_samples: int, sample_rate: int) -> Samples:
        """Sound of a held key, see `Voices`."""
        timbre = _FAMILIES[program // 8]
        frequency_hz = _A4_HZ * 2.0 ** ((pitch - _A4) / 12)
        n_partials = max(min(int(_HIGHEST * sample_rate / frequency_hz), _MOST_PARTIALS), 1)
        place = np.arange(n_samples, dtype=np.float64) * (frequency_hz * _TABLE_SIZE / sample_rate)
        index = place.astype(np.int64) & (_TABLE_SIZE - 1)
        seconds = np.arange(n_samples, dtype=np.float32) / np.float32(sample_rate)
        wave = _cycle(timbre.rolloff + timbre.brightness, timbre.even, n_partials)[index]
        if timbre.brightness:
            bright = _cycle(timbre.rolloff, timbre.even, n_partials)[index]
            wave += (bright - wave) * np.exp(seconds / np.float32(-_BRIGHT_S))
        wave *= _envelope(timbre, pitch, seconds)
        return np.repeat(wave[:, np.newaxis], 2, axis=1)

    def drum(self, pitch: int, sample_rate: int) -> Samples:
        """Sound of a stroke, see `Voices`."""
        return np.repeat(_DRUM_LEVEL * strike(pitch, sample_rate)[:, np.newaxis], 2, axis=1)


@lru_cache(maxsize=512)
def _cycle(rolloff: float, even: float, n_partials: int) -> NDArray[np.float32]:
    """One cycle of a tone, shape (`_TABLE_SIZE`,), of RMS √2 times the reference, since tones decay."""
    k = np.arange(1, n_partials + 1)
    amplitude = k**-rolloff * np.where(k % 2 == 0, even, 1.0)
    spectrum = np.zeros(_TABLE_SIZE // 2 + 1, np.complex128)
    spectrum[1 : n_partials + 1] = amplitude * np.exp(1j * np.pi * k * (k - 1) / n_partials)  # Schroeder: low peaks
    wave = np.fft.irfft(spectrum)
    level = np.sqrt(2.0) * REFERENCE_RMS / np.sqrt(np.mean(wave**2))
    return np.asarray(wave * level, dtype=np.float32)


def _envelope(timbre: Timbre, pitch: int, seconds: NDArray[np.float32]) -> NDArray[np.float32]:
    decay_s = timbre.decay_s * 2.0 ** ((60 - pitch) / 24)
    level = timbre.sustain + (1.0 - timbre.sustain) * np.exp(seconds / np.float32(-decay_s))
    return np.asarray(level * np.minimum(seconds / np.float32(timbre.attack_s), 1.0), dtype=np.float32)
