"""DeBERTa-v3 text vectors through transformers: the mean of the last layer over all tokens of a text.

One function pools, for training as for serving: the mask decides what counts, so padding never does, and the windows
of a long text count by their tokens. ``deberta:FOLDER`` or ``deberta:NAME`` takes another model of the family.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.options import Options
from whitelight.encoders.pretrained import Pretrained, find_model, load_model
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.token_windows import token_batches

DEFAULT = "microsoft/deberta-v3-base"  # 768 numbers


class DebertaEncoder:
    """Mean-pooled vectors of texts of any length."""

    name = "deberta"
    version = "1"
    modality: Modality = "text"

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._model().number("hidden_size")

    def fingerprint(self) -> str:
        """Identify model and pooling."""
        parameters = {"model": self._model().sha256, "pooling": "mean over mask", "window_tokens": self._max_tokens()}
        return fingerprint_of(self.name, self.version, self.dim, parameters)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts.

        Returns
        -------
        shape (n, dim), float32; zeros where a text is blank.
        """
        total, count = np.zeros((len(batch), self.dim)), np.zeros((len(batch), 1))
        written = np.array([k for k, text in enumerate(batch) if text.strip()], np.int64)
        if len(written):
            loaded = load_model(self._model(), "AutoModel", "AutoTokenizer")
            for part in token_batches(loaded, [batch[k] for k in written], self._max_tokens()):
                with loaded.torch.inference_mode():
                    hidden = loaded.model(input_ids=part.ids, attention_mask=part.mask).last_hidden_state
                    kept = (hidden * part.mask[:, :, None]).sum(dim=1)  # (windows, dim)
                np.add.at(total, written[part.text], kept.numpy())
                np.add.at(count, written[part.text], part.mask.sum(dim=1, keepdim=True).numpy())
        return (total / np.maximum(count, 1)).astype(np.float32)

    def _max_tokens(self) -> int:
        return self._model().number("max_position_embeddings")

    def _model(self) -> Pretrained:
        found = find_model(self._options, DEFAULT)
        found.check_kind("deberta-v2")
        return found


def make(options: Options) -> DebertaEncoder:
    """Make the encoder; the parameter is a folder or a name on the hub."""
    return DebertaEncoder(options)
