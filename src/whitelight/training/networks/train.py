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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save

from whitelight import __version__
from whitelight.dataset import Dataset
from whitelight.files import read_bytes, sha256_of
from whitelight.locking import locked
from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent
from whitelight.scoring.calibration import spread
from whitelight.scoring.heads import Array, Head, heads_of, log_probabilities
from whitelight.training.calibration import MIN_SONGS, fit_temperature
from whitelight.training.judging import class_figures
from whitelight.training.leakage import LeakageReport, linked_groups
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
from whitelight.training.networks.material import Material, check_material, read_material
from whitelight.training.networks.module import wanted_in_judging
from whitelight.training.networks.settings import NetworkSettings
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.splits import grouped_split, split_by_column

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """What training a network made.

    Attributes
    ----------
    out : its folder. record : what `network.json` holds. seconds : wall-clock.
    """

    out: Path
    record: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        left_out = {"format", "format_version", "ontology", "history", "files", "training_songs", "validation_songs"}
        shown = {name: value for name, value in self.record.items() if name not in left_out}
        return {"out": str(self.out), **shown, "seconds": round(self.seconds, 2)}

    def metrics(self) -> dict[str, float]:
        """Return the figures a run record holds."""
        chosen = ("accuracy", "macro_f1", "log_loss", "ece")
        return {f"validation_{name}": self.record["figures"][name] for name in chosen}

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        record, figures = self.record, self.record["figures"]
        low, high = figures["accuracy_interval"]
        yield (
            f"{record['settings']['kind']}: {record['n_parameters']:,} parameters; "
            f"{len(record['training_songs'])} songs to train on, {len(record['validation_songs'])} to validate on"
        )
        yield f"best of {len(record['history'])} epochs by validation log-loss: epoch {record['best_epoch']}"
        yield (
            f"validation, by segment: accuracy {figures['accuracy']:.3f} ({low:.3f}–{high:.3f}), "
            f"macro-F1 {figures['macro_f1']:.3f}, log-loss {figures['log_loss']:.3f}, ECE {figures['ece']:.3f} "
            "(these songs chose epoch and temperature)"
        )
        yield f"wrote {self.out}/: {self.seconds:.0f} s"


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
    lesson = _read(dataset, settings, **choices)
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
            record = write_network(out, record, lesson.ontology, files)
        wait_for_all()
        if is_first_process():
            shutil.rmtree(work, ignore_errors=True)
    return NetworkReport(out, record, time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a network learns from, and what it is judged on.

    Attributes
    ----------
    train : every view. validation : one row per segment. n_shared : pairs of songs that share material.
    """

    ontology: Ontology
    train: Material
    validation: Material
    data_hash: str
    n_shared: int


def _read(dataset: Path, settings: NetworkSettings, *, split_column: str | None, allow_leakage: bool) -> Lesson:
    source = Dataset.open(dataset)
    everything = read_material(source)
    trained = _trained(everything, split_column)
    leakage = check_material(source, everything, trained)
    if not allow_leakage:
        leakage.refuse()
    material = everything.take(trained)
    _check(material, source.ontology)
    held = _validation_rows(material, leakage, settings)
    validation = material.take(held)
    return Lesson(
        source.ontology,
        material.take(~held),
        validation.take(validation.leads),
        data_hash(material),
        len(leakage.shared),
    )


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


def data_hash(material: Material) -> str:
    """Return a hash of everything a network can learn from the material."""
    columns: list[bytes] = [material.rows.data_hash().encode()]
    for piece in material.pieces:
        tempo, notes = piece.tempo_map, piece.all_notes()
        meters = [(change.tick, str(change.meter)) for change in piece.meters]
        columns.append(repr((piece.ticks_per_beat, tempo.change_ticks, tempo.us_per_beat, meters)).encode())
        columns += [np.ascontiguousarray(c).tobytes() for c in (notes.onset_tick, notes.duration_ticks)]
        columns += [np.ascontiguousarray(c).tobytes() for c in (notes.pitch, notes.velocity)]
    return sha256_of(columns)


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


def _trained(material: Material, split_column: str | None) -> NDArray[np.bool_]:
    if split_column is None:
        return np.ones(len(material.rows), dtype=np.bool_)
    if split_column != "split":
        raise TooLittleMaterialError(
            f"the dataset has no split column '{split_column}'; expected 'split', which import-midi fills; "
            "pass --split-column split or none"
        )
    groups = [str(g) for g in material.rows.group_id]
    return split_by_column([str(s) for s in material.rows.split], groups, column=split_column).train


def _check(material: Material, ontology: Ontology) -> None:
    """Refuse songs of which none can be held out."""
    rows, names = material.rows, ontology.class_names
    songs = {names[k]: len(set(rows.group_id[rows.label == k])) for k in np.unique(rows.label)}
    if len(songs) < 2 or max(songs.values()) < 2:
        found = ", ".join(f"{count} of {name}" for name, count in songs.items())
        raise TooLittleMaterialError(
            f"songs with notes: {found}; expected at least two classes, one of them with two songs, so that one can be "
            "held out; add songs"
        )


def _validation_rows(material: Material, leakage: LeakageReport, settings: NetworkSettings) -> NDArray[np.bool_]:
    """Return which rows are held out; songs that share material are on one side."""
    groups = linked_groups([str(g) for g in material.rows.group_id], leakage.shared)
    labels = [int(k) for k in material.rows.label]
    rng = np.random.default_rng(settings.seed)
    held = grouped_split(groups, labels, held_out=settings.validation_share, rng=rng)
    if not held.any() or held.all():
        raise TooLittleMaterialError(
            f"{len(set(groups))} groups of songs without common material and no class has two; expected one class "
            "with two at least, so that a song can be held out; add songs, or remove copies of songs"
        )
    return held


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
