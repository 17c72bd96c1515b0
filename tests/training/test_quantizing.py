from pathlib import Path

import numpy as np
import onnx
import pytest

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.bundle import BundleError, read_bundle
from whitelight.training.quantizing import MIN_AGREEMENT, QuantizationError, quantize_bundle, spearman


@pytest.fixture(scope="module")
def quantized(tiny_model: Path, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("quantized") / "model"
    report = quantize_bundle(tiny_model, out, tiny_dataset, minimum=0.9)
    assert report.model_bytes[1] < report.model_bytes[0]
    assert report.n_batches > 0
    assert report.lines()[-1] == f"wrote {out}/"
    return out


def test_the_experts_multiply_in_int8_and_nothing_else_does(quantized: Path, tiny_model: Path) -> None:
    model = onnx.load(quantized / "model.onnx")
    kinds = {i.name: i.data_type for i in model.graph.initializer}
    small = [name for name, kind in kinds.items() if kind == onnx.TensorProto.INT8 and name.endswith("_quantized")]
    assert {"midi.hidden_weight_quantized", "midi.out_weight_quantized"} <= set(small)
    assert all(name.split(".")[0] in read_bundle(tiny_model).record["experts"] for name in small)
    assert kinds["basis.components"] == onnx.TensorProto.FLOAT


def test_it_ranks_as_before_says_so_and_keeps_the_rest(quantized: Path, tiny_model: Path, tiny_dataset: Path) -> None:
    before, after = read_bundle(tiny_model), read_bundle(quantized)
    record = after.record["quantization"]
    assert record["kind"] == "static int8"
    assert record["lowest_rank_agreement"] <= record["rank_agreement"] <= 1
    assert {k: v for k, v in after.record.items() if k not in ("quantization", "files")} == {
        k: v for k, v in before.record.items() if k != "files"
    }
    assert (quantized / "arrays.npz").read_bytes() == (tiny_model / "arrays.npz").read_bytes()
    files = [midi for _, midi in Dataset.open(tiny_dataset).media()][:30]
    exact, quick = (ChromaticScorer(folder) for folder in (tiny_model, quantized))
    fitness = [
        np.array([r.fitness for r in sorted(s.score_batch(files, target="Q1"), key=lambda r: r.index)])
        for s in (exact, quick)
    ]
    assert spearman(*fitness) > 0.95
    assert (fitness[0] != fitness[1]).any()
    novelty = [[r.novelty for r in sorted(s.score_batch(files), key=lambda r: r.index)] for s in (exact, quick)]
    assert novelty[0] == novelty[1]


def test_the_same_model_and_dataset_give_the_same_bytes(
    quantized: Path, tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    quantize_bundle(tiny_model, tmp_path / "again", tiny_dataset, minimum=0.9)
    for name in ("model.onnx", "arrays.npz", "held_out.npz", "bundle.json"):
        assert (tmp_path / "again" / name).read_bytes() == (quantized / name).read_bytes(), name


def test_a_model_that_would_rank_otherwise_is_refused_and_nothing_is_written(
    tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    assert MIN_AGREEMENT == 0.99
    with pytest.raises(QuantizationError, match=r"ranks otherwise: rank agreement .* expected at least 1.01"):
        quantize_bundle(tiny_model, tmp_path / "out", tiny_dataset, minimum=1.01)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_never_replaced_and_the_dataset_must_be_of_the_ontology(
    tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match="is no model bundle"):
        quantize_bundle(tiny_model, tiny_dataset, tiny_dataset)
    (tmp_path / "midi").mkdir()
    (tmp_path / "midi" / "a.mid").write_bytes(next(Dataset.open(tiny_dataset).media())[1])
    (tmp_path / "labels.csv").write_text("clip,color\na,Red\n")
    catalog = tmp_path / "catalog"
    labels = {"id_column": "clip", "class_column": "color", "ontology": "rainbow"}
    import_midi(tmp_path / "midi", tmp_path / "labels.csv", out=catalog, **labels)
    build_dataset(read_catalog(catalog), tmp_path / "dataset", policy="whole")
    with pytest.raises(QuantizationError, match="is of another ontology"):
        quantize_bundle(tiny_model, tmp_path / "out", tmp_path / "dataset")


def test_rank_correlation() -> None:
    x = np.array([3.0, 1.0, 2.0, 2.0])
    assert spearman(x, x * 5 - 1) == pytest.approx(1)
    assert spearman(x, -x) == pytest.approx(-1)
    assert spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0])) == pytest.approx(0.8)
