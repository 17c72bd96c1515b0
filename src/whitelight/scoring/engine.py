"""Running the ONNX model on standardized inputs, in blocks of constant size.

The size is constant because a matrix product may round differently for one row than for fifty: so a candidate's
numbers do not depend on who is scored beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, Head

BLOCK_ROWS = 64
FEATURES = "features"
VECTOR_INPUT = {"midi": "descriptors", "lyric": "lyric_emb", "concept": "concept_emb"}
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Inputs:
    """One batch.

    Attributes
    ----------
    n : rows. vectors : expert → (n, dim), any value where absent. present : expert → (n,) bool.
    """

    n: int
    vectors: Mapping[str, Floats]
    present: Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Outputs:
    """Raw logits of each expert, (n, n_columns), and the features novelty is measured in, (n, n_features)."""

    logits: Mapping[str, Array]
    features: Array


class Engine:
    """The ONNX session, made when first used."""

    def __init__(self, model: bytes, experts: Sequence[str], heads: Sequence[Head], *, intra_op_threads: int) -> None:
        self._model = model
        self._experts = tuple(experts)
        self._heads = tuple(heads)
        self._threads = intra_op_threads

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415  50 ms that reading a bundle need not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])

    def run(self, inputs: Inputs) -> Outputs:
        """Return raw logits and features of every row."""
        wanted = [f"{e}_{head.name}" for e in self._experts for head in self._heads] + [FEATURES]
        blocks = [
            self._session.run(wanted, self._feed(inputs, start)) for start in range(0, max(inputs.n, 1), BLOCK_ROWS)
        ]
        columns = [np.concatenate(parts)[: inputs.n].astype(np.float64) for parts in zip(*blocks, strict=True)]
        n_heads = len(self._heads)
        logits = {
            expert: np.concatenate(columns[i * n_heads : (i + 1) * n_heads], axis=1)
            for i, expert in enumerate(self._experts)
        }
        return Outputs(logits, columns[-1])

    def _feed(self, inputs: Inputs, start: int) -> dict[str, NDArray[Any]]:
        """Cut one block and fill it up with empty rows."""
        rows = slice(start, min(start + BLOCK_ROWS, inputs.n))
        size = rows.stop - rows.start
        feed: dict[str, NDArray[Any]] = {}
        for expert in self._experts:
            vectors = np.zeros((BLOCK_ROWS, inputs.vectors[expert].shape[1]), dtype=np.float32)
            present = np.zeros(BLOCK_ROWS, dtype=np.bool_)
            vectors[:size], present[:size] = inputs.vectors[expert][rows], inputs.present[expert][rows]
            vectors[~present] = 0.0
            feed[VECTOR_INPUT[expert]], feed[f"has_{expert}"] = vectors, present
        return feed
