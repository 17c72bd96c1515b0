"""Sound as encoders take it: one channel at one sample rate, whether there is anything to hear, and cuts of long ones."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.errors import WhitelightError

MIN_DURATION_S = 0.05  # shorter sound has no pitch, no timbre, no rhythm; a wav2vec2 frame alone needs 25 ms
SILENCE_DBFS = -80.0  # RMS; the dither of 16-bit audio lies near -98, the noise of a good room near -70

Mono = NDArray[np.float32]


class UnusableSoundError(WhitelightError):
    """Sound that no encoder can take."""


def is_heard(audio: Audio) -> bool:
    """Tell whether there is anything to encode: at least 50 ms, and an RMS of -80 dBFS or more.

    Raises
    ------
    UnusableSoundError : a sample is not a finite number.
    """
    if audio.duration_s < MIN_DURATION_S:
        return False
    return rms_dbfs(audio.mono().samples[:, 0]) >= SILENCE_DBFS


def rms_dbfs(samples: Mono) -> float:
    """Return the root mean square in dB below full scale; -inf for silence.

    Raises
    ------
    UnusableSoundError : as `is_heard`.
    """
    power = float(samples @ samples) / max(len(samples), 1)
    if not np.isfinite(power):
        n_bad = int((~np.isfinite(samples)).sum())
        raise UnusableSoundError(f"{n_bad:,} of {len(samples):,} samples are not numbers; expected all in [-1, 1)")
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def mono_at(audio: Audio, sample_rate: int) -> Mono:
    """Mix all channels to their mean and resample, shape (n,), float32."""
    samples = audio.mono().samples[:, 0]
    if audio.sample_rate == sample_rate:
        return np.ascontiguousarray(samples)
    import soxr  # noqa: PLC0415  only encoders of audio need it

    return np.asarray(soxr.resample(samples, audio.sample_rate, sample_rate, quality="HQ"), np.float32)


def equal_parts(n_samples: int, longest: int) -> list[slice]:
    """Cut `n_samples` into as few parts as possible, none above `longest`, equal to one sample, without gap or overlap."""
    n_parts = max(1, -(-n_samples // longest))
    edges = [round(k * n_samples / n_parts) for k in range(n_parts + 1)]
    return [slice(a, b) for a, b in pairwise(edges)]


def full_windows(n_samples: int, length: int) -> list[slice]:
    """Cover `n_samples` with as few windows of exactly `length` as possible; they overlap evenly.

    Shorter sound is one window of its own length.
    """
    if n_samples <= length:
        return [slice(0, n_samples)]
    n_windows = -(-n_samples // length)
    starts = [round(k * (n_samples - length) / (n_windows - 1)) for k in range(n_windows)]
    return [slice(start, start + length) for start in starts]
