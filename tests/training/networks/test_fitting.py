from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning.pytorch.loggers import CSVLogger

from whitelight.dataset import Dataset
from whitelight.training.networks import NetworkSettings
from whitelight.training.networks.checkpoints import LAST, DivergedError, best_epochs
from whitelight.training.networks.fitting import Fitted, check_machine, fit_network, predict_network
from whitelight.training.networks.material import Material
from whitelight.training.networks.settings import AugmentationSettings
from whitelight.training.settings import SettingsError

KINDS = pytest.mark.parametrize("kind", ["roll", "remi"])
Sides = tuple[Material, Material]


class StoppedError(Exception):
    """A run that is killed after an epoch."""


@pytest.fixture(scope="module")
def fit(sides: Sides, tiny_source: Dataset) -> Callable[..., Fitted]:
    def run(settings: NetworkSettings, folder: Path, *, validated: bool = True, **more: object) -> Fitted:
        return fit_network(
            sides[0], sides[1] if validated else None, tiny_source.ontology, settings, folder=folder, **more
        )

    return run


def same_weights(first: Fitted, second: Fitted) -> bool:
    weights = first.network.state_dict(), second.network.state_dict()
    return all(torch.equal(a, b) for a, b in zip(*(w.values() for w in weights), strict=True))


@pytest.mark.slow
@KINDS
def test_it_learns_what_sets_the_classes_apart(
    kind: str, fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    plain = AugmentationSettings(transpose=0, tempo=0.05, velocity=2, note_drop=0.05, view_drop=0.0)
    rate = {"roll": 1e-2, "remi": 4e-3}[kind]
    fitted = fit(small(kind=kind, epochs=30, learning_rate=rate, augmentation=plain, mixup=0.2), tmp_path)
    best = fitted.history[fitted.best[0]]
    assert best["accuracy"] >= 0.75
    assert best["log_loss"] < fitted.history[0]["log_loss"] - 0.3


@KINDS
def test_an_interrupted_run_goes_on_to_the_same_weights(
    kind: str, fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    settings = small(kind=kind, epochs=4)
    undisturbed = fit(settings, tmp_path / "a")

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        fit(settings, tmp_path / "b", progress=stop)
    done: list[int] = []
    resumed = fit(settings, tmp_path / "b", progress=lambda epoch, _: done.append(epoch))
    assert done == [3, 4]
    assert resumed.history == undisturbed.history
    assert same_weights(undisturbed, resumed)
    names = [sorted(p.name for p in (tmp_path / run).iterdir()) for run in "ab"]
    assert names[0] == names[1]
    again = fit(settings, tmp_path / "b", progress=lambda epoch, _: done.append(epoch))
    assert done == [3, 4]  # nothing was left to do
    assert same_weights(undisturbed, again)


def test_another_seed_gives_other_weights(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    first, other = (fit(small(seed=seed, epochs=1), tmp_path / str(seed)) for seed in (0, 1))
    assert not same_weights(first, other)


def test_the_best_few_epochs_are_kept_and_the_best_is_the_model(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], sides: Sides, tmp_path: Path
) -> None:
    settings = small(epochs=5, keep_best=2)
    fitted = fit(settings, tmp_path)
    assert fitted.best == best_epochs(fitted.history, 2)
    kept = {path.name for path in tmp_path.glob("epoch-*")}
    assert kept == {f"epoch-{epoch + 1:03d}.safetensors" for epoch in fitted.best}
    logits = predict_network(fitted.network, sides[1], settings)[:, :4]
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    loss = -log_p[np.arange(8), sides[1].rows.label].mean()  # songs have two clips each
    assert loss == pytest.approx(fitted.history[fitted.best[0]]["log_loss"], abs=1e-5)


def test_best_epochs_are_those_of_least_log_loss() -> None:
    history = [{"log_loss": loss} for loss in (1.0, 0.5, 0.7, 0.5)]
    assert best_epochs(history, 3) == [1, 3, 2]
    assert best_epochs([{"train_loss": 1.0}], 3) == []


def test_without_validation_the_last_epoch_is_the_model(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    fitted = fit(small(epochs=2), tmp_path, validated=False)
    assert fitted.best == []
    assert [sorted(figures) for figures in fitted.history] == [["train_loss"]] * 2


def test_a_checkpoint_holds_no_objects_and_no_places(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    fit(small(epochs=1), tmp_path)
    held = torch.load(tmp_path / LAST, weights_only=True)
    assert held["epoch"] == 0
    assert str(tmp_path).encode() not in (tmp_path / LAST).read_bytes()


@KINDS
def test_mixed_precision_runs_on_a_processor(
    kind: str, fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    settings = small(kind=kind, epochs=2)
    exact, mixed = (fit(replace(settings, precision=name), tmp_path / name) for name in ("32-true", "bf16-mixed"))
    assert all(value.dtype == torch.float32 for value in mixed.network.state_dict().values())
    losses = [run.history[-1]["train_loss"] for run in (exact, mixed)]
    assert losses[0] != losses[1]  # it did compute otherwise
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_weights_that_are_no_numbers_end_the_training(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], sides: Sides, tmp_path: Path
) -> None:
    with pytest.raises(DivergedError, match="of epoch 1 is nan; expected a number; lower learning_rate"):
        fit(small(learning_rate=1e30), tmp_path)
    assert not list(tmp_path.iterdir())


def test_loggers_hear_of_every_epoch(
    fit: Callable[..., Fitted], small: Callable[..., NetworkSettings], tmp_path: Path
) -> None:
    told: list[tuple[int, float]] = []
    logger = CSVLogger(tmp_path / "log", name="run")
    fitted = fit(
        small(epochs=2),
        tmp_path / "run",
        loggers=[logger],
        tell=lambda epoch, figures: told.append((epoch, figures["log_loss"])),
    )
    assert told == [(k + 1, figures["log_loss"]) for k, figures in enumerate(fitted.history)]
    text = next((tmp_path / "log").rglob("metrics.csv")).read_text()
    assert "validation/log_loss" in text.splitlines()[0]
    assert "train/loss" in text.splitlines()[0]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, which can")
def test_a_precision_of_gpus_is_refused_without_one(small: Callable[..., NetworkSettings]) -> None:
    with pytest.raises(SettingsError, match="there is no GPU; expected '32-true' or 'bf16-mixed'"):
        check_machine(small(precision="16-mixed"))


def test_several_processes_are_started_by_torchrun(
    small: Callable[..., NetworkSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="torchrun --nproc-per-node 2"):
        check_machine(small(devices=2))
    monkeypatch.setenv("WORLD_SIZE", "2")
    check_machine(small(devices=2))
    check_machine(small())


def test_a_batch_that_processes_cannot_share_is_refused(
    small: Callable[..., NetworkSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(SettingsError, match="batch_size is 8 and torchrun started 3 processes"):
        check_machine(small())
