"""M4A (AAC and ALAC) through the package `av`, an extra: nothing else in whitelight needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from whitelight.audio.info import AudioInfo, check_info
from whitelight.audio.media import Media
from whitelight.audio.samples import AudioError, Samples

_LOSSLESS = ("alac", "flac")


@dataclass(frozen=True, slots=True)
class M4a:
    """An open M4A file."""

    info: AudioInfo
    container: Any

    def blocks(self, problems: list[str]) -> Iterator[Samples]:
        """Yield all samples, see `Decoder`; up to the length the header states, for the coder pads the last frame."""
        import av  # noqa: PLC0415  an extra

        n_left, reason = self.info.n_samples, ""
        try:
            for frame in self.container.decode(audio=0):
                block = _as_float(frame)[:n_left]
                n_left -= len(block)
                if len(block):
                    yield block
        except (av.error.FFmpegError, ValueError) as err:
            reason = _reason(err)
        problems += self.info.breaks_off(self.info.n_samples - n_left, reason)


@contextmanager
def open_m4a(media: Media) -> Iterator[M4a]:
    """Open an M4A file and read its header.

    Raises
    ------
    AudioError : the package `av` is not installed, the file is damaged, or it has no sound in it.
    """
    try:
        import av  # noqa: PLC0415  an extra
    except ImportError as err:
        raise AudioError(
            f"{media.name}: M4A needs the package av; pip install 'whitelight[audio]', or export it as FLAC"
        ) from err
    media.stream.seek(0)
    try:
        container = av.open(media.stream)
    except (av.error.FFmpegError, ValueError) as err:
        raise AudioError(f"{media.name}: damaged M4A ({_reason(err)}); export it again") from err
    with container:
        if not container.streams.audio:
            raise AudioError(f"{media.name}: MP4 without sound, expected a recording; export the sound as FLAC")
        yield M4a(check_info(_info(container.streams.audio[0]), media.name), container)


def _info(stream: Any) -> AudioInfo:
    codec = stream.codec_context.name
    is_lossless = codec in _LOSSLESS
    bits = (16 if stream.format.name.startswith("s16") else 24) if is_lossless else None
    n_samples = round(float((stream.duration or 0) * stream.time_base) * stream.rate)
    return AudioInfo(stream.rate, stream.channels, n_samples, "M4A", codec.upper(), bits)


def _as_float(frame: Any) -> Samples:
    """Return a frame of any sample format as float32, shape (n_samples, n_channels)."""
    values = frame.to_ndarray()
    if not frame.format.is_planar:
        values = values.reshape(-1, len(frame.layout.channels)).T
    full_scale = {np.dtype(np.int16): 2.0**-15, np.dtype(np.int32): 2.0**-31}.get(values.dtype, 1.0)
    return np.ascontiguousarray((values.T * full_scale).astype(np.float32))


def _reason(err: Exception) -> str:
    return str(getattr(err, "strerror", None) or "damaged data")
