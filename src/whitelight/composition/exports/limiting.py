"""Bringing a rendering to one loudness: turned up or down as a whole, and only peaks that would pass the ceiling held back.

Levels: −16 LUFS, what streaming services play quiet music at, and peaks below −1 dBFS. The limiter looks ahead: the gain
is already low when a peak comes and returns slowly, so no wave is bent.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import loudness_lufs

TARGET_LUFS, CEILING_DBFS = -16.0, -1.0
MOST_GAIN_DB = 24.0  # a nearly silent candidate stays quiet
_STEP_S, _LOOK_STEPS, _RELEASE_STEPS = 0.0015, 3, 60
_BLOCK = 1 << 16  # samples
_PASSES, _NEAR_LU = 3, 0.3  # the limiter takes a little loudness away, which the gain gives back

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Leveled:
    """A rendering at its level.

    Attributes
    ----------
    gain_db : by how much all of it was turned up. held_db : by how much the loudest peak was held back.
    loudness_lufs : what was reached, None for silence.
    """

    samples: Samples
    gain_db: float
    held_db: float
    loudness_lufs: float | None


def brought_to_level(samples: Samples, sample_rate: int) -> Leveled:
    """Bring a rendering of shape (n_samples, n_channels) to `TARGET_LUFS`; silence and the nearly silent stay quiet."""
    step = max(round(_STEP_S * sample_rate), 1)
    peaks = _step_peaks(samples, step)
    loudness = loudness_lufs(samples, sample_rate)
    if loudness is None:
        return Leveled(samples, 0.0, 0.0, None)
    gain_db = min(TARGET_LUFS - loudness, MOST_GAIN_DB)
    for _ in range(_PASSES):
        curve = _curve(peaks, gain_db)
        leveled = _applied(samples, gain_db, curve, step)
        reached = loudness_lufs(leveled, sample_rate) if len(curve) else loudness + gain_db
        missing = TARGET_LUFS - (loudness if reached is None else reached)
        if not len(curve) or abs(missing) < _NEAR_LU or gain_db + missing > MOST_GAIN_DB:
            break
        gain_db += missing
    held_db = -20 * math.log10(float(curve.min())) if len(curve) else 0.0
    return Leveled(leveled, gain_db, held_db, reached)


def _step_peaks(samples: Samples, step: int) -> NDArray[np.float32]:
    """Largest sample of every step."""
    n_steps = -(-len(samples) // step)
    peaks = np.zeros(n_steps, np.float32)
    per_block = max(_BLOCK // step, 1)
    for first in range(0, n_steps, per_block):
        block = samples[first * step : (first + per_block) * step]
        n_whole = len(block) // step
        whole = np.abs(block[: n_whole * step]).reshape(n_whole, -1)
        peaks[first : first + n_whole] = whole.max(axis=1, initial=0.0)
        if len(block) > n_whole * step:
            peaks[first + n_whole] = np.abs(block[n_whole * step :]).max()
    return peaks


def _curve(peaks: NDArray[np.float32], gain_db: float) -> NDArray[np.float32]:
    """Gain per step so that no peak passes the ceiling: down before the peak, slowly up behind it."""
    ceiling = 10 ** (CEILING_DBFS / 20)
    needed = np.minimum(ceiling / np.maximum(peaks * 10 ** (gain_db / 20), 1e-9), 1.0)
    if not len(needed) or needed.min() >= 1.0:
        return np.empty(0, np.float32)
    padded = np.pad(needed, _LOOK_STEPS, constant_values=1.0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _LOOK_STEPS + 1)
    ahead = windows.min(axis=1)
    held = _released(ahead)
    kernel = np.full(2 * _LOOK_STEPS - 1, 1 / (2 * _LOOK_STEPS - 1))
    edge = (len(kernel) - 1) // 2
    smooth = np.convolve(np.pad(held, edge, mode="edge"), kernel, mode="valid")
    return smooth.astype(np.float32)


def _released(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gain with a slow return: at most a part of what is missing per step, by scanning in doubling strides."""
    missing = 1.0 - gain
    fall = math.exp(-1.0 / _RELEASE_STEPS)
    reach = 1
    while reach < min(len(missing), 8 * _RELEASE_STEPS):  # what is further away has died to 1/3000
        later = missing.copy()
        np.maximum(later[reach:], missing[:-reach] * fall**reach, out=later[reach:])
        missing = later
        reach *= 2
    return 1.0 - missing


def _applied(samples: Samples, gain_db: float, curve: NDArray[np.float32], step: int) -> Samples:
    """The rendering with gain and limiter, block by block."""
    out = np.empty_like(samples)
    gain, ceiling = np.float32(10 ** (gain_db / 20)), np.float32(10 ** (CEILING_DBFS / 20))
    steps = np.arange(len(curve))
    for first in range(0, len(samples), _BLOCK):
        block = out[first : first + _BLOCK]
        np.multiply(samples[first : first + _BLOCK], gain, out=block)
        near = curve[max(first // step - 1, 0) : (first + len(block)) // step + 2]
        if len(near) and near.min() < 1.0:
            places = (first + np.arange(len(block))) / step - 0.5
            block *= np.interp(places, steps, curve).astype(np.float32)[:, np.newaxis]
            np.clip(block, -ceiling, ceiling, out=block)
    return out
