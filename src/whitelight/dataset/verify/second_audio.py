"""Recordings read a second time: exactly the samples of a stretch, by seeking where a format can, else decoded whole.

Rules (docs/formats.md, Audio): a stretch holds the samples `round(start_s × rate)` up to `round(end_s × rate)`; what
a recording does not hold is not there. Another rate is made here by FFT, which `whitelight.audio` does not do.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, gcd
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

Samples = NDArray[np.float32]
LARGEST = np.float32(1 - 2.0**-24)
_SEEKABLE = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24")  # decoded sample for sample, wherever one starts
_BLOCK = 1 << 16
_UNKNOWN_LENGTH = 2**40  # samples; libsndfile says 2^63 − 1 for a stream that was never finished
_MARGIN_S = 0.25  # heard before and after a stretch, so that resampling has no edges in it


class UnheardError(WhitelightError):
    """A recording that the second reader cannot read; nothing is said about it then."""


@dataclass(slots=True)
class Recording:
    """A source file.

    Attributes
    ----------
    n_samples : per channel.
    is_lossless : the file keeps every sample in at most 24 bits.
    is_exact : every sample can be read where it lies; else `whole` holds all of it from when it is needed.
    play : makes all of it, where it is rendered and no file.
    """

    path: Path
    sample_rate: int
    n_channels: int
    n_samples: int
    is_lossless: bool
    is_exact: bool
    whole: Samples | None = field(default=None, repr=False)
    play: Callable[[], Samples] | None = None

    @classmethod
    def open(cls, path: Path, *, is_damaged: bool = False) -> "Recording":
        """Read the header; a damaged file is decoded at once, so that its length is known.

        Raises
        ------
        UnheardError : soundfile refuses it and so does av, or av is missing.
        """
        import soundfile  # noqa: PLC0415  only datasets with audio need it

        try:
            with _content(path) as content, soundfile.SoundFile(content) as sound:
                is_exact = sound.subtype in _SEEKABLE
                recording = cls(path, sound.samplerate, sound.channels, sound.frames, is_exact, is_exact)
        except (soundfile.SoundFileError, OSError, TypeError, ValueError):
            return _opened_otherwise(path)
        if is_damaged or recording.n_samples > _UNKNOWN_LENGTH:
            recording.is_exact = False
            recording.load()
        return recording

    def load(self) -> Samples:
        """Decode all of it, unless that was done; `forget` gives the memory back."""
        if self.whole is None:
            self.whole = self.play() if self.play else _decoded(self.path)
            self.n_samples = len(self.whole)
        return self.whole

    def forget(self) -> None:
        """Let go of what was decoded."""
        self.whole = None

    def integers(self, start: int, stop: int) -> NDArray[np.int32]:
        """Samples of a stretch as they lie in the file, in the upper bits of int32; shape (n, n_channels)."""
        samples: NDArray[np.int32] = _read(self.path, start, stop, "int32")
        return samples

    def samples(self, start: int, stop: int) -> Samples:
        """Samples of a stretch, silence where the recording is not; shape (stop − start, n_channels)."""
        whole = None if self.is_exact else self.load()
        first, last = min(max(start, 0), self.n_samples), min(max(stop, 0), self.n_samples)
        if whole is not None:
            found = whole[first:last]
        elif first < last:
            found = _read(self.path, first, last, "float32")
        else:
            found = np.empty((0, self.n_channels), np.float32)
        before, after = min(max(-start, 0), stop - start), (stop - start) - max(-start, 0) - len(found)
        return np.pad(found, ((before, max(after, 0)), (0, 0))) if before or after > 0 else found


def stretch(recording: Recording, rate: int, start_s: float, end_s: float) -> tuple[int, int]:
    """Return the samples of a stretch at a rate, from and to, as far as the recording goes."""
    total = round(recording.n_samples * rate / recording.sample_rate)
    start, stop = (min(round(seconds * rate), total) for seconds in (start_s, end_s))
    return start, stop


def resampled(recording: Recording, rate: int, start: int, stop: int) -> Samples:
    """Return samples [start, stop) at another rate, by FFT of a stretch that is a whole number of both periods."""
    common = gcd(recording.sample_rate, rate)
    first = floor((start / rate - _MARGIN_S) * common)
    last = first + fast_length(ceil((stop / rate + _MARGIN_S) * common) - first)
    step_in, step_out = recording.sample_rate // common, rate // common
    source = (
        recording.samples(first * step_in, last * step_in)
        * _fade((last - first) * step_in, round(_MARGIN_S / 2 * recording.sample_rate))[:, None]
    )
    n_in, n_out = (last - first) * step_in, (last - first) * step_out
    spectrum = np.fft.rfft(source, axis=0)[: min(n_in, n_out) // 2 + 1]
    block = np.fft.irfft(spectrum, n_out, axis=0) * (n_out / n_in)
    begin = start - first * step_out
    return np.clip(block[begin : begin + stop - start], -1.0, LARGEST).astype(np.float32)


def fast_length(n: int) -> int:
    """Return the next length ≥ n that is quick to transform: a power of two times 1, 3, 5, 9 or 15."""
    return min(m << (-(-n // m) - 1).bit_length() for m in (1, 3, 5, 9, 15))


def decode_stored(content: bytes) -> NDArray[np.int32]:
    """Decode stored FLAC with soundfile alone, samples in the upper bits of int32; shape (n_samples, n_channels)."""
    import soundfile  # noqa: PLC0415  as above

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            samples: NDArray[np.int32] = _read_on(sound, sound.frames, "int32")
    except (soundfile.SoundFileError, ValueError, TypeError) as err:
        raise UnheardError(f"its FLAC data cannot be decoded: {err}") from err
    return samples


def as_float(samples: NDArray[np.int32]) -> Samples:
    """Return samples as floats in [−1, 1); exact up to 24 bits."""
    return samples.astype(np.float32) * np.float32(2.0**-31)


def added(parts: Sequence[Samples]) -> Samples:
    """Return the sum of sounds that begin together; the longest decides the length, mono goes to all channels."""
    shape = max(len(part) for part in parts), max(part.shape[1] for part in parts)
    total = np.zeros(shape, np.float64)
    for part in parts:
        total[: len(part)] += part
    return total.astype(np.float32)


def _content(path: Path) -> Any:
    """Open a file so that its extension cannot mislead soundfile."""
    if not path.is_file():
        raise UnheardError(f"{path.name} is not there")
    return path.open("rb")


def _read(path: Path, start: int, stop: int, dtype: str) -> NDArray[Any]:
    import soundfile  # noqa: PLC0415  as above

    try:
        with _content(path) as content, soundfile.SoundFile(content) as sound:
            sound.seek(min(start, sound.frames))
            return _read_on(sound, max(stop - start, 0), dtype)
    except (soundfile.SoundFileError, OSError, ValueError) as err:
        raise UnheardError(f"{path.name} cannot be read from sample {start}: {err}") from err


def _read_on(sound: Any, n_samples: int, dtype: str) -> NDArray[Any]:
    """Read from where an open file stands, and leave it: soundfile would seek after reading, which takes FLAC long."""
    sound.seekable = lambda: False
    samples: NDArray[Any] = sound.read(n_samples, dtype=dtype, always_2d=True)
    return samples


def _decoded(path: Path) -> Samples:
    """Decode as much as there is; what is no number is silence, what is beyond full scale is clipped."""
    import soundfile  # noqa: PLC0415  as above

    blocks: list[Samples] = []
    try:
        with _content(path) as content, soundfile.SoundFile(content) as sound:
            blocks.append(np.empty((0, sound.channels), np.float32))
            sound.seekable = lambda: False  # as in `_read_on`
            while len(block := _next_block(sound, sum(map(len, blocks)))):
                blocks.append(np.clip(np.where(np.isfinite(block), block, 0), -1.0, LARGEST))
    except (soundfile.SoundFileError, OSError, TypeError, ValueError):
        if not blocks:
            return _decoded_otherwise(path)
    return np.concatenate(blocks)


def _next_block(sound: Any, n_read: int) -> Samples:
    """Return the next samples; of a block that breaks off, what stands before the damage."""
    import soundfile  # noqa: PLC0415  as above

    block = np.empty((_BLOCK, sound.channels), np.float32)
    try:
        found: Samples = sound.read(out=block)
    except soundfile.SoundFileError:
        found = block[: max(sound.tell() - n_read, 0)]
    return found


def _decoded_otherwise(path: Path) -> Samples:
    """M4A, which soundfile does not know, through av; there is no third decoder, so it is the one of the build."""
    from whitelight.audio import AudioError, read_audio  # noqa: PLC0415  as above

    try:
        return read_audio(path).samples
    except (AudioError, ModuleNotFoundError) as err:
        raise UnheardError(str(err)) from err


def _opened_otherwise(path: Path) -> Recording:
    from whitelight.audio import AudioError, probe_audio  # noqa: PLC0415  as above

    try:
        info = probe_audio(path)
    except (AudioError, ModuleNotFoundError) as err:
        raise UnheardError(str(err)) from err
    recording = Recording(path, info.sample_rate, info.n_channels, info.n_samples, info.is_lossless, is_exact=False)
    recording.load()  # its header only estimates
    return recording


def _fade(n: int, length: int) -> Samples:
    """Window of `n` that rises over `length` samples and falls at its end: the ends of a block meet in silence."""
    window = np.ones(n, np.float32)
    ramp = np.sin(np.linspace(0, np.pi / 2, min(length, n // 2), dtype=np.float32)) ** 2
    window[: len(ramp)], window[n - len(ramp) :] = ramp, ramp[::-1]
    return window
