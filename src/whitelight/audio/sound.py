"""WAV, FLAC, MP3, OGG and their kin through libsndfile, which sees bytes and no file name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from whitelight.audio.blocks import BLOCK_SAMPLES
from whitelight.audio.claims import goes_on, read_claims
from whitelight.audio.info import AudioInfo, check_info
from whitelight.audio.media import Media
from whitelight.audio.samples import AudioError, Samples

UNKNOWN_LENGTH = 2**62  # libsndfile says 2^63 − 1 for a FLAC stream that was never finished
_FORMATS = {name: name for name in ("WAV", "FLAC", "MP3", "OGG", "AIFF", "CAF", "AU")}
_FORMATS |= {"WAVEX": "WAV", "RF64": "WAV", "W64": "WAV"}
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_BITS |= {"ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24, "ALAC_32": 32}


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording open in libsndfile."""

    media: Media
    info: AudioInfo

    def blocks(self, problems: list[str]) -> Iterator[Samples]:
        """Yield all samples; see `Decoder`."""
        n_samples = 0
        reasons: list[str] = []
        for block in _blocks(self.media, reasons):
            n_samples += len(block)
            yield block
        problems += self.info.breaks_off(n_samples, *reasons)
        if not reasons:
            problems += goes_on(self.media)


@contextmanager
def open_sound(media: Media) -> Iterator[Sound]:
    """Open a recording with libsndfile and read its header."""
    media, claims = read_claims(media)
    with _opened(media) as file:
        if file.format not in _FORMATS:
            raise AudioError(_not_audio(media, f"looks like {file.format}"))
        info = AudioInfo(
            sample_rate=file.samplerate,
            n_channels=file.channels,
            n_samples=file.frames,
            format=_FORMATS[file.format],
            subtype=file.subtype,
            bits=_BITS.get(file.subtype),
            problems=claims.compared(file.frames),
        )
    if info.n_samples >= UNKNOWN_LENGTH:
        info = replace(info, n_samples=sum(len(block) for block in _blocks(media, [])))
    yield Sound(media, check_info(info, media.name))


def _blocks(media: Media, reasons: list[str]) -> Iterator[Samples]:
    """Yield blocks of at most `BLOCK_SAMPLES`, in one array used again; why they break off is added to `reasons`."""
    import soundfile  # noqa: PLC0415  only catalogs with audio need it

    with _opened(media) as file:
        file.seekable = lambda: False  # or soundfile seeks after every block, which takes FLAC eight times as long
        buffer = np.empty((BLOCK_SAMPLES, file.channels), np.float32)
        n_read = 0
        while True:
            try:
                block = file.read(out=buffer)
            except soundfile.SoundFileError as err:
                block = buffer[: max(file.tell() - n_read, 0)]  # what came before the damage is sound
                reasons.append(_reason(err) or "damaged data")
            n_read += len(block)
            if len(block):
                yield block
            if len(block) < BLOCK_SAMPLES or reasons:
                return


def _opened(media: Media) -> Any:
    import soundfile  # noqa: PLC0415  only catalogs with audio need it

    try:
        return soundfile.SoundFile(media.file(), closefd=False)
    except (soundfile.SoundFileError, ValueError, TypeError) as err:
        raise AudioError(_not_audio(media, _reason(err))) from err


def _reason(err: Exception) -> str:
    return str(getattr(err, "error_string", "")).removeprefix("Error :").strip(". ")


def _not_audio(media: Media, reason: str) -> str:
    if media.format_name:
        because = f" ({reason})" if reason else ""
        return f"{media.name}: damaged {media.format_name}{because}; export it again"
    return f"{media.name}: {media.likeness}, expected WAV, FLAC, MP3, OGG or M4A; export it again as one of them"
