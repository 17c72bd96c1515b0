"""What a trial is worth is what the recipe is worth, on songs a search may see."""

from dataclasses import replace

import pytest

from whitelight.training.cross_figures import figures_over
from whitelight.training.splits import SplitError
from whitelight.training.tuning.objective import LOG_LOSS, MACRO_F1, prepare, trial_figures


def test_the_value_is_the_recipe_s_own(material):
    prepared = prepare(material)
    told = []
    value, figures = trial_figures(prepared, material.base, LOG_LOSS, lambda fold, v: told.append((fold, v)))
    cross = prepared.cross
    fitted = cross.cross_fitted(cross.predict(prepared.fold, material.base.seed, lambda: None))
    expected = figures_over(cross, [fitted], "segment")
    assert figures["accuracy"] == pytest.approx(expected["accuracy"])
    assert figures["macro_f1"] == pytest.approx(expected["macro_f1"])
    assert value == figures["log_loss"] > 0
    assert [fold for fold, _ in told] == [1, 2]
    assert told[-1][1] == value
    assert trial_figures(prepared, material.base, MACRO_F1, lambda _fold, _v: None)[0] == figures["macro_f1"]


def test_a_trial_ends_when_it_is_told_to(material):
    folds = []

    def stop(fold, value):
        folds.append(fold)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        trial_figures(prepare(material), material.base, LOG_LOSS, stop)
    assert folds == [1]


def test_songs_are_in_one_fold(material):
    prepared = prepare(material)
    folds = {}
    for group, fold in zip(prepared.cross.rows.group_id, prepared.fold, strict=True):
        assert folds.setdefault(group, fold) == fold


def test_a_search_sees_only_the_songs_it_may(material, monkeypatch):
    everything = prepare(material).cross.rows
    trained = prepare(replace(material, split_column="split")).cross.rows
    assert set(everything.split) == {"train", "val"}
    assert set(trained.split) == {"train"}
    hidden = str(everything.group_id[0])
    left = prepare(replace(material, left_out=frozenset({hidden}))).cross.rows
    assert set(everything.group_id) - set(left.group_id) == {hidden}
    monkeypatch.setattr("whitelight.training.tuning.objective.NEVER", "val")
    prepare.cache_clear()
    assert set(prepare(material).cross.rows.split) == {"train"}
    prepare.cache_clear()


def test_an_unknown_split_column(material):
    with pytest.raises(SplitError, match="no split column 'fold'"):
        prepare(replace(material, split_column="fold"))


def test_worse_settings_are_worth_less(material):
    prepared = prepare(material)
    blind = replace(material.base, midi=replace(material.base.midi, linear_l2=1e3))
    good, bad = (trial_figures(prepared, s, LOG_LOSS, lambda _f, _v: None)[0] for s in (material.base, blind))
    assert good < bad - 0.1
