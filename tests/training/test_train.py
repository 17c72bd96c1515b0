import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from whitelight.dataset import Dataset
from whitelight.music import TempoMap, read_midi, write_midi
from whitelight.ontology import Ontology
from whitelight.scoring.bundle import BundleError, read_bundle
from whitelight.training import train_fusion
from whitelight.training.fusion_run import Run
from whitelight.training.leakage import LeakageError, LeakageReport, check_leakage
from whitelight.training.reading import read_dataset, read_materials
from whitelight.training.rewriting import doubled, transposed
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.settings import ExpertSettings, FusionSettings

SMALL = FusionSettings(n_folds=3, midi=ExpertSettings(network_steps=120, width=16, input_dropout=0.2))
FILES = ("arrays.npz", "bundle.json", "distributions.npz", "held_out.npz", "model.onnx")


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_record_says_what_the_model_was_made_of(tiny_model: Path) -> None:
    record = read_bundle(tiny_model).record
    training = record["training"]
    assert training["seed"] == 0
    assert training["n_songs"] == 16
    assert training["config"]["midi"]["network_steps"] == SMALL.midi.network_steps
    assert len(training["data_hash"]) == 64
    assert training["groups"] == sorted(f"Q{q}_{s}" for q in range(1, 5) for s in range(4))
    assert record["evaluation"]["held_out"] == "out-of-fold"
    assert training["role"] == "scorer"
    assert record["inputs"]["descriptors"]["encoder"] == "descriptors"
    assert sorted(record["files"]) == sorted(set(FILES) - {"bundle.json"})
    assert sorted(p.name for p in tiny_model.parent.iterdir()) == ["model"]  # no work folder is left


def test_the_same_seed_gives_the_same_bytes(
    tiny: ModuleType, tiny_dataset: Path, tiny_model: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    report = train_fusion(tiny_dataset, again, split_column="split", settings=tiny.SETTINGS)
    assert content(again) == content(tiny_model)
    assert json.loads(json.dumps(report.to_dict()))["training"]["n_songs"] == 16
    assert any("out of fold" in line for line in report.lines())


KILLED = """
import importlib.util, sys, time
from pathlib import Path
spec = importlib.util.spec_from_file_location("tiny", sys.argv[1])
tiny = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tiny)
from whitelight.training import train_fusion
def progress(done, total):
    print(done, flush=True)
    time.sleep(0.5)
train_fusion(Path(sys.argv[2]), Path(sys.argv[3]), split_column="split", settings=tiny.SETTINGS, progress=progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, 4])
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    tiny: ModuleType, tiny_dataset: Path, tiny_model: Path, tmp_path: Path, steps: int
) -> None:
    out = tmp_path / "model"
    command = [sys.executable, "-c", KILLED, str(tiny.__file__), str(tiny_dataset), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(steps):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert not out.exists()
    kept = sorted(p.name for p in (tmp_path / ".model.work").iterdir())
    assert len(kept) == steps
    train_fusion(tiny_dataset, out, split_column="split", settings=tiny.SETTINGS)
    assert content(out) == content(tiny_model)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model"]


def test_a_folder_that_is_no_bundle_is_not_touched(tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BundleError, match="is no model bundle"):
        train_fusion(tiny_dataset, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_copy_across_the_split_is_refused_unless_allowed(tiny: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "leaky"
    tiny.write_tiny_dataset(folder, songs_per_class=3)
    midi = folder / "midi"
    for part in range(2):  # a fourth higher, and at another tempo: the notes last twice as long at the same one
        copy = replace(transposed(doubled(read_midi(midi / f"Q1_0_{part}.mid"))), tempo_map=TempoMap.constant(90, 480))
        (midi / f"Q1_2_{part}.mid").write_bytes(write_midi(copy))
    dataset = tiny.import_and_build(folder)
    with pytest.raises(LeakageError, match="MIDI of 'Q1_0' and 'Q1_2'"):
        train_fusion(dataset, tmp_path / "model", split_column="split", settings=SMALL)
    train_fusion(dataset, tmp_path / "model", split_column="split", settings=SMALL, allow_leakage=True)
    leakage = read_bundle(tmp_path / "model").record["training"]["leakage"]
    assert [(p["group_a"], p["group_b"]) for p in leakage["crossing"]] == [("Q1_0", "Q1_2")]
    reading = read_dataset(Dataset.open(dataset))
    shared = check_leakage(read_materials(Dataset.open(dataset), reading), [(g, True) for g in reading.rows.group_id])
    run = Run(SimpleNamespace(ontology=Dataset.open(dataset).ontology), reading.rows, SMALL, shared, print)
    fold = dict(zip(reading.rows.group_id, run.folds(), strict=True))  # without a split the copies share a fold
    assert fold["Q1_0"] == fold["Q1_2"]


def run_on(rows: Rows, ontology: Ontology, settings: FusionSettings = SMALL) -> Run:
    source = SimpleNamespace(ontology=ontology, media=lambda _: ())
    run = Run(source, rows, settings, LeakageReport(0, ()), lambda _done, _total: None)
    run.uses_velocity = np.zeros(rows.descriptors.shape[1], dtype=bool)
    return run


def test_a_class_of_one_song_is_never_held_out_and_axes_without_a_mode_take_no_part(
    make_rows: Callable[..., Rows], rainbow: Ontology, tmp_path: Path
) -> None:
    rows = make_rows(classes=(0, 1, 2, 6), songs_per_class=4)  # Black has no modes, Indigo one axis
    rows = rows.take((rows.label != 6) | (rows.group_id == "6-0"))
    record, evaluation = run_on(rows, rainbow).write(tmp_path / "model", split_column=None, allow_leakage=False)
    assert record["never_held_out"] == ["6-0"]
    assert "Indigo" not in evaluation["ranking_auc"]
    assert evaluation["n_songs"] == 12
    assert evaluation["n_segments"] == 3 * 4 * 2
    assert evaluation["class"]["accuracy"] > 0.5
    assert {axis: figures["n"] for axis, figures in evaluation["axes"].items()} == dict.fromkeys(
        ("temporal", "spatial", "ontological"), 2 * 4 * 2
    )


def test_too_little_material_is_refused_with_what_is_there(make_rows: Callable[..., Rows], rainbow: Ontology) -> None:
    with pytest.raises(TooLittleMaterialError, match="6 of Black; expected at least two classes"):
        run_on(make_rows(classes=(0,)), rainbow).check()
    with pytest.raises(TooLittleMaterialError, match="1 of Black, 1 of Red; expected"):
        run_on(make_rows(classes=(0, 1), songs_per_class=1), rainbow).check()


def test_a_concept_weighs_at_most_its_cap_and_stays_out_of_the_headline(
    make_rows: Callable[..., Rows], quadrants: Ontology, tmp_path: Path
) -> None:
    run = run_on(make_rows(classes=(0, 1, 2, 3), noise=2.0, with_text=True), quadrants)
    run.write(tmp_path / "model", split_column=None, allow_leakage=False)
    record = read_bundle(tmp_path / "model").record
    assert record["experts"] == ["midi", "concept"]
    weights = record["calibration"]["weights"]
    assert weights["concept"] / (weights["midi"] + weights["concept"]) <= SMALL.max_concept_weight
    evaluation = record["evaluation"]
    assert run.experts == ("midi", "concept")
    assert set(evaluation["by_modality"]) == {"midi", "concept", "all"}
    assert evaluation["class"]["accuracy"] == evaluation["by_modality"]["midi"]["accuracy"]
