"""The drum kit of the built-in synthesizer: each drum of the General MIDI map as tones, a band of noise, and metal.

A kick is a tone that falls, a snare two tones and noise, a hat short high noise with metal in it, a cymbal the same for
long. The noise of a drum is always the same, so that a rendering is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DYING = 7.0  # decay times until a sound is over: −61 dB
_METAL_RATIOS = (1.0, 1.342, 1.501, 1.732, 1.975, 2.318, 2.646, 3.017)  # inharmonic, so that no pitch is heard
_HIGHEST = 0.48  # of the sample rate
_FADE_IN_S = 0.0005


@dataclass(frozen=True, slots=True)
class Tone:
    """A sine that falls from `start_hz` to `end_hz` and dies away; times to 1/e."""

    start_hz: float
    end_hz: float
    sweep_s: float
    decay_s: float
    level: float


@dataclass(frozen=True, slots=True)
class Noise:
    """A band of noise that dies away; struck again after each of `again_s`."""

    low_hz: float
    high_hz: float
    decay_s: float
    level: float
    again_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Metal:
    """Many inharmonic sines above `lowest_hz` that die away."""

    lowest_hz: float
    decay_s: float
    level: float


Part = Tone | Noise | Metal


def _tom(low_hz: float) -> tuple[Part, ...]:
    return (Tone(low_hz * 1.7, low_hz, 0.05, 0.17, 0.75), Noise(300, 3000, 0.012, 0.12))


def _hand(low_hz: float, decay_s: float = 0.10) -> tuple[Part, ...]:
    return (Tone(low_hz * 1.2, low_hz, 0.015, decay_s, 0.6), Noise(800, 5000, 0.008, 0.15))


def _wood(hz: float, decay_s: float = 0.025) -> tuple[Part, ...]:
    return (Tone(hz, hz, 1.0, decay_s, 0.5), Tone(hz * 2.7, hz * 2.7, 1.0, decay_s / 2, 0.2))


def _shaken(decay_s: float, level: float = 0.25) -> tuple[Part, ...]:
    return (Noise(5000, 12000, decay_s, level),)


_KICK: tuple[Part, ...] = (Tone(160, 48, 0.025, 0.14, 1.0), Noise(1500, 6000, 0.004, 0.12))
_SNARE: tuple[Part, ...] = (
    Tone(210, 180, 0.02, 0.07, 0.4),
    Tone(350, 320, 0.02, 0.05, 0.2),
    Noise(900, 9500, 0.085, 0.5),
)
_HAT: tuple[Part, ...] = (Noise(7000, 14000, 0.028, 0.3), Metal(4100, 0.022, 0.10))
_OPEN_HAT: tuple[Part, ...] = (Noise(6500, 14000, 0.17, 0.28), Metal(4100, 0.15, 0.10))
_CRASH: tuple[Part, ...] = (Noise(3000, 14000, 0.42, 0.35), Metal(2700, 0.38, 0.12))
_RIDE: tuple[Part, ...] = (Metal(3300, 0.33, 0.16), Noise(6000, 13000, 0.10, 0.10))
_RIM: tuple[Part, ...] = (Tone(1750, 1650, 0.01, 0.012, 0.5), Noise(2000, 8000, 0.010, 0.35))

_DRUMS: dict[int, tuple[Part, ...]] = {
    35: _KICK,
    36: _KICK,
    37: _RIM,
    38: _SNARE,
    39: (Noise(800, 6000, 0.05, 0.55, again_s=(0.011, 0.022)),),  # hand clap
    40: _SNARE,
    41: _tom(80),
    42: _HAT,
    43: _tom(95),
    44: (Noise(6000, 12000, 0.018, 0.22), Metal(3900, 0.015, 0.07)),
    45: _tom(115),
    46: _OPEN_HAT,
    47: _tom(140),
    48: _tom(170),
    49: _CRASH,
    50: _tom(205),
    51: _RIDE,
    52: (Noise(2200, 11000, 0.30, 0.38), Metal(1900, 0.26, 0.14)),  # Chinese cymbal
    53: (Metal(2400, 0.40, 0.22),),  # bell of the ride
    54: (Noise(6000, 14000, 0.06, 0.22), Metal(5200, 0.09, 0.14)),  # tambourine
    55: (Noise(4000, 14000, 0.20, 0.35), Metal(3300, 0.18, 0.12)),  # splash
    56: (Tone(562, 562, 1.0, 0.09, 0.4), Tone(845, 845, 1.0, 0.09, 0.4)),  # cowbell
    57: _CRASH,
    59: _RIDE,
    60: _hand(300),
    61: _hand(220),
    62: _hand(350, 0.03),
    63: _hand(330),
    64: _hand(200, 0.15),
    65: _hand(420, 0.16),
    66: _hand(320, 0.16),
    67: _wood(1350, 0.10),
    68: _wood(900, 0.10),
    69: _shaken(0.030),
    70: _shaken(0.022, 0.3),
    75: _wood(2500, 0.03),
    76: _wood(1150),
    77: _wood(820),
    80: (Metal(4800, 0.05, 0.2),),
    81: (Metal(4800, 0.45, 0.2),),
    82: _shaken(0.035),
}


def strike(pitch: int, sample_rate: int) -> NDArray[np.float32]:
    """Return one stroke, shape (n,), until it has died away; a drum the map does not know is a rim."""
    parts = _DRUMS.get(pitch, _RIM)
    length_s = max(part.decay_s * _DYING for part in parts)
    seconds = np.arange(round(length_s * sample_rate)) / sample_rate
    rng = np.random.default_rng(pitch)
    stroke = sum((_sound(part, seconds, sample_rate, rng) for part in parts), np.zeros(len(seconds)))
    stroke *= np.minimum(seconds / _FADE_IN_S, 1.0)
    stroke *= np.minimum((seconds[-1] - seconds) / (0.1 * seconds[-1]), 1.0)
    return stroke.astype(np.float32)


def _sound(part: Part, seconds: NDArray[np.float64], sample_rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    dying = np.exp(-seconds / part.decay_s)
    match part:
        case Tone():
            fall = (part.start_hz - part.end_hz) * part.sweep_s * (1.0 - np.exp(-seconds / part.sweep_s))
            return part.level * dying * np.sin(2 * np.pi * (part.end_hz * seconds + fall))
        case Metal():
            heard = [ratio for ratio in _METAL_RATIOS if ratio * part.lowest_hz < _HIGHEST * sample_rate]
            wave = np.zeros(len(seconds))
            for k, ratio in enumerate(heard):
                wave += np.sin(2 * np.pi * part.lowest_hz * ratio * seconds + k * k)
            return part.level / 2 * dying * wave
        case Noise():
            for again_s in part.again_s:
                dying = np.where(seconds >= again_s, np.exp(-(seconds - again_s) / part.decay_s), dying)
            return part.level * dying * _band(part, len(seconds), sample_rate, rng)


def _band(noise: Noise, n_samples: int, sample_rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise between two frequencies, RMS 0.35: peaks near 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    frequency_hz = np.fft.rfftfreq(n_samples, 1 / sample_rate)
    low_hz = min(noise.low_hz, _HIGHEST * sample_rate * 0.7)  # at a low rate high noise is at least some noise
    spectrum[(frequency_hz < low_hz) | (frequency_hz > min(noise.high_hz, _HIGHEST * sample_rate))] = 0
    wave = np.fft.irfft(spectrum, n_samples)
    return np.asarray(wave * (0.35 / max(float(np.sqrt(np.mean(wave**2))), 1e-12)))
