"""FLAC bytes in and out, exact to the sample.

libsndfile writes floats times 2^23 − 1 but reads them divided by 2^23, so a float copy of a 24-bit recording is off by
one at loud samples. Samples are therefore made integers here, and integers are written.
"""

import io

import numpy as np
from numpy.typing import NDArray

from whitelight.audio.reading import read_audio
from whitelight.audio.samples import Audio, AudioError, Bits, Samples

# Of FLAC's levels 0–8 the first that predicts well and joins stereo: 3 writes 9 % more of a stereo mix, 5 takes a
# quarter more time for the same bytes (benchmarks/audio.py). libsndfile counts from 0 to 1.
COMPRESSION_LEVEL = 4 / 8
MAX_FLAC_RATE = 655_350  # Hz, what the header of a FLAC file can say


def quantize(samples: Samples, bits: Bits) -> NDArray[np.int16] | NDArray[np.int32]:
    """Return the nearest integers of `bits` bits, int16 or int32; what lies beyond full scale is clipped.

    A sample that came from such an integer becomes it again; any other within full scale is off by at most half a
    step, 2^-bits.
    """
    full = 1 << (bits - 1)
    scaled = samples * np.float32(full)  # exact: a power of two
    np.rint(scaled, out=scaled)
    np.clip(scaled, -full, full - 1, out=scaled)
    return scaled.astype(np.int16) if bits == 16 else scaled.astype(np.int32)


def encode_flac(samples: Samples, sample_rate: int, *, bits: Bits) -> bytes:
    """Return samples as the bytes of a FLAC file.

    Parameters
    ----------
    samples : shape (n_samples, n_channels) or (n_samples,), float in [−1, 1), 1 to 8 channels.
    sample_rate : Hz, at most 655,350.
    bits : 16 or 24.

    Raises
    ------
    AudioError : no samples, samples that are not numbers, or a rate or number of channels FLAC does not have.
    """
    import soundfile  # noqa: PLC0415  only datasets with audio need it

    if not len(samples) or not 1 <= sample_rate <= MAX_FLAC_RATE or bits not in (16, 24):
        raise AudioError(
            f"{len(samples)} samples at {sample_rate} Hz in {bits} bits: "
            f"expected at least one, at most {MAX_FLAC_RATE:,} Hz, 16 or 24 bits"
        )
    if not np.isfinite(samples).all():
        raise AudioError("samples that are not numbers (NaN or infinite) cannot be written; read_audio silences them")
    whole = quantize(samples, bits)
    target = io.BytesIO()
    try:
        soundfile.write(
            target,
            whole if bits == 16 else whole << 8,  # libsndfile takes the upper 24 bits
            sample_rate,
            format="FLAC",
            subtype=f"PCM_{bits}",
            compression_level=COMPRESSION_LEVEL,
        )
    except (soundfile.SoundFileError, ValueError, TypeError) as err:
        raise AudioError(f"FLAC of shape {samples.shape} at {sample_rate} Hz cannot be written: {err}") from err
    return target.getvalue()


def decode_flac(data: bytes) -> Audio:
    """Return the recording in the bytes of a FLAC file; the inverse of `encode_flac`.

    Raises
    ------
    AudioError : not FLAC, or damaged.
    """
    if data[:4] != b"fLaC":
        raise AudioError(f"FLAC data begins with {data[:4]!r}, expected b'fLaC'; build the dataset again")
    return read_audio(data)
