"""Loudness by ITU-R BS.1770-4: K-weighting, blocks of 400 ms every 100 ms, absolute and relative gates.

The two filters of K-weighting are recursive, which numpy alone does slowly. Their joint impulse response has fallen
below 10⁻⁷ after 80 ms, so it is applied as a finite filter by FFT, in blocks; pyloudnorm is the reference in the tests.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.samples import Samples

BLOCK_S, STEP_S = 0.4, 0.1
ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU = -70.0, -10.0
OFFSET_LUFS = -0.691  # makes a full-scale 997 Hz sine in one channel −3.01 LUFS
_RESPONSE_S = 0.08
_SURROUND = 1.41
_CHANNEL_WEIGHTS = {  # channels in the order of WAV files; the low-frequency channel does not count
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
    7: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND, _SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND, _SURROUND, _SURROUND),
}


def loudness_lufs(samples: Samples, sample_rate: int) -> float | None:
    """Return the integrated loudness in LUFS.

    Parameters
    ----------
    samples : shape (n_samples, n_channels).

    Returns
    -------
    None for less than 0.4 s, the length of one block, and when no block is above the absolute gate of −70 LUFS.
    """
    steps = _step_energies(samples, sample_rate)
    n_blocks = len(steps) - round(BLOCK_S / STEP_S) + 1
    if n_blocks < 1:
        return None
    energies = np.sum([steps[k : k + n_blocks] for k in range(round(BLOCK_S / STEP_S))], axis=0)
    energies /= BLOCK_S * sample_rate
    loud = energies[_lufs(energies) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return None
    kept = loud[_lufs(loud) > float(_lufs(loud.mean())) + RELATIVE_GATE_LU]
    return float(_lufs(kept.mean()))


def _step_energies(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Weighted sum of squares of each whole 100 ms after K-weighting, shape (n_steps,)."""
    edges = np.rint(np.arange(0, len(samples) / sample_rate + STEP_S, STEP_S) * sample_rate).astype(np.int64)
    edges = edges[edges <= len(samples)]
    energies = np.zeros(max(len(edges) - 1, 0))
    if not len(energies):
        return energies
    n_channels = samples.shape[1]
    for channel, weight in enumerate(_CHANNEL_WEIGHTS.get(n_channels, (1.0,) * n_channels)):
        if weight:
            squares = np.square(_k_weighted(samples[: edges[-1], channel], sample_rate))
            energies += weight * np.add.reduceat(squares, edges[:-1], dtype=np.float64)
    return energies


def _k_weighted(channel: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Filter one channel by overlap-save; rows of one two-dimensional FFT are the blocks."""
    n_taps = _n_taps(sample_rate)
    hop = _n_fft(sample_rate) - n_taps + 1
    n_blocks = -(-len(channel) // hop)
    padded = np.zeros(n_taps - 1 + n_blocks * hop, np.float32)
    padded[n_taps - 1 : n_taps - 1 + len(channel)] = channel
    blocks = np.lib.stride_tricks.sliding_window_view(padded, n_taps - 1 + hop)[::hop]
    filtered = np.fft.irfft(np.fft.rfft(blocks) * _response(sample_rate), n_taps - 1 + hop)
    return filtered[:, n_taps - 1 :].reshape(-1)[: len(channel)].astype(np.float32, copy=False)


def _n_taps(sample_rate: int) -> int:
    return round(_RESPONSE_S * sample_rate) + 1


def _n_fft(sample_rate: int) -> int:
    return 1 << (4 * _n_taps(sample_rate)).bit_length()  # measured: larger ones leave the cache


@lru_cache(maxsize=8)
def _response(sample_rate: int) -> NDArray[np.complex64]:
    """Frequency response of K-weighting cut to `_RESPONSE_S`, for blocks of `_n_fft`."""
    impulse = [1.0] + [0.0] * (_n_taps(sample_rate) - 1)
    for b, a in (_shelf(sample_rate), _high_pass(sample_rate)):
        impulse = _filtered(impulse, b, a)
    return np.fft.rfft(np.array(impulse), _n_fft(sample_rate)).astype(np.complex64)


def _filtered(x: list[float], b: tuple[float, float, float], a: tuple[float, float, float]) -> list[float]:
    """Apply one biquad, direct form II transposed; a[0] is 1."""
    y, z1, z2 = [], 0.0, 0.0
    for value in x:
        out = b[0] * value + z1
        z1, z2 = b[1] * value - a[1] * out + z2, b[2] * value - a[2] * out
        y.append(out)
    return y


def _shelf(sample_rate: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """First stage: the head, a high shelf of +4 dB; analog prototype of BS.1770's 48 kHz coefficients."""
    gain_db, q, frequency_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * frequency_hz / sample_rate)
    vh = 10.0 ** (gain_db / 20)
    vb = vh**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    b = ((vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0)
    return b, (1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)


def _high_pass(sample_rate: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Second stage: a high-pass at 38 Hz."""
    q, frequency_hz = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * frequency_hz / sample_rate)
    a0 = 1.0 + k / q + k * k
    return (1.0, -2.0, 1.0), (1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0)


def _lufs(energies: NDArray[np.float64] | np.floating) -> NDArray[np.float64]:
    return OFFSET_LUFS + 10.0 * np.log10(np.maximum(energies, 1e-30))
