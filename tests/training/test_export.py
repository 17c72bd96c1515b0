from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
import torch

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import Agreement, Calibration
from whitelight.scoring.heads import class_targets, heads_of, log_softmax
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
