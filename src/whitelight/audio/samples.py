"""Sound in memory: samples and their rate, cut without gaps, added without surprises.

Conventions: samples are float32 in [−1, 1), shape (n_samples, n_channels), axis 0 is time. A 24-bit integer divided by
2^23 is exact in float32, so samples of 16- and 24-bit sources are their integers and nothing is lost on the way.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

Samples = NDArray[np.float32]
Bits = Literal[16, 24]
MAX_CHANNELS = 8  # 7.1; more is a multitrack session, not a stem
LARGEST = 1.0 - 2.0**-23  # the largest sample 24 bits hold


class AudioError(WhitelightError):
    """A recording that cannot be read, written or used."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """A recording in memory.

    Parameters
    ----------
    samples : shape (n_samples, n_channels), float32 in [−1, 1); made read-only.
    sample_rate : Hz.
    bits : 16 or 24, what a copy needs to lose nothing (16 for lossy sources, whose noise is above it).
    problems : what was wrong with the source and what was done about it, one sentence each.
    """

    samples: Samples
    sample_rate: int
    bits: Bits = 24
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim == 1:
            samples = samples[:, np.newaxis]
        if samples.ndim != 2 or not 1 <= samples.shape[1] <= MAX_CHANNELS:
            raise AudioError(
                f"samples of shape {samples.shape}: expected (n_samples, n_channels) of 1 to {MAX_CHANNELS} channels"
            )
        if self.sample_rate <= 0 or self.bits not in (16, 24):
            raise AudioError(f"{self.sample_rate} Hz with {self.bits} bits: expected more than 0 Hz and 16 or 24 bits")
        object.__setattr__(self, "samples", _read_only(samples))

    @property
    def n_samples(self) -> int:
        """Samples per channel."""
        return len(self.samples)

    @property
    def n_channels(self) -> int:
        """Channels: 1 is mono, 2 stereo."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate

    def mono(self) -> "Audio":
        """The mean of all channels; the recording itself when it has one."""
        if self.n_channels == 1:
            return self
        return Audio(to_mono(self.samples), self.sample_rate, self.bits, self.problems)

    def slice_s(self, start_s: float, end_s: float) -> "Audio":
        """The part from `start_s` to `end_s`, see `slice_samples`."""
        return Audio(slice_samples(self, start_s, end_s), self.sample_rate, self.bits, self.problems)


def slice_samples(audio: Audio, start_s: float, end_s: float) -> Samples:
    """Return the samples round(start_s · rate) up to round(end_s · rate), without a copy.

    Neighbors that share an edge meet there exactly: no sample is lost or doubled. What lies past the end of the
    recording is not there; the slice is shorter, empty when it starts there.

    Raises
    ------
    AudioError : a time is negative or not a number, or the end is before the start.
    """
    if not (math.isfinite(start_s) and math.isfinite(end_s) and 0 <= start_s <= end_s):
        raise AudioError(f"slice from {start_s} s to {end_s} s: expected 0 ≤ start ≤ end; cut inside the recording")
    return audio.samples[round(start_s * audio.sample_rate) : round(end_s * audio.sample_rate)]


def to_mono(samples: Samples) -> Samples:
    """Mean over channels, shape (n_samples, 1)."""
    if samples.shape[1] == 1:
        return samples
    total = samples[:, 0].copy()
    for channel in range(1, samples.shape[1]):  # faster than a mean along the short axis
        total += samples[:, channel]
    total *= np.float32(1 / samples.shape[1])
    return total[:, np.newaxis]


def mix(parts: Sequence[Audio]) -> Audio:
    """Add recordings of one sample rate; shorter ones end in silence.

    Mono joins stereo on both sides. The sum keeps its level; only when it leaves [−1, 1) is all of it turned down just
    enough, and `problems` says by how much.

    Raises
    ------
    AudioError : nothing to add, or sample rates or channels do not fit together.
    """
    rates, widths = {part.sample_rate for part in parts}, {part.n_channels for part in parts}
    if len(rates) != 1 or len(widths - {1}) > 1:
        raise AudioError(
            f"{len(parts)} recordings of {sorted(rates)} Hz and {sorted(widths)} channels: "
            "expected some, of one sample rate, mono or of one number of channels; resample or mix down first"
        )
    if len(parts) == 1:
        return parts[0]
    total = np.zeros((max(part.n_samples for part in parts), max(widths)), np.float32)
    for part in parts:
        total[: part.n_samples] += part.samples
    problems = tuple(dict.fromkeys(problem for part in parts for problem in part.problems))
    peak = float(np.abs(total).max(initial=0.0))
    if peak > LARGEST:
        total *= np.float32(LARGEST / peak)
        problems += (
            f"the sum of {len(parts)} recordings was turned down by {20 * math.log10(peak):.1f} dB: it clipped",
        )
    bits: Bits = 24 if any(part.bits == 24 for part in parts) else 16
    return Audio(total, rates.pop(), bits, problems)


def _read_only(samples: Samples) -> Samples:
    view = samples.view()
    view.flags.writeable = False
    return view
