"""Reading recordings: decoded once, in blocks, mixed down and resampled on the way into one array.

What a damaged file still holds is used and said; what cannot be a recording is refused (`docs/formats.md`, Audio).
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from whitelight.audio.blocks import Cleaner, gathered, resampled
from whitelight.audio.info import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, AudioInfo, Decoder, OpenDecoder
from whitelight.audio.levels import SILENT_DBFS
from whitelight.audio.media import Media, open_media
from whitelight.audio.samples import Audio, AudioError, Samples, to_mono
from whitelight.audio.sound import open_sound


def probe_audio(path: Path) -> AudioInfo:
    """Read the header of a recording, whatever its name ends in; nothing is decoded.

    Raises
    ------
    AudioError : missing, empty, no recording, damaged, no samples, more than 8 channels, a sample rate outside
        1–384 kHz, longer than a day, or M4A without the package `av`.
    """
    with open_media(path) as media, _open_decoder(media) as decoder:
        return decoder.info


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
    with open_media(source) as media, _open_decoder(media) as decoder:
        return _decoded(decoder, media.name, sample_rate or decoder.info.sample_rate, mono=mono)


def is_silent_recording(path: Path) -> bool:
    """Whether the RMS of a recording is below `SILENT_DBFS`; decodes only until it is known not to be.

    Raises
    ------
    AudioError : as `read_audio`.
    """
    with open_media(path) as media, _open_decoder(media) as decoder:
        info, problems = decoder.info, [*decoder.info.problems]
        cleaner = Cleaner(is_float=info.is_float)
        enough = info.n_samples * info.n_channels * 10.0 ** (SILENT_DBFS / 10)
        power = 0.0
        for block in decoder.blocks(problems):
            power += float(np.square(cleaner.clean(block)).sum(dtype=np.float64))
            if power >= enough:
                return False
        if not cleaner.n_samples:
            raise AudioError(f"{media.name}: no sample could be decoded ({problems[-1]}); export it again")
        return bool(power < cleaner.n_values * 10.0 ** (SILENT_DBFS / 10))


def _open_decoder(media: Media) -> OpenDecoder:
    if media.format_name == "M4A":
        from whitelight.audio.m4a import open_m4a  # noqa: PLC0415  an extra

        return open_m4a(media)
    return open_sound(media)


def _decoded(decoder: Decoder, name: str, sample_rate: int, *, mono: bool) -> Audio:
    info, problems = decoder.info, [*decoder.info.problems]
    n_channels, speed = 1 if mono else info.n_channels, sample_rate / info.sample_rate
    cleaner = Cleaner(is_float=info.is_float)
    blocks: Iterable[Samples] = map(cleaner.clean, decoder.blocks(problems))
    if mono:
        blocks = map(to_mono, blocks)
    if sample_rate != info.sample_rate:
        blocks = resampled(blocks, info.sample_rate, sample_rate, n_channels)
    samples = gathered(blocks, round(info.n_samples * speed), n_channels)
    if not cleaner.n_samples:
        raise AudioError(f"{name}: no sample could be decoded ({problems[-1]}); export it again")
    if cleaner.n_not_numbers == cleaner.n_values:
        raise AudioError(f"{name}: none of {cleaner.n_samples:,} samples is a number; export it again")
    problems += cleaner.problems()
    samples = _of_length(samples, max(round(cleaner.n_samples * speed), 1))
    return Audio(samples, sample_rate, 24 if (info.bits or 0) > 16 else 16, tuple(f"{name}: {p}" for p in problems))


def _of_length(samples: Samples, n_samples: int) -> Samples:
    """Cut or silently extend by the sample or two that resampling rounds differently."""
    if len(samples) >= n_samples:
        return samples[:n_samples]
    return np.concatenate([samples, np.zeros((n_samples - len(samples), samples.shape[1]), np.float32)])
