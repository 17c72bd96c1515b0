"""CLAP text vectors: what a text would sound like, in the space of the encoder `clap`; 512 numbers of length one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.by_name.clap import clap_model, pooled, unit
from whitelight.encoders.options import Options
from whitelight.encoders.pretrained import load_model
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.token_windows import token_batches

RESERVED_POSITIONS = 2  # RoBERTa counts positions from the padding token on


class ClapTextEncoder:
    """Vectors of texts of any length; the windows of a long one count by their tokens."""

    name = "clap-text"
    version = "1"
    modality: Modality = "text"

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return clap_model(self._options).number("projection_dim")

    def fingerprint(self) -> str:
        """Identify model and pooling."""
        parameters = {"model": clap_model(self._options).sha256, "pooling": "mean of unit vectors, length 1"}
        return fingerprint_of(self.name, self.version, self.dim, parameters)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts.

        Returns
        -------
        shape (n, dim), float32; rows have length 1, or 0 where a text is blank.
        """
        total = np.zeros((len(batch), self.dim))
        written = np.array([k for k, text in enumerate(batch) if text.strip()], np.int64)
        if len(written):
            model = clap_model(self._options)
            loaded = load_model(model, "ClapModel", "AutoTokenizer")
            max_tokens = model.number("max_position_embeddings", part="text_config") - RESERVED_POSITIONS
            for part in token_batches(loaded, [batch[k] for k in written], max_tokens):
                with loaded.torch.inference_mode():
                    output = loaded.model.get_text_features(input_ids=part.ids, attention_mask=part.mask)
                n_tokens = part.mask.sum(dim=1, keepdim=True).numpy()
                np.add.at(total, written[part.text], unit(pooled(output)) * n_tokens)
        return unit(total).astype(np.float32)


def make(options: Options) -> ClapTextEncoder:
    """Make the encoder; the parameter is a folder or a name on the hub."""
    return ClapTextEncoder(options)
