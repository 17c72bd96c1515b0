"""`train_fusion`: a dataset in, a model bundle out.

Steps: read rows, split by song, look for leaks, predict every song out of fold, fit the shipped model on all training
songs, calibrate on the out-of-fold predictions, export, write. A killed run goes on where it stopped and ends with the
same bytes.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import Dataset
from whitelight.origin import write_origin
from whitelight.progress import Progress, silent
from whitelight.scoring.bundle import refuse_foreign_folder
from whitelight.scoring.release import JUDGE, SCORER
from whitelight.training.fusion_run import Run
from whitelight.training.leakage import LeakageReport, check_leakage, linked_groups
from whitelight.training.reading import read_dataset, read_materials
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.runs import RunPlan, recorded
from whitelight.training.settings import FusionSettings
from whitelight.training.splits import song_halves, split_by_column
from whitelight.training.train_report import TrainReport


def train_fusion(
    dataset: Path,
    out: Path,
    *,
    seed: int = 0,
    split_column: str | None = None,
    allow_leakage: bool = False,
    judge: bool = False,
    progress: Progress | None = None,
    settings: FusionSettings | None = None,
    runs: Path | None = None,
    track: Sequence[str] = (),
) -> TrainReport:
    """Train one expert per modality, fuse them late, calibrate, and write the bundle `out`.

    Parameters
    ----------
    seed : of folds and weights; the same seed, data and version give the same bytes.
    split_column : train on the rows that say 'train' in it ("split"); None trains on every song.
    allow_leakage : go on although training and held-out songs share material.
    judge : train on one half of the songs, and a judge of the same recipe on the other, written beside `out` under
        `judge_folder(out)`; songs that share material are in the same half.
    settings : everything else; its seed is replaced by `seed`.
    runs : folder in which the run is recorded (`training.runs`); None records nothing. The bundle is the same.
    track : other loggers the run's figures go to, below `runs`.

    Raises
    ------
    LeakageError, TooLittleMaterialError, SplitError, BundleError, TrackingError : with what to do.
    """
    start = time.perf_counter()
    refuse_foreign_folder(out)
    settings = _with_seed(settings or FusionSettings(), seed)
    source = Dataset.open(dataset)  # what is not there is no run
    choices: dict[str, Any] = {"split_column": split_column, "allow_leakage": allow_leakage}
    plan = RunPlan("train fusion", out.name, seed, {**asdict(settings), **choices, "judge": judge}, dataset, out)
    with recorded(runs, plan, track) as log:
        halves = _choose(source, out, settings, judge=judge, **choices)
        reports = []
        for place, run in enumerate(halves):
            run.tell(_part_of(progress or silent, place, len(halves)), log)
            folder = judge_folder(out) if run.role == JUDGE else out
            record, evaluation = run.write(folder, **choices)
            write_origin(folder, dataset)  # so that composing finds the songs
            reports.append(TrainReport(folder, run.experts, record, evaluation, run.gate, time.perf_counter() - start))
        report = reports[0] if len(reports) == 1 else replace(reports[0], judge=reports[1])
        log.note(data_hash=report.record["data_hash"], metrics=report.metrics())
    return report


def _choose(
    source: Dataset, out: Path, settings: FusionSettings, *, judge: bool, split_column: str | None, allow_leakage: bool
) -> "list[Run]":
    """Read the songs and return the run of the scorer, and that of its judge when it is to have one."""
    reading = read_dataset(source, settings.encoders)
    everything = reading.rows
    trained = _trained(everything, split_column)
    leakage = check_leakage(read_materials(source, reading), zip(everything.group_id, trained, strict=True))
    if not allow_leakage:
        leakage.refuse()
    rows = everything.take(trained)
    halves = [(SCORER, rows)] if not judge else _halves(rows, out, leakage, settings.seed)
    runs = [Run(source, half, settings, leakage, role=role) for role, half in halves]
    for run in runs:
        run.check()
    return runs


def judge_folder(out: Path) -> Path:
    """Return where the judge of a scorer lies: beside it, because a bundle is replaced as a whole."""
    return out.with_name(f"{out.name}-judge")


def _halves(rows: Rows, out: Path, leakage: LeakageReport, seed: int) -> list[tuple[str, Rows]]:
    """Divide the songs between the scorer and its judge."""
    refuse_foreign_folder(judge_folder(out))
    groups = linked_groups([str(g) for g in rows.group_id], leakage.shared)
    first = song_halves(groups, [int(k) for k in rows.label], rng=np.random.default_rng(seed))
    return [(SCORER, rows.take(first)), (JUDGE, rows.take(~first))]


def _part_of(progress: Progress, place: int, n_parts: int) -> Progress:
    """Return a callback for one of several runs of equal length."""
    return lambda done, total: progress(place * total + done, n_parts * total)


def _with_seed(settings: FusionSettings, seed: int) -> FusionSettings:
    values = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    return FusionSettings(**{**values, "seed": seed})


def _trained(rows: Rows, split_column: str | None) -> NDArray[np.bool_]:
    if split_column is None:
        return np.ones(len(rows), dtype=np.bool_)
    if split_column != "split":
        raise TooLittleMaterialError(
            f"the dataset has no split column '{split_column}'; expected 'split', which import-midi fills; "
            "pass --split-column split or none"
        )
    groups = [str(g) for g in rows.group_id]
    return split_by_column([str(s) for s in rows.split], groups, column=split_column).train
