"""Blocks of sound on their way from a decoder: cleaned of what is no sound, resampled, gathered into one array."""

from collections.abc import Iterable, Iterator

import numpy as np

from whitelight.audio.samples import LARGEST, Samples

BLOCK_SAMPLES = 1 << 17  # 3 s at 44.1 kHz: a megabyte of stereo at a time
FIRST_VALUES = 1 << 29  # 100 minutes of stereo; no header, honest or not, reserves more before sound arrives
RESAMPLING = "VHQ"  # 28 bits, so that 24-bit sources keep theirs


class Cleaner:
    """Silences samples that are not numbers, clips what is beyond full scale, and counts both.

    Parameters
    ----------
    is_float : the source stores floats, so that either is a fault of the file; otherwise only a lossy decoder
        overshoots, which is its nature.
    """

    def __init__(self, *, is_float: bool) -> None:
        self.is_float = is_float
        self.n_samples = 0
        self.n_values = 0
        self.n_not_numbers = 0
        self.n_clipped = 0

    def clean(self, block: Samples) -> Samples:
        """Return the block, cleaned in place."""
        self.n_samples += len(block)
        self.n_values += block.size
        if self.is_float:
            bad = ~np.isfinite(block)
            if bad.any():
                self.n_not_numbers += int(bad.sum())
                block[bad] = 0.0
            self.n_clipped += int((np.abs(block) > 1.0).sum())
        return np.clip(block, -1.0, LARGEST, out=block)

    def problems(self) -> Iterator[str]:
        """Say what was found; nothing when all was well."""
        if self.n_not_numbers:
            yield f"{self.n_not_numbers:,} samples are not numbers (NaN or infinite); silenced them"
        if self.n_clipped:
            yield f"{self.n_clipped:,} samples lie beyond full scale; clipped them"


def resampled(blocks: Iterable[Samples], source_rate: int, target_rate: int, n_channels: int) -> Iterator[Samples]:
    """Yield blocks at another rate (Hz), never more than one in memory; overshoot is clipped."""
    import soxr  # noqa: PLC0415  only catalogs with audio need it

    stream = soxr.ResampleStream(source_rate, target_rate, n_channels, dtype="float32", quality=RESAMPLING)
    for block in blocks:
        yield _clipped(stream.resample_chunk(block))
    yield _clipped(stream.resample_chunk(np.zeros((0, n_channels), np.float32), last=True))


def gathered(blocks: Iterable[Samples], n_expected: int, n_channels: int) -> Samples:
    """Return all blocks as one array, which grows only when there is more sound than expected.

    What is reserved and not written takes no memory: the system gives pages when they are first touched.
    """
    store = np.empty((max(min(n_expected, FIRST_VALUES // n_channels), 1), n_channels), np.float32)
    n = 0
    for block in blocks:
        if n + len(block) > len(store):
            grown = np.empty((max(2 * len(store), n + len(block)), n_channels), np.float32)
            grown[:n] = store[:n]
            store = grown
        store[n : n + len(block)] = block
        n += len(block)
    return store[:n]


def _clipped(block: Samples) -> Samples:
    return np.clip(block, -1.0, LARGEST, out=block)
