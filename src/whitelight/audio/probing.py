"""What the header of a recording says: rate, channels, length, format; nothing is decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.audio.blocks import blocks_of
from whitelight.audio.claims import read_claim
from whitelight.audio.media import Media, open_media
from whitelight.audio.samples import MAX_CHANNELS, AudioError
from whitelight.music.midi import MAX_DURATION_S

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 384_000  # Hz; studio converters end at 384 kHz, broken headers do not
UNKNOWN_LENGTH = 2**62  # libsndfile says 2^63 − 1 for a FLAC stream that was never finished
_FORMATS = {
    "WAV": "WAV",
    "WAVEX": "WAV",
    "RF64": "WAV",
    "W64": "WAV",
    "FLAC": "FLAC",
    "MP3": "MP3",
    "OGG": "OGG",
    "AIFF": "AIFF",
    "CAF": "CAF",
    "AU": "AU",
}
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_BITS |= {"ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24, "ALAC_32": 32}


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


def probe_audio(path: Path) -> AudioInfo:
    """Read the header of a recording, whatever its name ends in.

    Raises
    ------
    AudioError : missing, empty, no recording, damaged, no samples, more than 8 channels, a sample rate outside
        1–384 kHz, longer than a day, or M4A without the package `av`.
    """
    with open_media(path) as media:
        if media.format_name == "M4A":
            from whitelight.audio.m4a import open_m4a  # noqa: PLC0415  an extra

            with open_m4a(media) as m4a:
                return m4a.info
        with open_sound(media) as (_, info):
            return info


@contextmanager
def open_sound(media: Media) -> Iterator[tuple[Any, AudioInfo]]:
    """Open a recording with libsndfile and read its header."""
    claim = read_claim(media)
    with _opened(media) as sound:
        if sound.format not in _FORMATS:
            raise AudioError(_not_audio(media, f"looks like {sound.format}"))
        info = AudioInfo(
            sample_rate=sound.samplerate,
            n_channels=sound.channels,
            n_samples=sound.frames if sound.frames < UNKNOWN_LENGTH else _count_samples(media),
            format=_FORMATS[sound.format],
            subtype=sound.subtype,
            bits=_BITS.get(sound.subtype),
            problems=claim.problems(sound.frames),
        )
    check_info(info, media.name)
    with _opened(media) as sound:  # again: counting leaves the decoder at the end, and some cannot go back
        yield sound, info


def _opened(media: Media) -> Any:
    import soundfile  # noqa: PLC0415  only catalogs with audio need it

    try:
        return soundfile.SoundFile(media.file(), closefd=False)
    except (soundfile.SoundFileError, ValueError, TypeError) as err:
        raise AudioError(_not_audio(media, getattr(err, "error_string", ""))) from err


def check_info(info: AudioInfo, name: str) -> None:
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


def _not_audio(media: Media, reason: str) -> str:
    if media.format_name:
        because = f" ({reason.strip('. ')})" if reason else ""
        return f"{media.name}: damaged {media.format_name}{because}; export it again"
    return f"{media.name}: {media.likeness}, expected WAV, FLAC, MP3, OGG or M4A; export it again as one of them"


def _count_samples(media: Media) -> int:
    """Samples of a stream whose header does not know, by decoding it."""
    with _opened(media) as sound:
        return sum(len(block) for block in blocks_of(sound, []))
