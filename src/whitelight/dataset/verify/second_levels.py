"""Levels measured a second time: RMS, peak and loudness by other arithmetic than `whitelight.audio`.

Loudness is ITU-R BS.1770-4 with the K-weighting as its frequency response, designed from the analog filters, where
`whitelight.audio.loudness` filters with an impulse response; the two agree within 10⁻⁵ LU (tests).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
SILENT_DBFS = -40.0
_FLOOR_DBFS = -149.0  # what lies below stands for digital silence
_N_FFT = 1 << 18  # samples of a block and its tail
_TAIL_S = 0.5  # of the high-pass filter, which must not wrap around
_SURROUND = {4: {2, 3}, 5: {3, 4}, 6: {4, 5}, 7: {4, 5, 6}, 8: {4, 5, 6, 7}}
_LOW_FREQUENCY = {6: 3, 7: 3, 8: 3}
LEVEL_DB, _LOUDNESS_LU = 0.02, 0.1


@dataclass(frozen=True, slots=True)
class MeasuredLevels:
    """Levels in dB of full scale and LUFS; None for digital silence, and where there is no loudness."""

    rms_dbfs: float | None
    peak_dbfs: float | None
    loudness_lufs: float | None


def measure(samples: Samples, sample_rate: int) -> MeasuredLevels:
    """Measure samples of shape (n_samples, n_channels); a sum beyond full scale is turned down to it."""
    rms = measure_rms(samples)
    peak = dbfs(float(np.abs(samples).max(initial=0.0)))
    down = max(peak or 0.0, 0.0)
    loudness = loudness_lufs(samples, sample_rate)
    return MeasuredLevels(*(None if level is None else level - down for level in (rms, peak, loudness)))


def measure_rms(samples: NDArray[Any]) -> float | None:
    """Return the RMS over all channels in dB of full scale; None for digital silence and without samples."""
    return dbfs(math.sqrt(float(np.mean(np.square(samples, dtype=np.float64))))) if samples.size else None


def level_differences(row: Mapping[str, Any], levels: MeasuredLevels) -> Iterator[str]:
    """Say which levels of a row are not those of its sound.

    Parameters
    ----------
    row : with the columns of the levels and `audio_bits`, to which its sound is rounded.
    """
    step = 2.0 ** -(row["audio_bits"] or 16)
    for name in ("rms_dbfs", "peak_dbfs"):
        found, expected = row[name], getattr(levels, name)
        if not _is_near(found, expected, LEVEL_DB, step):
            yield f"{name} is {_told(found)}, its sound has {_told(expected)}"
    rms = levels.rms_dbfs
    is_close = rms is not None and abs(rms - SILENT_DBFS) <= LEVEL_DB
    if not is_close and row["is_silent"] != (rms is None or rms < SILENT_DBFS):
        yield f"is_silent is {row['is_silent']}, its sound has an RMS of {_told(rms)} dBFS"
    found, loudness = row["loudness_lufs"], levels.loudness_lufs
    if not _is_near(found, loudness, _LOUDNESS_LU, 4 * step) and not _is_borderline(found, loudness):
        yield f"loudness_lufs is {_told(found)}, its sound has {_told(loudness)}"


def dbfs(amplitude: float) -> float | None:
    """Return an amplitude in dB of full scale; None for digital silence."""
    return 20 * math.log10(amplitude) if amplitude > 10 ** (_FLOOR_DBFS / 20) else None


def loudness_lufs(samples: Samples, sample_rate: int) -> float | None:
    """Return the integrated loudness; None below 0.4 s and where no block is above −70 LUFS."""
    step = round(0.1 * sample_rate)
    n_steps = len(samples) * 10 // sample_rate
    if n_steps < 4:
        return None
    energy, edges = np.zeros(n_steps), np.arange(n_steps + 1) * sample_rate // 10
    for channel in range(samples.shape[1]):
        if weight := _weight(channel, samples.shape[1]):
            weighted = _k_weighted(np.ascontiguousarray(samples[:, channel]), sample_rate)
            power = np.add.reduceat(np.square(weighted[: edges[-1]], dtype=np.float64), edges[:-1])
            energy += weight * power
    blocks = np.convolve(energy, np.ones(4), "valid") / (4 * step)
    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return None
    kept = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def _weight(channel: int, n_channels: int) -> float:
    if _LOW_FREQUENCY.get(n_channels) == channel:
        return 0.0
    return 1.41 if channel in _SURROUND.get(n_channels, ()) else 1.0


def _k_weighted(signal: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Filter block by block; the end of each block rings on into the next."""
    n_tail = round(_TAIL_S * sample_rate)
    n_fft = min(_N_FFT, 1 << (len(signal) + n_tail - 1).bit_length())
    response, step = _k_response(sample_rate, n_fft), n_fft - n_tail
    weighted = np.zeros(len(signal) + n_fft, np.float32)
    for start in range(0, len(signal), step):
        spectrum = np.fft.rfft(signal[start : start + step], n_fft)
        weighted[start : start + n_fft] += np.fft.irfft(spectrum * response, n_fft).astype(np.float32, copy=False)
    return weighted[: len(signal)]


@lru_cache(maxsize=8)  # rates; half a megabyte each
def _k_response(sample_rate: int, n_fft: int) -> NDArray[np.complex64]:
    """Response of the two filters of BS.1770, designed for any rate (their analog forms, bilinear transform)."""
    z = np.exp(-2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    k = math.tan(math.pi * 1681.974450955533 / sample_rate)
    high, middle, q = (
        10 ** (3.999843853973347 / 20),
        10 ** (3.999843853973347 / 20 * 0.4996667741545416),
        0.7071752369554196,
    )
    shelf = _biquad(z, (high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k), k, q)
    k = math.tan(math.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    scale = 1 + k / q + k * k
    passed = _biquad(z, (scale, -2 * scale, scale), k, q)
    response: NDArray[np.complex64] = (shelf * passed).astype(np.complex64)
    return response


def _biquad(
    z: NDArray[np.complex128], numerator: tuple[float, float, float], k: float, q: float
) -> NDArray[np.complex128]:
    denominator = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    over, under = (a + b * z + c * z * z for a, b, c in (numerator, denominator))
    response: NDArray[np.complex128] = over / under
    return response


def _is_near(found: float | None, expected: float | None, tolerance_db: float, step: float) -> bool:
    """Whether two levels agree in dB, or in amplitude to the rounding of a stored sample; null is digital silence."""
    if found is not None and expected is not None and abs(found - expected) <= tolerance_db:
        return True
    return abs(_amplitude(found) - _amplitude(expected)) <= step


def _amplitude(level: float | None) -> float:
    return 0.0 if level is None or level <= _FLOOR_DBFS else 10 ** (level / 20)


def _is_borderline(found: float | None, loudness: float | None) -> bool:
    """Whether all blocks lie so near the absolute gate that rounding decides whether there is a loudness."""
    told = found if loudness is None else loudness
    return (loudness is None or found is None) and told is not None and told < -69.0


def _told(value: float | None) -> str:
    return "null" if value is None else f"{value:.2f}"
