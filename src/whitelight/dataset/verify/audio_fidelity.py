"""Comparing the stored sound of a row with its recording.

A lossless recording at its own rate must be there sample for sample. A mono mix and a float recording are rounded
once: every sample within a step. Any other rate, and a lossy recording whose decoder differs, is compared as a listener
would: how alike the two are, how far one lags, how loud it is, how long; at another rate below `SHARED_BAND`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset.verify.second_audio import Recording, Samples, as_float, fast_length, resampled, stretch
from whitelight.dataset.verify.second_levels import dbfs

MIN_CORRELATION = 0.995
MAX_LAG_MS = 1.0
MAX_LEVEL_DB = 0.2
MAX_LENGTH_SAMPLES = 1
SHARED_BAND = 0.85  # of the lower of two Nyquist frequencies; above it every resampler falls off in its own way
_QUIET = 10 ** (-80 / 20)  # what is below is compared by its samples: silence is like nothing
_SEARCH_S = 2.0  # how far a shift is looked for
_MIN_SEARCH_MS = 0.4  # a first estimate below this is taken as it is


@dataclass(slots=True)
class SoundCheck:
    """What differs, and the figures behind it: `n_samples`, `correlation`, `lag_ms`, `level_db`."""

    failures: list[str] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)


def compare_sound(
    row: Mapping[str, Any], stored: NDArray[np.int32], recording: Recording, *, is_mono: bool
) -> SoundCheck:
    """Compare stored sound with the stretch of its recording.

    Parameters
    ----------
    row : with `start_s`, `end_s`, `sample_rate`, `audio_bits`.
    stored : as decoded, samples in the upper bits.
    is_mono : the build mixed channels to their mean.

    Raises
    ------
    UnheardError : the recording cannot be decoded.
    """
    rate = row["sample_rate"]
    start, stop = stretch(recording, rate, row["start_s"], row["end_s"])
    n_channels = 1 if is_mono else recording.n_channels
    is_same_rate = rate == recording.sample_rate
    is_copy = is_same_rate and recording.is_exact and n_channels == recording.n_channels
    check = SoundCheck()
    if is_copy:
        _compare_copies(stored, recording.integers(start, stop), rate, check)
        return check
    source = recording.samples(start, stop) if is_same_rate else resampled(recording, rate, start, stop)
    if n_channels < source.shape[1]:
        source = source.mean(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)
    ours = as_float(stored)
    if not is_same_rate and ours.shape == source.shape:
        share = SHARED_BAND * min(recording.sample_rate, rate) / rate
        ours, source = low_passed(ours, share), low_passed(source, share)
    if is_same_rate and ours.shape == source.shape and _is_rounded(ours, source, row["audio_bits"]):
        check.measures |= {"n_samples": len(ours), "correlation": 1.0, "lag_ms": 0.0, "level_db": 0.0}
        return check
    _compare_by_ear(ours, source, rate, check)
    return check


def _compare_copies(stored: NDArray[np.int32], source: NDArray[np.int32], rate: int, check: SoundCheck) -> None:
    """Every sample; what differs is explained by a shift where there is one."""
    check.measures["n_samples"] = len(stored)
    if stored.shape != source.shape:
        check.failures.append(f"its audio is {_shape(stored)}, the recording's stretch {_shape(source)}")
    if stored.shape[1] != source.shape[1]:
        return
    n = min(len(stored), len(source))
    differs = (stored[:n] != source[:n]).any(axis=1)
    if not differs.any():
        return
    text = f"{int(differs.sum()):,} of {n:,} samples differ from the recording, the first {differs.argmax() / rate:.4f} s in"
    likeness = measure_likeness(as_float(stored[:n]), as_float(source[:n]), rate)
    check.measures |= likeness
    check.failures.append(f"{text}: {_explanation(likeness, rate)}")


def _compare_by_ear(stored: Samples, source: Samples, rate: int, check: SoundCheck) -> None:
    check.measures["n_samples"] = len(stored)
    if stored.shape[1] != source.shape[1] or abs(len(stored) - len(source)) > MAX_LENGTH_SAMPLES:
        check.failures.append(f"its audio is {_shape(stored)}, the recording's stretch {_shape(source)}")
        if stored.shape[1] != source.shape[1]:
            return
    n = min(len(stored), len(source))
    likeness = measure_likeness(stored[:n], source[:n], rate)
    check.measures |= likeness
    lag_ms, level_db = likeness.get("lag_ms", 0.0), likeness.get("level_db", 0.0)
    if likeness["correlation"] < MIN_CORRELATION or abs(lag_ms) >= MAX_LAG_MS or abs(level_db) > MAX_LEVEL_DB:
        check.failures.append(f"its audio is not that of the recording: {_explanation(likeness, rate)}")


def measure_likeness(stored: Samples, source: Samples, rate: int) -> dict[str, float]:
    """Return how alike two sounds of equal shape are: correlation as they lie, lag (positive: late), level.

    Where both are next to silent, the correlation is 1 when no sample is louder than that.
    """
    if max(_rms(stored), _rms(source)) < _QUIET:
        return {"correlation": 1.0, "lag_ms": 0.0, "level_db": 0.0}
    correlation = _correlation(stored, source)
    lag_s = _small_lag(stored, source) / rate
    if correlation < MIN_CORRELATION or abs(lag_s) * 1000 > _MIN_SEARCH_MS:
        lag_s = _search_lag(stored.mean(axis=1), source.mean(axis=1), rate) / rate
    level = (dbfs(_rms(stored)) or -150.0) - (dbfs(_rms(source)) or -150.0)
    return {
        "correlation": round(correlation, 6),
        "lag_ms": round(lag_s * 1000, 4) + 0.0,
        "level_db": round(level, 3) + 0.0,
    }


def low_passed(samples: Samples, share: float) -> Samples:
    """Return sound without what lies above a share of its Nyquist frequency; its first and last 5 % fade."""
    n_fade = len(samples) // 20
    window = np.ones(len(samples), np.float32)
    ramp = np.linspace(0, 1, n_fade, dtype=np.float32)
    window[:n_fade], window[len(samples) - n_fade :] = ramp, ramp[::-1]
    n = fast_length(len(samples))
    spectrum = np.fft.rfft(samples * window[:, None], n, axis=0)
    spectrum[round(share * (n // 2)) :] = 0
    return np.fft.irfft(spectrum, n, axis=0)[: len(samples)].astype(np.float32, copy=False)


def _is_rounded(stored: Samples, source: Samples, bits: int) -> bool:
    return bool(np.abs(stored.astype(np.float64) - source).max(initial=0.0) <= 1.01 * 2.0 ** (1 - bits))


def _rms(samples: NDArray[Any]) -> float:
    return float(np.sqrt(_dot(samples, samples) / samples.size)) if samples.size else 0.0


def _correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    return _dot(one, other) / max(float(np.sqrt(_dot(one, one) * _dot(other, other))), 1e-30)


def _dot(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Sum of products; numpy's own loop, since the threads of BLAS cost more than they give on a few seconds."""
    return float(np.einsum("ij,ij->", one, other, dtype=np.float64))


def _small_lag(ours: Samples, theirs: Samples) -> float:
    """First-order estimate in samples: how much of the difference is the slope of the sound."""
    if len(theirs) < 3:
        return 0.0
    slope = (theirs[2:] - theirs[:-2]) * np.float32(0.5)
    return -_dot(slope, ours[1:-1] - theirs[1:-1]) / max(_dot(slope, slope), 1e-30)


def _search_lag(ours: NDArray[np.float32], theirs: NDArray[np.float32], rate: int) -> int:
    """Samples by which the first is late, where the two are most alike, up to `_SEARCH_S`; by FFT."""
    n = fast_length(len(ours) + len(theirs))
    cross = np.fft.irfft(np.fft.rfft(ours, n) * np.conj(np.fft.rfft(theirs, n)), n)
    reach = min(round(_SEARCH_S * rate), len(ours) - 1)
    near = np.concatenate([cross[n - reach :], cross[: reach + 1]])
    return int(np.abs(near).argmax()) - reach


def _explanation(likeness: Mapping[str, float], rate: int) -> str:
    lag_ms = likeness["lag_ms"]
    told = [f"correlation {likeness['correlation']:.4f}", f"level {likeness['level_db']:+.2f} dB"]
    if lag_ms:
        told.insert(
            0,
            f"{abs(lag_ms):.2f} ms ({round(abs(lag_ms) * rate / 1000)} samples) too {'late' if lag_ms > 0 else 'early'}",
        )
    return ", ".join(told)


def _shape(samples: NDArray[Any]) -> str:
    return f"{len(samples):,} samples in {samples.shape[1]} channels"
