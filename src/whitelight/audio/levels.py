"""How loud a recording is: RMS, peak, loudness, silence, and the outline that is drawn of it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.loudness import loudness_lufs
from whitelight.audio.samples import AudioError, Samples

SILENT_DBFS = -40.0  # RMS below this is silence, as the catalog's owner measured it
FLOOR_DBFS = -150.0  # below the last of 24 bits (−138 dBFS); stands for digital silence, whose level is −∞


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a recording.

    Parameters
    ----------
    rms_dbfs : over all channels, at least `FLOOR_DBFS`; a full-scale square wave has 0.
    peak_dbfs : largest sample, at least `FLOOR_DBFS`.
    loudness_lufs : integrated, BS.1770-4; None under 0.4 s, and when all of it lies below −70 LUFS.
    """

    rms_dbfs: float
    peak_dbfs: float
    loudness_lufs: float | None

    @property
    def is_silent(self) -> bool:
        """Whether the RMS is below `SILENT_DBFS`."""
        return self.rms_dbfs < SILENT_DBFS


def measure_levels(samples: Samples, sample_rate: int) -> Levels:
    """Measure samples of shape (n_samples, n_channels); none at all are silent."""
    if not samples.size:
        return Levels(FLOOR_DBFS, FLOOR_DBFS, None)
    flat = np.ascontiguousarray(samples).reshape(-1)
    power = sum(float(np.dot(part, part)) for part in np.array_split(flat, flat.size // 65536 + 1))  # bounded rounding
    peak = max(float(flat.max()), -float(flat.min()))
    return Levels(_dbfs(math.sqrt(power / flat.size)), _dbfs(peak), loudness_lufs(samples, sample_rate))


def peaks(samples: Samples, n_bins: int) -> NDArray[np.float32]:
    """Return the outline of a recording for drawing.

    Returns
    -------
    shape (n_bins, 2), float32: least and greatest sample of each of `n_bins` equal parts over all channels; a part
    without a sample of its own repeats the one it lies in; zeros without samples.

    Raises
    ------
    AudioError : `n_bins` is less than 1.
    """
    if n_bins < 1:
        raise AudioError(f"outline of {n_bins} bins: expected at least 1")
    if not samples.size:
        return np.zeros((n_bins, 2), np.float32)
    low, high = samples.min(axis=1), samples.max(axis=1)
    starts = np.arange(n_bins) * len(samples) // n_bins
    return np.stack([np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)], axis=1)


def _dbfs(amplitude: float) -> float:
    return max(20.0 * math.log10(amplitude), FLOOR_DBFS) if amplitude > 0.0 else FLOOR_DBFS
