import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.ontology import load_ontology
from whitelight.training import train_fusion
from whitelight.training.comparison import compare_models, paired_figures
from whitelight.training.evaluation import EvaluationError
from whitelight.training.judging import Units


def units(right_share: float, seed: int = 0, n_songs: int = 60) -> Units:
    """Three clips a song; some songs are hard for everybody."""
    rng = np.random.default_rng(7)
    label, song = np.repeat(np.arange(n_songs) % 4, 3), np.repeat(np.arange(n_songs), 3)
    hard = (rng.random(n_songs) < 0.4)[song]
    right = np.random.default_rng(seed).random(len(label)) < np.where(hard, 0.1, right_share)
    guess = np.where(right, label, (label + 1) % 4)
    log_p = np.log(np.full((len(label), 4), 0.1) + 0.6 * np.eye(4)[guess])
    return Units(log_p, label, song.astype(str).astype(object))


def test_a_difference_is_seen_where_the_intervals_of_each_overlap() -> None:
    found = paired_figures(units(0.98), units(0.85, seed=1), load_ontology("emopia"))
    accuracy = found["accuracy"]
    low, high = accuracy["interval"]
    assert accuracy["difference"] == pytest.approx(accuracy["model"] - accuracy["against"])
    assert 0 < low < accuracy["difference"] < high
    assert found["log_loss"]["difference"] < 0
    assert (found["n_units"], found["n_songs"]) == (180, 60)
    same = paired_figures(units(0.9), units(0.9), load_ontology("emopia"))
    assert same["accuracy"]["interval"] == (0.0, 0.0)


def test_two_bundles_are_compared_on_the_songs_both_have_not_heard(
    tiny: ModuleType, tiny_model: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    value = json.loads(json.dumps(compare_models(tiny_model, tiny_model, tiny_dataset, split="val", by="clip")))
    assert (value["n_units"], value["n_songs"]) == (8, 4)
    assert value["accuracy"]["difference"] == 0
    assert value["ece"]["interval"] == [0, 0]
    other = tiny.write_tiny_dataset(tmp_path, songs_per_class=2, seed=4)
    train_fusion(other, tmp_path / "other", settings=tiny.SETTINGS)
    with pytest.raises(EvaluationError, match="holds 4 songs the model was trained on"):
        compare_models(tiny_model, tmp_path / "other", other, split="val")
