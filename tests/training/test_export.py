from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnxruntime
import pytest
import torch

from whitelight.composition import DEFAULT_FORM, compose_chords
from whitelight.dataset import VIEWS
from whitelight.encoders import DescriptorEncoder, NoteBatch
from whitelight.music import Key, Meter, read_columns
from whitelight.ontology import Ontology
from whitelight.scoring import ScoreResult
from whitelight.scoring.calibration import Agreement, Calibration
from whitelight.scoring.engine import Engine, Inputs, Session
from whitelight.scoring.heads import Head, class_targets, heads_of, log_softmax
from whitelight.training.export import FusionModule, export_onnx, input_names, output_names
from whitelight.training.recipe import FusionModel, fit_fusion, novelty_features
from whitelight.training.rows import Rows
from whitelight.training.settings import ExpertSettings, FusionSettings

SMALL = FusionSettings(midi=ExpertSettings(network_steps=20, width=8))
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def model(make_rows: Callable[..., Rows], rainbow: Ontology) -> FusionModel:
    rows = make_rows(classes=(0, 1, 2, 6), with_text=True)
    everyone, loud = np.ones(len(rows), bool), np.zeros(rows.descriptors.shape[1], bool)
    return fit_fusion(
        rows, everyone, uses_velocity=loud, ontology=rainbow, heads=heads_of(rainbow), settings=SMALL, views=VIEWS
    )


def test_onnx_says_what_torch_says_for_any_batch_and_any_missing_modality(
    model: FusionModel, rainbow: Ontology
) -> None:
    heads, experts = heads_of(rainbow), ("midi", "concept")
    prior = np.concatenate([np.full(len(head.labels), 1 / len(head.labels)) for head in heads])
    calibration = Calibration(
        temperatures={e: np.full((2, len(VIEWS), len(heads)), 1.3 + i) for i, e in enumerate(experts)},
        weights={"midi": 1.0, "concept": 0.25},
        fused_temperature=np.full(len(heads), 0.7),
        confidence=np.zeros((2, len(VIEWS), 2)),
        agreement=Agreement(prior, *class_targets(rainbow, heads), share=0.25),
    )
    module = FusionModule(model, calibration, heads, experts)
    dims = {e: model.experts[e].dim for e in experts}
    session = onnxruntime.InferenceSession(export_onnx(module, heads, dims), providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == input_names(experts)
    assert [o.name for o in session.get_outputs()] == output_names(experts, heads)
    assert output_names(experts, heads)[:2] == ["class", "axis_temporal"]
    rng = np.random.default_rng(0)
    for n in (1, 7, 64):
        vectors = {
            "descriptors": rng.normal(size=(n, dims["midi"])),
            "concept_emb": rng.normal(size=(n, dims["concept"])),
        }
        feed = {name: values.astype(np.float32) for name, values in vectors.items()}
        feed |= {"has_midi": np.arange(n) % 2 == 0, "has_concept": np.arange(n) % 3 > 0}
        with torch.no_grad():
            wanted = module({name: torch.tensor(values) for name, values in feed.items()})
        found = dict(zip(output_names(experts, heads), session.run(None, feed), strict=True))
        for name, values in zip(found, wanted, strict=True):
            assert np.abs(found[name] - values.numpy()).max() <= TOLERANCE, name
        assert (found["class"].argmax(axis=1) == wanted[0].numpy().argmax(axis=1)).all()
        features = novelty_features(model.basis, feed["descriptors"])
        assert np.abs(found["features"] - features).max() <= TOLERANCE
        raw = {e: np.concatenate([found[f"{e}_{head.name}"] for head in heads], axis=1) for e in experts}
        log_p = {e: calibration.calibrated(e, raw[e].astype(np.float64), heads, 0, 0) for e in experts}
        present = {e: feed[f"has_{e}"] for e in experts}
        heard = np.any(list(present.values()), axis=0)
        fused = calibration.fuse(
            {e: v[heard] for e, v in log_p.items()}, {e: p[heard] for e, p in present.items()}, heads
        )
        for head in heads:  # the graph and the scorer fuse alike
            assert np.abs(log_softmax(found[head.name][heard]) - fused[:, head.columns]).max(initial=0) <= TOLERANCE


class Recorder:
    """Keeps every file it is asked about; its taste is the order they come in."""

    def __init__(self) -> None:
        self.files: list[bytes] = []

    def score_batch(self, candidates: Sequence[bytes], target: object = None, **_: str) -> list[ScoreResult]:
        self.files += candidates
        return [ScoreResult(index=i, fitness=float(-i), match=1 / (i + 2)) for i in range(len(candidates))]


@dataclass(frozen=True)
class Proposal:
    class_name: str | None = "any"
    title: str = "Parity"
    tempo_bpm: float = 96.0
    meter: Meter = Meter(4, 4)  # noqa: RUF009  immutable
    musical_key: Key = Key(9, "minor")  # noqa: RUF009  immutable
    iteration_id: str = "parity"
    problems: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """More than five hundred chord candidates, as a stage writes them, in two keys and meters."""
    recorder = Recorder()
    proposals = (Proposal(), Proposal(meter=Meter(7, 8), musical_key=Key(3, "major"), tempo_bpm=132.0))
    for proposal in proposals:
        out = tmp_path_factory.mktemp("composed")
        compose_chords(proposal, scorer=recorder, out=out / "song", n_candidates=300, form=DEFAULT_FORM[:1])
    return recorder.files


def test_onnx_ranks_composed_candidates_exactly_as_torch(
    candidates: list[bytes], make_rows: Callable[..., Rows], rainbow: Ontology
) -> None:
    assert len(candidates) >= 500
    encoder, heads = DescriptorEncoder(), heads_of(rainbow)
    described = encoder.encode(NoteBatch.from_columns(read_columns(candidates)[0]))
    rows = make_rows(classes=(0, 1, 2, 6))
    rows = replace(rows, descriptors=described[:: len(described) // len(rows)][: len(rows)])
    chosen = np.ones(len(rows), bool)
    model = fit_fusion(
        rows, chosen, uses_velocity=encoder.velocity_mask, ontology=rainbow, heads=heads, settings=SMALL, views=VIEWS
    )
    agreement = Agreement(np.concatenate([_even(head) for head in heads]), *class_targets(rainbow, heads), share=0.25)
    shape = (2, len(VIEWS), len(heads))
    calibration = Calibration(
        {"midi": np.ones(shape)}, {"midi": 1.0}, np.ones(len(heads)), np.zeros((2, 6, 2)), agreement
    )
    module = FusionModule(model, calibration, heads, ("midi",))
    content = export_onnx(module, heads, {"midi": encoder.dim})
    vectors = model.scaler.apply(described, np.full(len(described), VIEWS.index("chords")), 0)
    present = np.ones(len(vectors), bool)
    with torch.no_grad():
        wanted = module({"descriptors": torch.tensor(vectors), "has_midi": torch.tensor(present)})
    by_torch = dict(zip(output_names(("midi",), heads), (values.numpy() for values in wanted), strict=True))
    found = Engine(content, ("midi",), heads, Session()).run(Inputs(len(vectors), {"midi": vectors}, {"midi": present}))
    logits = np.concatenate([by_torch[f"midi_{head.name}"] for head in heads], axis=1)
    assert np.abs(found.logits["midi"] - logits).max() <= TOLERANCE
    assert np.abs(found.features - by_torch["features"]).max() <= TOLERANCE
    assert np.ptp(logits, axis=0).min() > 100 * TOLERANCE  # they do differ
    fitness = [
        log_softmax(np.asarray(values, np.float64)[:, heads[0].columns]) for values in (logits, found.logits["midi"])
    ]
    top_classes = [np.argsort(-values, axis=1, kind="stable")[:, :3] for values in fitness]
    assert np.array_equal(*top_classes)
    for start in range(0, len(vectors) - 49, 50):  # the five best of every batch of fifty, for every class
        best = [np.argsort(-values[start : start + 50], axis=0, kind="stable")[:5] for values in fitness]
        assert np.array_equal(*best)


def _even(head: Head) -> np.ndarray:
    return np.full(len(head.labels), 1 / len(head.labels))
