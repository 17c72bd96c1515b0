"""Reading recordings: decoded once, in blocks, mixed down and resampled on the way into one array.

What a damaged file still holds is used and said; what cannot be a recording is refused (`docs/formats.md`, Audio).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whitelight.audio.blocks import Cleaner, blocks_of, gathered, resampled
from whitelight.audio.media import open_media
from whitelight.audio.probing import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, AudioInfo, open_sound
from whitelight.audio.samples import Audio, AudioError, Bits, Samples, to_mono


@dataclass(slots=True)
class _Decoded:
    """What a decoder yields: its blocks, and the problems known once they are all read."""

    info: AudioInfo
    blocks: Iterable[Samples]
    problems: list[str]


def read_audio(source: Path | bytes, *, sample_rate: int | None = None, mono: bool = False) -> Audio:
    """Decode a recording once, whatever its name ends in.

    Parameters
    ----------
    source : a file, or the content of one.
    sample_rate : Hz to resample to (soxr); None keeps the rate of the source, and its samples exactly.
    mono : mix all channels to their mean.

    Returns
    -------
    The recording; `problems` says what was wrong and handled: a file that breaks off (what it holds is used), samples
    that are not numbers (silenced), samples beyond full scale in a float file (clipped). Overshoot of lossy decoders
    and of the resampler is clipped without a word.

    Raises
    ------
    AudioError : as `probe_audio`, nothing could be decoded, or no sample is a number.
    """
    if sample_rate is not None and not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(f"sample rate of {sample_rate} Hz: expected {MIN_SAMPLE_RATE:,} to {MAX_SAMPLE_RATE:,}")
    problems: list[str] = []
    with open_media(source) as media:
        if media.format_name == "M4A":
            from whitelight.audio.m4a import open_m4a  # noqa: PLC0415  an extra

            with open_m4a(media) as m4a:
                decoded = _Decoded(m4a.info, m4a.blocks(problems), problems)
                return _gather(decoded, media.name, sample_rate=sample_rate, mono=mono)
        with open_sound(media) as (sound, info):
            decoded = _Decoded(info, blocks_of(sound, problems), problems)
            return _gather(decoded, media.name, sample_rate=sample_rate, mono=mono)


def _gather(decoded: _Decoded, name: str, *, sample_rate: int | None, mono: bool) -> Audio:
    info = decoded.info
    cleaner = Cleaner(is_float=info.subtype in ("FLOAT", "DOUBLE"))
    blocks: Iterable[Samples] = (cleaner.clean(block) for block in decoded.blocks)
    if mono:
        blocks = (to_mono(block) for block in blocks)
    n_channels = 1 if mono else info.n_channels
    rate = sample_rate or info.sample_rate
    if rate != info.sample_rate:
        blocks = resampled(blocks, info.sample_rate, rate, n_channels)
    samples = gathered(blocks, round(info.n_samples * rate / info.sample_rate), n_channels)
    n_samples = round(cleaner.n_samples * rate / info.sample_rate)
    if not n_samples:
        reason = f" ({decoded.problems[0]})" if decoded.problems else ""
        raise AudioError(f"{name}: no sample could be decoded{reason}; export it again")
    if cleaner.n_not_numbers == cleaner.n_values:
        raise AudioError(f"{name}: none of {cleaner.n_samples:,} samples is a number; export it again")
    problems = (*info.problems, *_length_problem(info, cleaner.n_samples, decoded.problems), *cleaner.problems())
    bits: Bits = 24 if (info.bits or 0) > 16 else 16
    return Audio(_of_length(samples, n_samples), rate, bits, tuple(f"{name}: {problem}" for problem in problems))


def _length_problem(info: AudioInfo, n_samples: int, reasons: list[str]) -> Iterator[str]:
    if n_samples < info.n_samples or reasons:
        reason = f" ({reasons[0]})" if reasons else ""
        found, expected = n_samples / info.sample_rate, info.duration_s
        yield f"breaks off after {found:.3f} s, the header claims {expected:.3f} s{reason}; used what it holds"


def _of_length(samples: Samples, n_samples: int) -> Samples:
    """Cut or silently extend by the sample or two that resampling rounds differently."""
    if len(samples) >= n_samples:
        return samples[:n_samples]
    return np.concatenate([samples, np.zeros((n_samples - len(samples), samples.shape[1]), np.float32)])
