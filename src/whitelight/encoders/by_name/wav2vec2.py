"""Wav2Vec2 audio vectors through transformers: 16 kHz, the mean of the last layer over all frames of a recording.

Long recordings are cut into equal parts of at most twenty seconds, whose frames all count alike. Models that normalize
by layer are run in padded batches, with a mask that keeps padding out of attention and mean. Those that normalize by
group (the base models) were trained without a mask and hear padding: only parts of one length run together, unpadded.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.encoders.batching import batches_by_length
from whitelight.encoders.options import Options
from whitelight.encoders.pretrained import Loaded, Pretrained, find_model, load_model
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.sound import Mono, equal_parts, is_heard, mono_at

DEFAULT = "facebook/wav2vec2-base"  # 768 numbers
SAMPLE_RATE = 16_000
PART_S = 20.0
BATCH_S = 80.0  # padding included


class Wav2Vec2Encoder:
    """Mean-pooled vectors of recordings of any length."""

    name = "wav2vec2"
    version = "1"
    modality: Modality = "audio"

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._model().number("hidden_size")

    def fingerprint(self) -> str:
        """Identify model and pooling."""
        parameters = {
            "model": self._model().sha256,
            "sample_rate": SAMPLE_RATE,
            "part_s": PART_S,
            "pooling": "mean over valid frames",
        }
        return fingerprint_of(self.name, self.version, self.dim, parameters)

    def encode(self, batch: Sequence[Audio]) -> NDArray[np.float32]:
        """Encode recordings.

        Returns
        -------
        shape (n, dim), float32; zeros where nothing is heard.
        """
        total, count = np.zeros((len(batch), self.dim)), np.zeros((len(batch), 1))
        parts: list[Mono] = []
        owner: list[int] = []
        for k, audio in enumerate(batch):
            if is_heard(audio):
                samples = mono_at(audio, SAMPLE_RATE)
                cut = [samples[part] for part in equal_parts(len(samples), round(PART_S * SAMPLE_RATE))]
                parts += cut
                owner += [k] * len(cut)
        if parts:
            model = self._model()
            model.check_rate(SAMPLE_RATE)
            loaded = load_model(model, "AutoModel", "AutoFeatureExtractor")
            hears_padding = model.config.get("feat_extract_norm") != "layer"
            lengths = [len(part) for part in parts]
            for places in batches_by_length(lengths, round(BATCH_S * SAMPLE_RATE), is_equal=hears_padding):
                sums, n_frames = _frame_sums(loaded, [parts[k] for k in places], is_masked=not hears_padding)
                whose = np.array([owner[k] for k in places])
                np.add.at(total, whose, sums)
                np.add.at(count, whose, n_frames)
        return (total / np.maximum(count, 1)).astype(np.float32)

    def _model(self) -> Pretrained:
        found = find_model(self._options, DEFAULT)
        found.check_kind("wav2vec2")
        return found


def _frame_sums(
    loaded: Loaded, parts: Sequence[Mono], *, is_masked: bool
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Sum the valid frames of each part, shape (n, dim), and count them, shape (n, 1)."""
    torch = loaded.torch
    features = loaded.front(
        list(parts), sampling_rate=SAMPLE_RATE, padding=True, return_attention_mask=True, return_tensors="pt"
    )
    mask = features["attention_mask"]
    with torch.inference_mode():
        hidden = loaded.model(
            features["input_values"], attention_mask=mask if is_masked else None
        ).last_hidden_state  # (parts, frames, dim)
        lengths = torch.as_tensor([len(part) for part in parts])
        n_frames = loaded.model._get_feat_extract_output_lengths(lengths)  # noqa: SLF001  the library has no public name for it
        valid = torch.arange(hidden.shape[1])[None, :] < n_frames[:, None]
        sums = (hidden * valid[:, :, None]).sum(dim=1)
    return sums.numpy(), n_frames.numpy()[:, None]


def make(options: Options) -> Wav2Vec2Encoder:
    """Make the encoder; the parameter is a folder or a name on the hub."""
    return Wav2Vec2Encoder(options)
