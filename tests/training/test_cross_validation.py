"""Training again fold by fold: what is held out stays held out, and a leak shows."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.dataset import VIEWS, Dataset
from whitelight.training.cross_figures import figures_over
from whitelight.training.cross_validation import CrossValidation, cross_validate
from whitelight.training.reading import Reading, read_dataset
from whitelight.training.rewriting import draw_rows, rewrite_rows
from whitelight.training.settings import ExpertSettings, FusionSettings, SettingsError, settings_from

LINEAR = FusionSettings(n_folds=3, midi=ExpertSettings(n_networks=0, linear_steps=30))


@pytest.fixture(scope="module")
def cross(tiny_dataset: Path) -> CrossValidation:
    source = Dataset.open(tiny_dataset)
    return CrossValidation(source, read_dataset(source), LINEAR)


def test_one_table_holds_what_is_honest_what_leaks_and_the_baselines(cross: CrossValidation) -> None:
    steps: list[tuple[int, int]] = []
    value = cross_validate(
        cross, n_folds=3, repeats=2, by="clip", progress=lambda done, total: steps.append((done, total))
    )
    assert steps[-1] == (9, 9)
    assert set(value["rows"]) == {"grouped", "leaky", "majority", "descriptor"}
    grouped = value["rows"]["grouped"]
    assert grouped["n"] == 40
    low, high = grouped["accuracy_interval"]
    assert low <= grouped["accuracy"] <= high
    assert grouped["accuracy"] > value["rows"]["majority"]["accuracy"]
    assert set(grouped["axes"]) == {"arousal", "valence"}
    assert set(grouped["sets"]) == {"coverage", "lowest_coverage", "size"}
    calibration = value["views"]["full"]["calibration"]
    assert calibration["ece_if_true_low"] < calibration["ece_if_true"] < calibration["ece_if_true_high"]
    assert 0 < calibration["confidence_ece"] < 1
    assert set(value["views"]) == {"full", "chords", "bass", "melody"}
    assert value["albums"] is None  # these songs have none
    assert (value["folds"], value["repeats"], value["n_songs"]) == (3, 2, 20)


def test_labels_that_only_the_songs_know_are_found_by_leaky_folds_alone(
    cross: CrossValidation, tiny_dataset: Path
) -> None:
    source = Dataset.open(tiny_dataset)
    rng = np.random.default_rng(3)
    _, song = np.unique(cross.rows.group_id.astype(str), return_inverse=True)
    label = rng.permutation(np.arange(20) % 2)[song]
    marks = rng.normal(size=(20, cross.rows.descriptors.shape[1]))[song]  # every song is recognizable
    rows = replace(cross.rows, label=label, descriptors=marks.astype(np.float32))
    shuffled = CrossValidation(source, Reading(rows, {}), LINEAR)
    grouped = shuffled.cross_fitted(shuffled.predict(shuffled.grouped(3, 0), 0, lambda: None))
    leaky = shuffled.cross_fitted(shuffled.predict(shuffled.leaky(3, 0), 0, lambda: None))
    accuracy = [figures_over(shuffled, [run], "segment")["accuracy"] for run in (grouped, leaky)]
    assert accuracy[0] < 0.75
    assert accuracy[1] > 0.9


def test_folds_never_divide_a_song(cross: CrossValidation) -> None:
    fold = cross.grouped(5, 1)
    for group in set(cross.rows.group_id):
        assert len(set(fold[cross.rows.group_id == group])) == 1
    assert (fold != cross.grouped(5, 2)).any()


def test_music_written_otherwise_is_predicted_with_the_fold_of_its_origin(cross: CrossValidation) -> None:
    drawn = draw_rows(cross.rows, np.ones(len(cross.rows), bool), per_view=4, rng=np.random.default_rng(0))
    again = rewrite_rows(cross.source, cross.rows, drawn)
    run = cross.cross_fitted(cross.predict(cross.grouped(3, 0), 0, lambda: None, again), again)
    assert run.again is not None
    louder = run.again.way == 0
    before = run.music[1][run.again.origin[louder]]
    assert np.allclose(run.rewritten[1][louder], before, atol=1e-4)  # loudness cannot buy a score
    assert not np.allclose(run.rewritten[0][louder], run.music[0][run.again.origin[louder]], atol=1e-3)
    assert set(run.again.rows.view) == {VIEWS.index(v) for v in ("full", "chords", "bass", "melody")}


def test_settings_come_back_from_a_training_record(tiny: ModuleType) -> None:
    from dataclasses import asdict

    assert settings_from({**asdict(tiny.SETTINGS), "split_column": None}) == tiny.SETTINGS
    with pytest.raises(SettingsError, match="no 'midi'"):
        settings_from({k: v for k, v in asdict(tiny.SETTINGS).items() if k != "midi"})
