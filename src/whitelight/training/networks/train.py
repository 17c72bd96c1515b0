"""`train_network`: a dataset in, a folder with a network out.

Steps: read notes, look for leaks, hold songs out, train (or go on), choose the best epoch, fit temperatures on the
held-out songs, export, compare the export with the network, write. Every process of `torchrun` does all of it but the
writing, which the first one does.
"""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.torch import save

from whitelight import __version__
from whitelight.files import read_bytes, sha256_of
from whitelight.locking import locked
from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent
from whitelight.scoring.calibration import spread
from whitelight.scoring.heads import Array, Head, heads_of, log_probabilities
from whitelight.training.calibration import MIN_SONGS, fit_temperature
from whitelight.training.judging import class_figures
from whitelight.training.networks.checkpoints import Tell, nobody, weights_path
from whitelight.training.networks.data import windows_of
from whitelight.training.networks.export import (
    CHECKPOINTS,
    MODEL,
    PARITY,
    WEIGHTS,
    WindowSession,
    export_network,
    refuse_other_folder,
    replace_folder,
    write_network,
)
from whitelight.training.networks.fitting import (
    Fitted,
    fit_network,
    is_first_process,
    n_processes,
    predict_network,
    wait_for_all,
)
from whitelight.training.networks.lesson import Lesson, read_lesson
from whitelight.training.networks.material import Material
from whitelight.training.networks.module import wanted_in_judging
from whitelight.training.networks.report import NetworkReport
from whitelight.training.networks.settings import NetworkSettings

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

FINISHED, REPLACED = "finished", "replaced"  # in the work folder


def train_network(
    dataset: Path,
    out: Path,
    settings: NetworkSettings,
    *,
    split_column: str | None = None,
    allow_leakage: bool = False,
    loggers: "Sequence[Logger]" = (),
    progress: Progress = silent,
    tell: Tell = nobody,
) -> NetworkReport:
    """Train a network on the notes of a dataset and write it to `out`.

    Parameters
    ----------
    split_column : train on the rows that say 'train' in it ("split"); None trains on every song.
    allow_leakage : go on although training and held-out songs share material.
    loggers : Lightning loggers, told the figures of every epoch. tell : called with epoch and figures after each.

    Raises
    ------
    LeakageError, TooLittleMaterialError, SplitError, SettingsError, NetworkFolderError, DivergedError, LockedError : with what to do.
    """
    start = time.perf_counter()
    refuse_other_folder(out)
    choices: dict[str, Any] = {"split_column": split_column, "allow_leakage": allow_leakage}
    lesson = read_lesson(dataset, settings, **choices)
    config = {"settings": asdict(settings), **choices}
    key = sha256_of([json.dumps(config, sort_keys=True).encode(), lesson.data_hash.encode(), __version__.encode()])
    work = out.parent / f".{out.name}.work"
    folder = work / f"{key[:16]}-{n_processes()}"
    with _alone(work, out):
        fitted = fit_network(
            lesson.train,
            lesson.validation,
            lesson.ontology,
            settings,
            folder=folder,
            loggers=loggers,
            progress=progress,
            tell=tell,
        )
        record = {**config, **_record(fitted, lesson, settings)}
        if is_first_process():
            files = _files(fitted, folder, lesson.validation, heads_of(lesson.ontology), settings)
            shutil.rmtree(work / FINISHED, ignore_errors=True)
            record = write_network(work / FINISHED, record, lesson.ontology, files)
            replace_folder(work / FINISHED, out, work / REPLACED)
        wait_for_all()
        if is_first_process():
            shutil.rmtree(work, ignore_errors=True)
    return NetworkReport(out, record, time.perf_counter() - start)


def _record(fitted: Fitted, lesson: Lesson, settings: NetworkSettings) -> dict[str, Any]:
    return {
        "code_version": __version__,
        "data_hash": lesson.data_hash,
        "n_processes": n_processes(),
        "n_parameters": sum(value.numel() for value in fitted.network.parameters()),
        "best_epoch": fitted.best[0] + 1,
        "history": fitted.history,
        "training_songs": sorted(set(map(str, lesson.train.rows.group_id))),
        "validation_songs": sorted(set(map(str, lesson.validation.rows.group_id))),
        "shared_material": lesson.n_shared,
        **_judged(fitted, lesson.validation, lesson.ontology, settings),
    }


@contextmanager
def _alone(work: Path, out: Path) -> Iterator[None]:
    """Hold the work folder, so that a second run of the same network does not write the same checkpoints."""
    if not is_first_process():
        yield
        return
    with locked(work / ".lock", what=f"the training of {out.name}"):
        yield


def fit_temperatures_of(logits: Array, material: Material, ontology: Ontology) -> Array:
    """Return the temperature of every head that is best for some rows, songs counting equally, (n_heads,).

    1 where fewer than `MIN_SONGS` songs speak: a temperature of so few is noise.
    """
    wanted = wanted_in_judging(material.rows, ontology)
    targets, weights = wanted.targets.astype(np.float64), wanted.weights.astype(np.float64)
    found = []
    for position, head in enumerate(heads_of(ontology)):
        spoken = weights[:, position] > 0
        enough = len(set(material.rows.group_id[spoken])) >= MIN_SONGS
        columns = (logits[:, head.columns], targets[:, head.columns], weights[:, position])
        found.append(fit_temperature(*columns) if enough else 1.0)
    return np.array(found)


def _judged(fitted: Fitted, validation: Material, ontology: Ontology, settings: NetworkSettings) -> dict[str, Any]:
    """Return temperatures and calibrated figures of the validation songs."""
    heads = heads_of(ontology)
    logits = predict_network(fitted.network, validation, settings)
    temperatures = fit_temperatures_of(logits, validation, ontology)
    log_p = log_probabilities(logits / spread(temperatures, heads), heads)[:, heads[0].columns]
    rows = validation.rows
    weights = wanted_in_judging(rows, ontology).weights[:, 0].astype(np.float64)
    log_loss = float(-(weights @ log_p[np.arange(len(rows)), rows.label]) / weights.sum())
    figures = {**class_figures(np.exp(log_p), rows.label, rows.group_id), "log_loss": log_loss}
    named = {head.name: float(t) for head, t in zip(heads, temperatures, strict=True)}
    return {"temperatures": named, "figures": figures}


def _files(
    fitted: Fitted, folder: Path, validation: Material, heads: tuple[Head, ...], settings: NetworkSettings
) -> dict[str, bytes]:
    """Return the files of the network by name, the export compared with the network."""
    model = export_network(fitted.network, settings, heads)
    difference = export_difference(model, fitted, validation, settings)
    if not difference <= PARITY:
        raise RuntimeError(f"the export differs by {difference:.1e} in logits; expected at most {PARITY:.0e}")
    files = {MODEL: model, WEIGHTS: save({k: v.contiguous() for k, v in fitted.network.state_dict().items()})}
    for epoch in fitted.best:
        path = weights_path(folder, epoch)
        files[f"{CHECKPOINTS}/{path.name}"] = read_bytes(path)
    return files


def export_difference(model: bytes, fitted: Fitted, material: Material, settings: NetworkSettings) -> float:
    """Return the largest difference in logits between ONNX Runtime and torch over some rows."""
    session = WindowSession(model)
    found = predict_network(fitted.network, material, settings)
    said = []
    for _, windows in windows_of(material, settings):
        flat = session.logits(windows.reshape(-1, *windows.shape[2:]).numpy())
        said.append(flat.reshape(len(windows), settings.n_windows, -1).mean(axis=1))
    return float(np.abs(np.concatenate(said) - found).max())
