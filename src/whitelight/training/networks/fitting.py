"""Fitting one network by Lightning, so that a killed run goes on and ends with the weights of an undisturbed one.

`torchrun` starts this program several times; each process then reads its share of every batch, and gradients are
averaged. Without it one process trains, on the GPU if there is one.
"""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import torch
from lightning.pytorch import Trainer
from torch import Tensor

from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent
from whitelight.scoring.heads import Array, heads_of, n_columns
from whitelight.training.models import deterministic
from whitelight.training.networks.checkpoints import (
    LAST,
    AtomicCheckpoints,
    KeepBest,
    Tell,
    nobody,
    read_weights,
    weights_path,
)
from whitelight.training.networks.data import NotesData, windows_of
from whitelight.training.networks.material import Material
from whitelight.training.networks.models import NoteNetwork, make_network
from whitelight.training.networks.module import NetworkModule, row_logits, wanted_in_judging, wanted_in_training
from whitelight.training.networks.settings import NetworkSettings
from whitelight.training.settings import SettingsError

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

GRADIENT_CLIP = 1.0
TALKERS = ("lightning.pytorch", "lightning.fabric", "torch.onnx._internal.exporter._registration")
Precision = Literal["32-true", "16-mixed", "bf16-mixed"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained network.

    Attributes
    ----------
    network : with the weights of the best epoch, or of the last one where nothing was validated; in evaluation.
    history : figures of every epoch. best : epochs whose weights were kept, best first, counted from 0.
    """

    network: NoteNetwork
    history: list[dict[str, float]]
    best: list[int]


def n_processes() -> int:
    """Return how many processes `torchrun` started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first_process() -> bool:
    """Whether this process is the one that writes and speaks."""
    return int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))) == 0


def wait_for_all() -> None:
    """Return when every process has come here."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def fit_network(
    train: Material,
    validation: Material | None,
    ontology: Ontology,
    settings: NetworkSettings,
    *,
    folder: Path,
    start: Mapping[str, Tensor] | None = None,
    loggers: "Sequence[Logger]" = (),
    progress: Progress = silent,
    tell: Tell = nobody,
) -> Fitted:
    """Train a network, or go on where the checkpoint in `folder` ended.

    Parameters
    ----------
    validation : rows judged after every epoch, by which the best one is chosen; None takes the last.
    folder : of the checkpoints of this very run. start : weights to begin from where name and shape agree.
    loggers, tell : told the figures of every epoch.

    Raises
    ------
    SettingsError : the precision or the number of processes does not fit this machine.
    """
    check_machine(settings)
    heads = heads_of(ontology)
    data = NotesData(train, validation, settings)
    keep = KeepBest(folder, keep=settings.keep_best, progress=progress, tell=tell)
    with deterministic(settings.seed), quiet():
        network = make_network(settings, n_columns(heads))
        if start is not None:
            network.load_state_dict(_fitting(start, network), strict=False)
        module = NetworkModule(
            network,
            heads,
            settings,
            wanted_in_training(train.rows.take(data.leads), ontology, settings),
            None if validation is None else wanted_in_judging(validation.rows, ontology),
            n_steps=settings.epochs * data.n_batches,
        )
        _train(module, data, keep, settings, loggers)
        wait_for_all()
        if keep.best:
            read_weights(weights_path(folder, keep.best[0]), network)
    return Fitted(network.cpu().eval(), keep.history, keep.best)


def predict_network(network: NoteNetwork, material: Material, settings: NetworkSettings) -> Array:
    """Return the logits of every row, the mean over its windows, (n, n_columns)."""
    found = []
    with deterministic(0), torch.no_grad():
        for _, windows in windows_of(material, settings):
            found.append(row_logits(network, windows).numpy())
    return np.concatenate(found).astype(np.float64)


def check_machine(settings: NetworkSettings) -> None:
    """Refuse settings this machine cannot follow."""
    gpu = torch.cuda.is_available()
    if settings.precision == "16-mixed" and not gpu:
        raise SettingsError(
            "precision is '16-mixed' and there is no GPU; expected '32-true' or 'bf16-mixed' on a processor"
        )
    processes = n_processes()
    if settings.batch_size % processes:
        raise SettingsError(
            f"batch_size is {settings.batch_size} and torchrun started {processes} processes; "
            "expected a multiple, so that the batch is as large as with one"
        )
    if settings.devices > 1 and settings.devices != processes:
        raise SettingsError(
            f"devices is {settings.devices} and {processes} process is at work; several are started by "
            f"torchrun --nproc-per-node {settings.devices} -m whitelight train network …"
        )


def _train(
    module: NetworkModule, data: NotesData, keep: KeepBest, settings: NetworkSettings, loggers: "Sequence[Logger]"
) -> None:
    gpu, processes = torch.cuda.is_available(), n_processes()
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if processes > 1 else 1
    trainer = Trainer(
        accelerator="gpu" if gpu else "cpu",
        devices=here,
        num_nodes=processes // here,
        strategy="ddp" if processes > 1 else settings.strategy,
        precision=cast("Precision", settings.precision),
        max_epochs=settings.epochs,
        limit_val_batches=0 if data.validation_material is None else None,
        logger=list(loggers),
        callbacks=[keep],
        plugins=[AtomicCheckpoints()],
        gradient_clip_val=GRADIENT_CLIP,
        deterministic="warn"
        if gpu
        else None,  # on one thread of a processor everything used here is; see `training.models`
        benchmark=False,
        num_sanity_val_steps=0,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,  # every process knows its share
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=data.n_batches,
        default_root_dir=keep.folder,
    )
    last = keep.folder / LAST
    trainer.fit(module, datamodule=data, ckpt_path=last if last.is_file() else None, weights_only=True)


def _fitting(start: Mapping[str, Tensor], network: NoteNetwork) -> dict[str, Tensor]:
    """Return the weights that have a place in the network, with the shape it has; the head begins anew."""
    own = network.state_dict()
    return {
        name: value
        for name, value in start.items()
        if name in own and own[name].shape == value.shape and not name.startswith("out.")
    }


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what is said of every run and export: which hardware there is, advice this training does not need."""
    talkers = [logging.getLogger(name) for name in TALKERS]
    levels = [talker.level for talker in talkers]
    for talker in talkers:
        talker.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"lightning\..*")  # workers, sync_dist: see `data`, `module`
        try:
            yield
        finally:
            for talker, level in zip(talkers, levels, strict=True):
                talker.setLevel(level)
