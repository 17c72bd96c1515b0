"""Every fusion strategy from rows to verdicts: trained, exported, calibrated, scored, never moved by a shared concept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology
from whitelight.scoring.bundle import HELD_OUT, read_bundle
from whitelight.scoring.calibration import JOINT, JOINTS
from whitelight.scoring.engine import Engine, Inputs, Session
from whitelight.scoring.heads import heads_of, log_softmax
from whitelight.scoring.parts import unpack
from whitelight.training.export import FusionModule, export_onnx, output_names
from whitelight.training.folds import model_arrays, model_from_arrays
from whitelight.training.fusion_run import Run
from whitelight.training.leakage import LeakageReport
from whitelight.training.recipe import fit_fusion, predict_fusion
from whitelight.training.rows import EmbeddingTable, Rows
from whitelight.training.settings import JOINT_STRATEGIES, ExpertSettings, FusionSettings, JointSettings

TOLERANCE = 1e-4
SMALL = FusionSettings(
    n_folds=2,
    midi=ExpertSettings(network_steps=40, width=8),
    joint=JointSettings(n_networks=2, width=8, n_tokens=2, steps=60, input_dropout=0.2),
)


def run_on(rows: Rows, ontology: Ontology, settings: FusionSettings) -> Run:
    run = Run(
        SimpleNamespace(ontology=ontology, media=lambda _ids: ()),
        rows,
        settings,
        LeakageReport(0, ()),
        lambda _done, _total: None,
    )
    run.uses_velocity = np.zeros(rows.descriptors.shape[1], dtype=bool)
    return run


@pytest.mark.parametrize("strategy", JOINT_STRATEGIES)
def test_the_graph_says_what_the_network_says_whatever_is_missing(
    make_rows: Callable[..., Rows], rainbow: Ontology, strategy: str, tmp_path: Path
) -> None:
    rows = make_rows(classes=(0, 1, 2, 6), with_text=True, songs_per_class=4)
    heads, everyone = heads_of(rainbow), np.ones(len(rows), bool)
    blind = np.zeros(rows.descriptors.shape[1], bool)
    settings = replace(SMALL, fusion=strategy)
    model = fit_fusion(
        rows, everyone, uses_velocity=blind, ontology=rainbow, heads=heads, settings=settings, views=VIEWS
    )
    assert model.joint is not None
    stored = model_from_arrays(model_arrays(model))
    said = predict_fusion(model, rows)
    assert (predict_fusion(stored, rows).logits[JOINT] == said.logits[JOINT]).all()
    assert set(said.logits) == {"midi", "concept", *JOINTS}
    alone = predict_fusion(model, replace(rows, concept=EmbeddingTable.nothing(len(rows))))  # as if it were missing
    assert np.allclose(alone.logits["joint_concept"], said.logits[JOINT], atol=1e-5)

    run = run_on(rows, rainbow, settings)
    run.write(tmp_path / "model", split_column=None, allow_leakage=False)
    bundle = read_bundle(tmp_path / "model")
    assert bundle.record["fusion"] == strategy
    assert {f"logits_{name}" for name in JOINTS} < set(bundle.arrays(HELD_OUT))
    assert "joint" in bundle.record["evaluation"]["by_modality"]
    calibration = unpack(bundle.arrays(), bundle.record["experts"]).calibration
    module = FusionModule(model, calibration, heads, ("midi", "concept"))
    dims = {e: model.experts[e].dim for e in module.experts}
    content = export_onnx(module, heads, dims)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    vectors = {e: rng.normal(size=(9, dim)).astype(np.float32) for e, dim in dims.items()}
    present = {"midi": np.arange(9) % 2 == 0, "concept": np.arange(9) % 3 > 0}
    feed = {"descriptors": vectors["midi"], "concept_emb": vectors["concept"]}
    feed |= {f"has_{e}": there for e, there in present.items()}
    found = dict(zip(output_names(module.speakers, heads), session.run(None, feed), strict=True))
    with torch.no_grad():
        wanted = module({name: torch.tensor(values) for name, values in feed.items()})
    for name, values in zip(found, wanted, strict=True):
        assert np.abs(found[name] - values.numpy()).max() <= TOLERANCE, name

    outputs = Engine(content, module.experts, heads, Session(), others=(JOINT,)).run(Inputs(9, vectors, present))
    raw = outputs.logits[JOINT]
    log_p = {name: calibration.calibrated(name, raw, heads, 0, 0) for name in JOINTS}
    heard = present["midi"] | present["concept"]
    fused = calibration.fuse(log_p, {JOINTS[0]: present["midi"], JOINTS[1]: present["concept"]}, heads)
    for head in heads:  # the graph and the scorer fuse alike
        assert np.abs(log_softmax(found[head.name][heard]) - fused[heard][:, head.columns]).max() <= TOLERANCE
