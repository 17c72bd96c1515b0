"""Running the ONNX model on standardized inputs, in blocks of constant size.

The size is constant because a matrix product may round differently for one row than for fifty: so a candidate's
numbers do not depend on who is scored beside it. Threads and size are tuned once (`benchmarks/scoring.py --session`)
and stored with the bundle.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array, Head

BLOCK_ROWS = 64  # 32 and 128 take as long; below 32 every block pays its start, above 128 empty rows are paid for
FEATURES = "features"
VECTOR_INPUT = {"midi": "descriptors", "audio": "audio_emb", "lyric": "lyric_emb", "concept": "concept_emb"}
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Session:
    """How ONNX Runtime runs a model: threads within one operation (0 lets it choose), and rows given to it at once."""

    intra_op_threads: int = 1  # a second thread waits longer than it works: the products are small
    block_rows: int = BLOCK_ROWS

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Session":
        """Read `session` of `bundle.json`."""
        return cls(int(record["intra_op_threads"]), int(record.get("block_rows", BLOCK_ROWS)))


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
    """What the model says.

    Attributes
    ----------
    logits : raw, (n, n_columns), of each expert, and of the joint network if there is one.
    features : what novelty is measured in, (n, n_features).
    """

    logits: Mapping[str, Array]
    features: Array


class Engine:
    """The ONNX session, made when first used.

    Parameters
    ----------
    others : what says logits beside the experts: `JOINT`, or nothing.
    """

    def __init__(
        self,
        model: bytes,
        experts: Sequence[str],
        heads: Sequence[Head],
        session: Session,
        *,
        others: Sequence[str] = (),
    ) -> None:
        self._model = model
        self._experts = tuple(experts)
        self._speakers = (*experts, *others)
        self._heads = tuple(heads)
        self._settings = session

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415  50 ms that reading a bundle need not pay

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._settings.intra_op_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])

    def run(self, inputs: Inputs) -> Outputs:
        """Return raw logits and features of every row."""
        wanted = [f"{e}_{head.name}" for e in self._speakers for head in self._heads] + [FEATURES]
        blocks = [self._session.run(wanted, feed) for feed in self.feeds(inputs)]
        columns = [np.concatenate(parts)[: inputs.n].astype(np.float64) for parts in zip(*blocks, strict=True)]
        n_heads = len(self._heads)
        logits = {
            expert: np.concatenate(columns[i * n_heads : (i + 1) * n_heads], axis=1)
            for i, expert in enumerate(self._speakers)
        }
        return Outputs(logits, columns[-1])

    def with_model(self, model: bytes) -> "Engine":
        """Return the same with another model of the same inputs and outputs."""
        other = copy(self)
        vars(other).pop("_session", None)
        vars(other)["_model"] = model
        return other

    def feeds(self, inputs: Inputs) -> Iterator[dict[str, NDArray[Any]]]:
        """Yield what the model is given, block by block."""
        return (self._feed(inputs, start) for start in range(0, max(inputs.n, 1), self._settings.block_rows))

    def _feed(self, inputs: Inputs, start: int) -> dict[str, NDArray[Any]]:
        """Cut one block and fill it up with empty rows."""
        block_rows = self._settings.block_rows
        rows = slice(start, min(start + block_rows, inputs.n))
        size = rows.stop - rows.start
        feed: dict[str, NDArray[Any]] = {}
        for expert in self._experts:
            vectors = np.zeros((block_rows, inputs.vectors[expert].shape[1]), dtype=np.float32)
            present = np.zeros(block_rows, dtype=np.bool_)
            vectors[:size], present[:size] = inputs.vectors[expert][rows], inputs.present[expert][rows]
            vectors[~present] = 0.0
            feed[VECTOR_INPUT[expert]], feed[f"has_{expert}"] = vectors, present
        return feed
