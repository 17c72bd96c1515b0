"""Every method behind one interface, on made-up rows whose descriptors carry the class."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from whitelight.ontology import Ontology
from whitelight.scoring.heads import heads_of
from whitelight.training.losses import head_losses
from whitelight.training.models import Examples, fit_expert, label_log_share, predict
from whitelight.training.recipe import fit_fusion, predict_fusion
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.settings import ExpertSettings, FusionSettings, LossSettings, SettingsError
from whitelight.training.small_networks import rows_by_weight, usual_loss
from whitelight.training.uncertainty import (
    METHODS,
    DeepEnsemble,
    Evidential,
    MidiLesson,
    MonteCarloDropout,
    PlainExpert,
    TemperatureScaled,
    UncertaintyMethod,
    midi_lesson,
)
from whitelight.training.uncertainty.small_networks import member_logits, train_networks

QUICK = ExpertSettings(network_steps=100, width=16, input_dropout=0.3, n_networks=2)
SETTINGS = FusionSettings(midi=QUICK)
Make = Callable[..., Rows]


@pytest.fixture(scope="module")
def rows(make_rows: Make) -> Rows:
    return make_rows(songs_per_class=8, noise=0.6)


def lesson_of(rows: Rows, train: NDArray[np.bool_], ontology: Ontology) -> MidiLesson:
    blind = np.zeros(rows.descriptors.shape[1], np.bool_)
    blind[:5] = True
    return midi_lesson(rows, train, uses_velocity=blind, ontology=ontology, settings=SETTINGS)


@pytest.fixture(scope="module")
def train(rows: Rows) -> NDArray[np.bool_]:
    return np.array([int(str(g).split("-")[1]) < 6 for g in rows.group_id])


@pytest.fixture(scope="module")
def lesson(rows: Rows, train: NDArray[np.bool_], quadrants: Ontology) -> MidiLesson:
    return lesson_of(rows, train, quadrants)


def quick(name: str) -> UncertaintyMethod:
    method = DeepEnsemble(n_members=2) if name == "ensemble" else METHODS[name]()
    return replace(method, settings=QUICK)  # type: ignore[type-var]  # every one is a dataclass with settings


EVERY = (*METHODS, "tempered")


def method_of(name: str) -> UncertaintyMethod:
    return TemperatureScaled(quick("recipe"), n_folds=2) if name == "tempered" else quick(name)


@pytest.mark.parametrize("name", EVERY)
def test_every_method_learns_and_divides_its_doubt(
    name: str, rows: Rows, train: NDArray[np.bool_], lesson: MidiLesson
) -> None:
    doubt = method_of(name).fit(lesson.examples, lesson.groups, seed=0)
    held = rows.take(~train)
    features = lesson.scaler.apply(held.descriptors, held.view, 0)
    found = doubt.predict(features)
    assert (found.probabilities.argmax(axis=1) == held.label).mean() > 0.8
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(found.total, found.aleatoric + found.epistemic, atol=1e-9)
    for values in found.doubts.values():
        assert values.shape == (len(held),)
        assert np.isfinite(values).all()
        assert (values >= 0).all()


@pytest.mark.parametrize("name", EVERY)
def test_the_same_seed_says_the_same_and_a_row_alone_as_among_others(name: str, lesson: MidiLesson) -> None:
    method, features = method_of(name), lesson.examples.features[:20]
    first = method.fit(lesson.examples, lesson.groups, seed=3).predict(features)
    doubt = method.fit(lesson.examples, lesson.groups, seed=3)
    again, alone = doubt.predict(features), doubt.predict(features[7:8])
    other = method.fit(lesson.examples, lesson.groups, seed=4).predict(features)
    assert (first.probabilities == again.probabilities).all()
    assert not (first.probabilities == other.probabilities).all()
    np.testing.assert_allclose(alone.probabilities[0], first.probabilities[7], atol=1e-5)
    np.testing.assert_allclose(alone.novelty[0], first.novelty[7], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["recipe", "ensemble", "dropout"])
def test_foreign_rows_are_more_novel_than_those_learned_from(name: str, lesson: MidiLesson) -> None:
    doubt = method_of(name).fit(lesson.examples, lesson.groups, seed=0)
    known = lesson.examples.features
    foreign = np.random.default_rng(0).normal(size=known.shape).astype(np.float32) * 4
    assert np.median(doubt.predict(foreign).novelty) > np.median(doubt.predict(known).novelty)


def test_examples_are_those_of_the_recipe(
    rows: Rows, train: NDArray[np.bool_], lesson: MidiLesson, quadrants: Ontology
) -> None:
    blind = np.zeros(rows.descriptors.shape[1], np.bool_)
    blind[:5] = True
    model = fit_fusion(
        rows,
        train,
        uses_velocity=blind,
        ontology=quadrants,
        heads=heads_of(quadrants),
        settings=SETTINGS,
        views=("full", "chords", "bass", "drums", "melody"),
    )
    ours = fit_expert(lesson.examples, QUICK, seed=0)
    held = rows.take(~train)
    said = predict(ours, lesson.scaler.apply(held.descriptors, held.view, 0))
    np.testing.assert_allclose(said, predict_fusion(model, held).logits["midi"][0], atol=1e-6)
    assert len(lesson.groups) == len(lesson.examples.features) == 2 * train.sum()


def test_what_may_change_is_taught_unless_its_reach_is_nothing(rows: Rows, quadrants: Ontology) -> None:
    chosen = np.arange(10)
    other = replace(rows.take(chosen), descriptors=rows.descriptors[chosen] + 1)
    rewritten = Rewritten(other, chosen, np.zeros(10, np.int64))
    blind, everyone = np.zeros(rows.descriptors.shape[1], np.bool_), np.ones(len(rows), np.bool_)
    for reach in (1.5, 0.0):
        settings = FusionSettings(midi=replace(QUICK, change_reach=reach))
        found = midi_lesson(
            rows, everyone, uses_velocity=blind, ontology=quadrants, settings=settings, rewritten=rewritten
        ).examples.changes
        if reach:
            assert found is not None
            assert (found.reach, len(found.differences), len(found.group)) == (reach, 11, 2 * len(rows))
        else:
            assert found is None


def test_no_midi_is_refused(rows: Rows, quadrants: Ontology) -> None:
    silent = replace(rows, has_midi=np.zeros(len(rows), np.bool_))
    with pytest.raises(TooLittleMaterialError, match="rows has MIDI"):
        lesson_of(silent, np.ones(len(rows), np.bool_), quadrants)


def test_the_training_loop_is_that_of_the_experts(lesson: MidiLesson) -> None:
    examples, how = lesson.examples, LossSettings(focal_gamma=1.0)
    expected = fit_expert(examples, QUICK, seed=5, loss=how)
    found = train_networks(
        rows_by_weight(examples, QUICK.batch_size),
        usual_loss(examples.head_sizes, how),
        QUICK,
        dim=examples.features.shape[1],
        start_bias=label_log_share(examples),
        seed=5,
    )
    for name, values in expected.arrays("").items():
        assert (found.arrays("")[name] == values).all(), name
    np.testing.assert_allclose(
        member_logits(found, examples.features[:9]).mean(axis=0), predict(expected, examples.features[:9]), atol=1e-5
    )


def test_a_temperature_makes_an_overconfident_method_less_sure(lesson: MidiLesson) -> None:
    """Labels that are half noise: a network without restraint is sure of them all the same."""
    rng = np.random.default_rng(0)
    n = len(lesson.examples.features)
    label = np.where(rng.random(n) < 0.5, rng.integers(0, 4, n), lesson.examples.targets[:, :4].argmax(axis=1))
    targets = lesson.examples.targets.copy()
    targets[:, :4] = np.eye(4)[label]
    noisy = replace(lesson.examples, targets=targets)
    sure = PlainExpert(replace(QUICK, network_l2=1e-6, input_dropout=0.0, network_steps=250, learning_rate=1e-2))
    doubt = TemperatureScaled(sure, n_folds=3).fit(noisy, lesson.groups, seed=0)
    assert doubt.temperature > 1.5
    flat, sharp = doubt.predict(noisy.features), doubt.doubt.predict(noisy.features)
    assert flat.total.mean() > sharp.total.mean()
    assert (flat.probabilities.argmax(axis=1) == sharp.probabilities.argmax(axis=1)).all()


def test_settings_that_cannot_doubt_are_refused() -> None:
    with pytest.raises(SettingsError, match="one network cannot disagree"):
        DeepEnsemble(n_members=1)
    with pytest.raises(SettingsError, match="without it every pass says the same"):
        MonteCarloDropout(settings=replace(QUICK, input_dropout=0.0))
    with pytest.raises(SettingsError, match="one pass cannot disagree"):
        MonteCarloDropout(n_passes=1)
    with pytest.raises(SettingsError, match="annealing is 0"):
        Evidential(annealing=0)
    with pytest.raises(SettingsError, match="kl_weight is -1"):
        Evidential(kl_weight=-1)
    with pytest.raises(SettingsError, match="n_networks is 0"):
        Evidential(settings=ExpertSettings(n_networks=0))


def test_usual_loss_is_the_mean_over_the_batch(lesson: MidiLesson) -> None:
    examples: Examples = lesson.examples
    batch = rows_by_weight(examples, 32)(0)
    logits = torch.randn(2, 32, examples.targets.shape[1])
    expected = head_losses(logits, batch.targets, batch.known / 32, examples.head_sizes, LossSettings())
    assert usual_loss(examples.head_sizes, LossSettings())(logits, batch, 0) == expected
