"""CLAP audio vectors through transformers: 48 kHz, windows of ten seconds, 512 numbers of length one.

The model hears ten seconds. Its own front end would take a random ten of a longer recording; here windows of exactly
ten seconds cover all of it, overlapping evenly, and the mean of their unit vectors is scaled to length one again. A
shorter recording is repeated up to ten seconds, as in training. `clap-text` puts texts into the same space.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.encoders.options import Options
from whitelight.encoders.pretrained import Loaded, Pretrained, find_model, load_model
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.sound import Mono, full_windows, is_heard, mono_at

DEFAULT = "laion/larger_clap_music"
SAMPLE_RATE = 48_000
WINDOW_S = 10.0
BATCH_WINDOWS = 8


class ClapEncoder:
    """Vectors of recordings of any length."""

    name = "clap"
    version = "1"
    modality: Modality = "audio"

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return clap_model(self._options).number("projection_dim")

    def fingerprint(self) -> str:
        """Identify model and pooling."""
        parameters = {
            "model": clap_model(self._options).sha256,
            "sample_rate": SAMPLE_RATE,
            "window_s": WINDOW_S,
            "pooling": "mean of unit vectors, length 1",
        }
        return fingerprint_of(self.name, self.version, self.dim, parameters)

    def encode(self, batch: Sequence[Audio]) -> NDArray[np.float32]:
        """Encode recordings.

        Returns
        -------
        shape (n, dim), float32; rows have length 1, or 0 where nothing is heard.
        """
        windows: list[Mono] = []
        owner: list[int] = []
        for k, audio in enumerate(batch):
            if is_heard(audio):
                samples = mono_at(audio, SAMPLE_RATE)
                cut = [samples[part] for part in full_windows(len(samples), round(WINDOW_S * SAMPLE_RATE))]
                windows += cut
                owner += [k] * len(cut)
        total = np.zeros((len(batch), self.dim))
        for start in range(0, len(windows), BATCH_WINDOWS):
            model = clap_model(self._options)
            model.check_rate(SAMPLE_RATE)
            loaded = load_model(model, "ClapModel", "AutoFeatureExtractor")
            part = slice(start, start + BATCH_WINDOWS)
            np.add.at(total, np.array(owner[part]), unit(_vectors(loaded, windows[part])))
        return unit(total).astype(np.float32)


def clap_model(options: Options) -> Pretrained:
    """Find the model, both its sides.

    Raises
    ------
    MissingModelError, UnusableModelError : it is not there, or no CLAP.
    """
    found = find_model(options, DEFAULT)
    found.check_kind("clap")
    return found


def unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale rows to length one; rows of zeros stay."""
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.where(length > 0, length, 1))


def pooled(output: object) -> NDArray[np.float64]:
    """Return the projected vectors of an output; older releases return them alone."""
    vectors = getattr(output, "pooler_output", output)
    return np.asarray(vectors.numpy(), np.float64)  # type: ignore[attr-defined]  # a tensor; torch is not imported here


def _vectors(loaded: Loaded, windows: Sequence[Mono]) -> NDArray[np.float64]:
    features = loaded.front(
        list(windows), sampling_rate=SAMPLE_RATE, return_tensors="pt"
    )  # its own filters and padding
    spectra = features["input_features"]
    # a front end of fused models marks a random window as part of a longer recording when none is
    is_longer = loaded.torch.zeros((len(windows), 1), dtype=loaded.torch.bool)
    with loaded.torch.inference_mode():
        return pooled(loaded.model.get_audio_features(input_features=spectra, is_longer=is_longer))


def make(options: Options) -> ClapEncoder:
    """Make the encoder; the parameter is a folder or a name on the hub."""
    return ClapEncoder(options)
