import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.scoring.heads import heads_of
from whitelight.training import evaluate, train_fusion
from whitelight.training.evaluation import EvaluationError
from whitelight.training.judging import pool_units

KEYS = {"n_segments", "n_songs", "class", "axes", "baselines", "ranking_auc"}


def test_a_held_out_split_is_scored_beside_its_baselines(tiny_model: Path, tiny_dataset: Path) -> None:
    value = json.loads(json.dumps(evaluate(tiny_model, tiny_dataset, split="val", by="clip"), allow_nan=False))
    assert value.keys() >= KEYS
    assert (value["n_segments"], value["n_songs"], value["n_units"]) == (8, 4, 8)
    assert value["held_out"] == "split 'val'"
    assert value["class"].keys() >= {"accuracy", "macro_f1", "ece"}
    assert set(value["axes"]) == {"arousal", "valence"}
    assert value["axes"]["arousal"]["accuracy"] == 1.0  # pace and loudness tell it in every clip
    assert set(value["baselines"]) == {"majority", "descriptor"}
    assert value["baselines"]["majority"]["accuracy"] == 0.25
    assert value["class"]["accuracy"] > value["baselines"]["majority"]["accuracy"]
    assert set(value["ranking_auc"]) == {"Q1", "Q2", "Q3", "Q4"}
    assert set(value["views"]) == {"full", "chords", "bass", "melody"}
    assert value["velocity_free"]["accuracy"] is not None
    low, high = value["class"]["accuracy_interval"]
    assert low <= value["class"]["accuracy"] <= high


def test_without_a_split_songs_it_was_trained_on_are_judged_out_of_fold(
    tiny: ModuleType, tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    value = evaluate(tiny_model, tiny_dataset)
    assert value["held_out"] == "out-of-fold, and songs never seen"
    assert value["n_segments"] == 40
    train_fusion(tiny_dataset, tmp_path / "all", settings=tiny.SETTINGS)
    everything = evaluate(tmp_path / "all", tiny_dataset, by="song")
    assert everything["held_out"] == "out-of-fold"
    assert everything["n_units"] == everything["n_songs"] == 20
    with pytest.raises(EvaluationError, match="split 'val' holds 4 songs the model was trained on"):
        evaluate(tmp_path / "all", tiny_dataset, split="val")


def test_what_would_not_be_honest_is_refused(
    tiny: ModuleType, tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(EvaluationError, match="holds 16 songs the model was trained on"):
        evaluate(tiny_model, tiny_dataset, split="train")
    with pytest.raises(EvaluationError, match="no rows of split 'test'; the dataset has 'train', 'val'"):
        evaluate(tiny_model, tiny_dataset, split="test")
    with pytest.raises(EvaluationError, match="expected one of segment, clip, song"):
        evaluate(tiny_model, tiny_dataset, by="album")
    changed = tiny.write_tiny_dataset(tmp_path / "changed", seed=5)
    with pytest.raises(EvaluationError, match="are not what they were"):
        evaluate(tiny_model, changed)


def test_units_average_their_segments_and_take_the_most_frequent_class() -> None:
    heads = heads_of(load_ontology("emopia"))
    log_p = np.log(np.full((3, 8), 0.25))
    log_p[0, 0] = 0.0
    units = pool_units(log_p, np.array([2, 2, 1]), ["a", "a", "a"], np.array(["g", "g", "g"], dtype=object), heads)
    assert units.label.tolist() == [2]
    assert units.log_p[0, :4].argmax() == 0
    assert np.exp(units.log_p[0, :4]).sum() == pytest.approx(1.0)
