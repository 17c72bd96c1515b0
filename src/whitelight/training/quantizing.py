"""Static int8: the experts' products in one byte, offered only where candidates keep their order.

The ranges of what flows into a product are taken from one half of a dataset's batches, the order of candidates is
compared on the other half. Only the products of the experts are quantized; calibration and novelty stay exact. Whether
it is any faster depends on the size of the model, so the report says what it measured.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from whitelight.dataset import Dataset
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of
from whitelight.origin import write_origin
from whitelight.scoring import Candidate, ChromaticScorer
from whitelight.scoring.bundle import DISTRIBUTIONS, HELD_OUT, read_bundle, refuse_foreign_folder, write_bundle
from whitelight.scoring.engine import Engine, Inputs

MIN_AGREEMENT = 0.99
BATCH, MIN_BATCH, MAX_BATCHES = 50, 8, 15  # candidates of a batch; fewer say little about order; batches of each half
TIMED_RUNS = 40


class QuantizationError(WhitelightError):
    """A model cannot be quantized, or would no longer rank as it did."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Candidates that hold the same view."""

    view: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class QuantizeReport:
    """What became of the model.

    Attributes
    ----------
    agreement : mean over batches and classes of Spearman's rank correlation of fitness, quantized against exact.
    lowest : the smallest of them. n_batches : batches compared. n_rows : rows the ranges were taken from.
    model_bytes : size before and after. run_ms : fastest run of 50 candidates, before and after; the network alone.
    """

    out: Path
    agreement: float
    lowest: float
    n_batches: int
    n_rows: int
    model_bytes: tuple[int, int]
    run_ms: tuple[float, float]

    def lines(self) -> list[str]:
        """The report in words."""
        (before, after), (exact, quick) = self.model_bytes, self.run_ms
        verdict = f"{exact / quick:.1f} times as fast" if quick < 0.95 * exact else "no faster"
        return [
            f"rank agreement {self.agreement:.4f}, lowest {self.lowest:.4f}, over {self.n_batches} batches",
            f"{before:,} bytes before, {after:,} after; ranges from {self.n_rows:,} rows",
            f"the network takes {exact:.2f} ms for {BATCH} candidates before, {quick:.2f} ms after: {verdict}",
            f"wrote {self.out}/",
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "out": str(self.out),
            **{name: getattr(self, name) for name in ("agreement", "lowest", "n_batches", "n_rows")},
            "model_bytes": list(self.model_bytes),
            "run_ms": list(self.run_ms),
        }


def quantize_bundle(
    model: Path, out: Path, dataset: Path, *, minimum: float = MIN_AGREEMENT, seed: int = 0
) -> QuantizeReport:
    """Write a copy of a bundle whose experts compute in int8.

    Parameters
    ----------
    model : the bundle. out : where the quantized one goes. dataset : whose rows give ranges and the order to keep.
    minimum : smallest mean rank agreement that is accepted. seed : of which rows are used.

    Raises
    ------
    QuantizationError : the dataset is of another ontology or too small, there is nothing to quantize, or the order of
        candidates is not kept; nothing is written then.
    """
    refuse_foreign_folder(out)
    bundle, exact = read_bundle(model), ChromaticScorer(model)
    source = Dataset.open(dataset)
    if source.ontology.hash != bundle.ontology.hash:
        raise QuantizationError(f"{dataset} is of another ontology than {model}; give the dataset it was trained on")
    batches = list(_batches(source, exact.views, np.random.default_rng(seed)))
    ranging, judging = batches[::2][:MAX_BATCHES], batches[1::2][:MAX_BATCHES]
    if not judging:
        raise QuantizationError(
            f"{dataset} has {len(batches)} batches of {MIN_BATCH} or more candidates of one view; expected two; "
            "build it with more songs"
        )
    inputs = [exact.inputs(batch.candidates, view=batch.view) for batch in ranging]
    content = bundle.model()
    small = quantize(content, exact.experts, [feed for some in inputs for feed in exact.engine.feeds(some)])
    engines = [exact.engine, exact.engine.with_model(small)]
    agreements = _agreements(exact, engines[1], judging)
    mean, lowest = float(agreements.mean()), float(agreements.min())
    if mean < minimum:
        raise QuantizationError(
            f"{model}: quantized it ranks otherwise: rank agreement {mean:.4f} over {len(judging)} batches, expected at "
            f"least {minimum}; keep the exact model"
        )
    n_rows = sum(some.n for some in inputs)
    record = {
        **bundle.record,
        "quantization": {
            "kind": "static int8",
            "rank_agreement": mean,
            "lowest_rank_agreement": lowest,
            "n_batches": len(judging),
            "n_rows": n_rows,
            "exact_model": sha256_of([content]),
        },
    }
    arrays, held_out = bundle.arrays(), bundle.arrays(HELD_OUT)
    spread = bundle.arrays(DISTRIBUTIONS) if DISTRIBUTIONS in bundle.record["files"] else None
    write_bundle(
        out, record, ontology=bundle.ontology, model=small, arrays=arrays, held_out=held_out, distributions=spread
    )
    write_origin(out, dataset)
    run_ms = [_fastest_ms(engine, exact.inputs(judging[0].candidates, view=judging[0].view)) for engine in engines]
    return QuantizeReport(out, mean, lowest, len(judging), n_rows, (len(content), len(small)), (run_ms[0], run_ms[1]))


def quantize(model: bytes, experts: Sequence[str], feeds: Sequence[Mapping[str, NDArray[Any]]]) -> bytes:
    """Return an ONNX model whose experts multiply in int8.

    Parameters
    ----------
    feeds : what it will be given; the ranges of the inputs of every product are taken from them.
    """
    from onnxruntime.quantization import (  # noqa: PLC0415  half a second that nothing else needs
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quant_pre_process,
        quantize_static,
    )

    class Feeds(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime carries no types
        def __init__(self) -> None:
            self._left = iter(feeds)

        def get_next(self) -> Mapping[str, NDArray[Any]] | None:
            return next(self._left, None)

    products = _products(onnx.load_model_from_string(model), experts)
    with tempfile.TemporaryDirectory() as folder:
        given, before, after = (Path(folder, f"{stage}.onnx") for stage in ("given", "before", "after"))
        given.write_bytes(model)
        quant_pre_process(given, before, skip_optimization=True, skip_symbolic_shape=True)  # nodes keep their names
        quantize_static(
            before,
            after,
            Feeds(),
            quant_format=QuantFormat.QOperator,  # the other form would round what novelty reads, too
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=False,  # several networks lie in one product, and the runtime takes one scale for all of it
            reduce_range=True,  # seven bits: processors without VNNI add pairs of products in sixteen
            nodes_to_quantize=products,
        )
        return after.read_bytes()


def _products(model: onnx.ModelProto, experts: Sequence[str]) -> list[str]:
    """Names of the nodes that multiply by the weights of an expert."""
    weights = {i.name for i in model.graph.initializer if i.name.split(".")[0] in experts}
    found = [n.name for n in model.graph.node if n.op_type in {"MatMul", "Gemm"} and weights & set(n.input)]
    if not found:
        raise QuantizationError("the model has no product of an expert; expected one exported by this program")
    return found


def _batches(source: Dataset, views: Sequence[str], rng: np.random.Generator) -> Iterator[Batch]:
    """Yield batches of each view, in random order of rows, views taking turns."""
    table = source.rows(columns=["row_id", "view", "lyric_text", "concept"]).to_pylist()
    media = dict(source.media())
    queues = []
    for view in views:
        rows = [row for row in table if row["view"] == view and row["row_id"] in media]
        chosen = [rows[i] for i in rng.permutation(len(rows))]
        queues.append(
            [
                Batch(view, tuple(_candidate(row, media) for row in part))
                for part in _parts(chosen)
                if len(part) >= MIN_BATCH
            ]
        )
    for turn in range(max(map(len, queues), default=0)):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def _parts(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut rows into parts of about `BATCH`, at least two where they are enough for it."""
    n_parts = max(-(-len(rows) // BATCH), 2)
    return [rows[k::n_parts] for k in range(n_parts)]


def _candidate(row: Mapping[str, Any], media: Mapping[str, bytes]) -> Candidate:
    return Candidate(midi=media[row["row_id"]], lyrics=row["lyric_text"] or None, concept=row["concept"] or None)


def _agreements(exact: ChromaticScorer, quantized: Engine, batches: Sequence[Batch]) -> NDArray[np.float64]:
    """Spearman's rank correlation of fitness per batch and class that was heard."""
    heard = [name for name, p in zip(exact.heads[0].labels, exact.parts.prior, strict=False) if p > 0]
    quick = copy(exact)
    quick.engine = quantized
    found = [
        spearman(_fitness(exact, batch, name), _fitness(quick, batch, name)) for batch in batches for name in heard
    ]
    return np.array(found)


def _fitness(scorer: ChromaticScorer, batch: Batch, target: str) -> NDArray[np.float64]:
    results = scorer.score_batch(batch.candidates, target=target, view=batch.view)
    return np.array([r.fitness for r in sorted(results, key=lambda r: r.index) if r.error is None])


def spearman(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Return the rank correlation of two columns; equal values share their mean rank."""
    ranks = [np.unique(x, return_inverse=True, return_counts=True)[1:] for x in (one, two)]
    places = [(np.cumsum(counts) - (counts - 1) / 2)[inverse] for inverse, counts in ranks]
    centered = [place - place.mean() for place in places]
    length = np.sqrt((centered[0] ** 2).sum() * (centered[1] ** 2).sum())
    return float((centered[0] * centered[1]).sum() / length) if length else 1.0


def _fastest_ms(engine: Engine, inputs: Inputs) -> float:
    times = []
    for _ in range(TIMED_RUNS):
        start = time.perf_counter()
        engine.run(inputs)
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)
