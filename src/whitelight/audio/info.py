"""What is known of a recording before it is decoded, and what no recording of a song can claim."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from whitelight.audio.samples import MAX_CHANNELS, AudioError, Samples
from whitelight.music.midi import MAX_DURATION_S

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 384_000  # Hz; studio converters end at 384 kHz, broken headers do not


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """A recording by its header.

    Parameters
    ----------
    sample_rate : Hz.
    n_channels : 1 to 8.
    n_samples : per channel, as the header claims; a file may hold fewer, which `read_audio` says.
    format : "WAV" (also RF64, W64), "FLAC", "MP3", "OGG", "M4A", "AIFF", "CAF" or "AU", by content.
    subtype : coding of the samples in libsndfile's words, "PCM_16", "VORBIS"; "AAC" or "ALAC" in M4A.
    bits : per sample, None where the coding has none.
    problems : what the header says and the file does not bear out.
    """

    sample_rate: int
    n_channels: int
    n_samples: int
    format: str
    subtype: str
    bits: int | None
    problems: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate

    @property
    def is_lossless(self) -> bool:
        """Whether a copy in 24 bits is the source: float and 32-bit sources are rounded once, lossy ones are lossy."""
        return self.bits is not None and self.bits <= 24

    @property
    def is_float(self) -> bool:
        """Whether samples are stored as floats, which may leave full scale or be no numbers at all."""
        return self.subtype in ("FLOAT", "DOUBLE")

    def breaks_off(self, n_samples: int, reason: str = "") -> Iterator[str]:
        """Say so when a decoder ended after `n_samples`, short of what the header claims or for a `reason`."""
        if n_samples < self.n_samples or reason:
            because = f" ({reason})" if reason else ""
            found = f"breaks off after {n_samples / self.sample_rate:.3f} s{because}"
            yield f"{found}, the header claims {self.duration_s:.3f} s; used what it holds"


class Decoder(Protocol):
    """An open recording."""

    @property
    def info(self) -> AudioInfo:
        """What its header says."""

    def blocks(self, problems: list[str]) -> Iterator[Samples]:
        """Yield all samples in blocks, shape (n, n_channels), valid until the next one.

        A file that breaks off ends them; that and other faults met on the way are added to `problems`.
        """


OpenDecoder = AbstractContextManager[Decoder]


def check_info(info: AudioInfo, name: str) -> AudioInfo:
    """Refuse a header that no recording of a song has."""
    if info.n_samples < 1:
        raise AudioError(f"{name}: {info.format} without a single sample, expected a recording; export it again")
    if not 1 <= info.n_channels <= MAX_CHANNELS:
        raise AudioError(f"{name}: {info.n_channels} channels, expected at most {MAX_CHANNELS}; export single stems")
    if not MIN_SAMPLE_RATE <= info.sample_rate <= MAX_SAMPLE_RATE:
        limits = f"{MIN_SAMPLE_RATE:,} to {MAX_SAMPLE_RATE:,} Hz"
        raise AudioError(f"{name}: sample rate of {info.sample_rate:,} Hz, expected {limits}; export it again")
    if info.duration_s > MAX_DURATION_S:
        hours = f"{info.duration_s / 3600:,.0f} hours, expected at most {MAX_DURATION_S / 3600:g}"
        raise AudioError(f"{name}: lasts {hours}; is this a song? export it again, or cut it")
    return info
