"""Recordings of every format, written once, sound and damaged."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from whitelight.audio.samples import Samples

RATE = 44_100


class Make:
    """What tests make recordings with."""

    @staticmethod
    def music(seconds: float = 2.0, n_channels: int = 2, rate: int = RATE, seed: int = 0) -> Samples:
        """Tones and a little noise: nothing that a coder finds easy, shape (n, n_channels), below full scale."""
        rng = np.random.default_rng(seed)
        t = np.arange(round(seconds * rate)) / rate
        tones = [0.3 * np.sin(2 * np.pi * (220 + 110 * c) * t) for c in range(n_channels)]
        return (np.stack(tones, axis=1) + 0.02 * rng.standard_normal((len(t), n_channels))).astype(np.float32)

    @staticmethod
    def write_integers(path: Path, whole: np.ndarray, bits: int, rate: int = RATE, container: str = "") -> Path:
        """Write integers of `bits` bits exactly."""
        data = whole.astype(np.int16) if bits == 16 else whole.astype(np.int32) << 8
        soundfile.write(path, data, rate, subtype=f"PCM_{bits}", format=container or None)
        return path

    @staticmethod
    def random_integers(bits: int, n_samples: int = 20_000, n_channels: int = 2, seed: int = 0) -> np.ndarray:
        """Integers over the whole range, its ends among them."""
        full = 1 << (bits - 1)
        whole = np.random.default_rng(seed).integers(-full, full, (n_samples, n_channels))
        whole[0], whole[1] = -full, full - 1
        return whole


@pytest.fixture(scope="session")
def make() -> type[Make]:
    """Return the makers; test modules cannot import from this file."""
    return Make


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same two seconds as sound.wav, .flac, .mp3, .ogg and float.wav."""
    folder = tmp_path_factory.mktemp("recordings")
    samples = Make.music()
    whole = np.rint(samples * 32768)
    for name in ("sound.wav", "sound.flac"):
        Make.write_integers(folder / name, whole, 16)
    for name in ("sound.mp3", "sound.ogg"):
        soundfile.write(folder / name, samples, RATE)
    soundfile.write(folder / "float.wav", samples, RATE, subtype="FLOAT")
    return folder
