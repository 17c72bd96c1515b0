"""Styles from drums alone, through the same commands as any catalog: the Groove MIDI Dataset, `beat` files.

    python benchmarks/groove.py FOLDER [--seeds 0,1,2,3,4] [--balance 0] [--reach 0] [--windows] [--work FOLDER] [--json]

FOLDER holds `info.csv` and the MIDI files. What is run is
    whitelight catalog import-midi FOLDER --labels FOLDER/info.csv --id-column midi_filename --class-column style --class-until /
        --where beat_type=beat --where split=train --where split=validation --split-column split --out catalog
    whitelight dataset build catalog --policy whole --no-audio --out dataset
    whitelight train fusion dataset --split-column split --out model      (settings: see below)
    whitelight evaluate model dataset --split validation --by clip
The ontology has one axis, `style`, with one mode per class: import-midi makes it from the column. Rows whose split is neither `train` nor
`validation` are never read. By drummer: the same with `--song-column drummer`; each drummer is judged by experts and calibration that heard
the others alone, a style nobody else plays is wrong. --windows adds models of eight-bar windows, alone and averaged with the whole file.

Two settings differ from the defaults. `class_balance` 0 learns classes as often as they occur, which is honest here because `validation` is as uneven as
`train`. `change_reach` 0 does not teach that the same sound may be written at twice the tempo: a drummer's beat is how it is written. --balance 1 --reach
1.5 are the defaults.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog import import_midi, read_catalog
from whitelight.dataset import Dataset, build_dataset
from whitelight.scoring.heads import heads_of, log_softmax
from whitelight.training import train_fusion
from whitelight.training.cross_figures import figures_over
from whitelight.training.cross_validation import CrossValidation
from whitelight.training.evaluation import held_out
from whitelight.training.figures import headline_units
from whitelight.training.judging import class_figures, rounded
from whitelight.training.metrics import bootstrap_interval
from whitelight.training.reading import read_dataset
from whitelight.training.settings import ExpertSettings, FusionSettings, LossSettings

SPLITS = ("train", "validation")
WHOLE, WINDOWS = "whole", "bars:8"


@dataclass(frozen=True, slots=True)
class Said:
    """Class log-probabilities of the validation files, in the order of their names; label and file of each."""

    log_p: NDArray[np.float64]
    label: NDArray[np.int64]
    file: NDArray[Any]


def make_dataset(folder: Path, work: Path, *, policy: str, song_column: str | None) -> Path:
    """Import the labels and build, as the commands do."""
    name = f"{policy.replace(':', '')}-{song_column or 'file'}"
    import_midi(
        folder,
        folder / "info.csv",
        id_column="midi_filename",
        class_column="style",
        class_until="/",
        song_column=song_column,
        split_column=None if song_column else "split",
        where=["beat_type=beat", *(f"split={split}" for split in SPLITS)],
        out=work / f"catalog-{name}",
    )
    out = work / f"dataset-{name}"
    build_dataset(read_catalog(work / f"catalog-{name}"), out, policy=policy)
    return out


def validation(dataset: Path, model: Path, settings: FusionSettings, seed: int) -> Said:
    """Train on `train` and judge the files of `validation`."""
    train_fusion(dataset, model, seed=seed, split_column="split", settings=settings)
    found = held_out(model, dataset, SPLITS[1])
    units = headline_units(found.table, found.scorer.parts, found.ontology, by="clip")
    return Said(units.log_p[:, heads_of(found.ontology)[0].columns], units.label, np.asarray(units.group))


def by_drummer(dataset: Path, settings: FusionSettings, seeds: Sequence[int]) -> dict[str, Any]:
    """Leave out one drummer at a time."""
    source = Dataset.open(dataset)
    cross = CrossValidation(source, read_dataset(source), settings)
    _, fold = np.unique(cross.rows.group_id.astype(str), return_inverse=True)
    runs = [cross.cross_fitted(cross.predict(fold, seed, lambda: None)) for seed in seeds]
    return {"asked": "by drummer", **figures_over(cross, runs, "clip"), "majority": majority(cross.rows.label)}


def majority(label: NDArray[np.int64]) -> float:
    return float(np.bincount(label).max() / len(label))


def figures(asked: str, said: Sequence[Said]) -> dict[str, Any]:
    """Return figures as means over seeds; the interval is over files of what is right on the mean over seeds."""
    label = said[0].label
    each = [class_figures(np.exp(one.log_p), label, one.file) for one in said]
    right = np.mean([one.log_p.argmax(axis=1) == label for one in said], axis=0)
    top3 = np.mean([[k in np.argsort(-row)[:3] for row, k in zip(one.log_p, label, strict=True)] for one in said])
    return {
        "asked": asked,
        "n": len(label),
        "accuracy": float(right.mean()),
        "accuracy_interval": bootstrap_interval(right, [str(f) for f in said[0].file], rng=np.random.default_rng(0)),
        "range": (min(f["accuracy"] for f in each), max(f["accuracy"] for f in each)),
        "top_3": float(top3),
        "macro_f1": float(np.mean([f["macro_f1"] for f in each])),
        "ece": float(np.mean([f["ece"] for f in each])),
        "majority": majority(label),
    }


def measure(
    folder: Path, work: Path, seeds: Sequence[int], settings: FusionSettings, *, windows: bool
) -> Iterator[dict[str, Any]]:
    """Yield one record per question."""
    found: dict[str, list[Said]] = {}
    for policy in (WHOLE, WINDOWS) if windows else (WHOLE,):
        dataset = make_dataset(folder, work, policy=policy, song_column=None)
        found[policy] = [validation(dataset, work / "model", replace(settings, seed=s), s) for s in seeds]
        yield figures(f"validation, {policy}", found[policy])
    if windows:
        both = [replace(a, log_p=log_softmax(a.log_p + b.log_p)) for a, b in zip(*found.values(), strict=True)]
        yield figures("validation, both averaged", both)
    yield by_drummer(make_dataset(folder, work, policy=WHOLE, song_column="drummer"), settings, seeds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--balance", type=float, default=0.0)
    parser.add_argument("--reach", type=float, default=0.0)
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--work", type=Path, help="Where catalogs, datasets and the last model stay.")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.folder is None:
        print("no folder given, nothing measured; expected the Groove MIDI Dataset with its info.csv")
        return
    if not given.json:
        print(f"{'':<28}{'n':>5}{'accuracy':>10}  {'interval':<14}{'seeds':<14}{'F1':>6}{'ECE':>7}{'majority':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        settings = FusionSettings(
            loss=LossSettings(class_balance=given.balance), midi=ExpertSettings(change_reach=given.reach)
        )
        seeds = [int(seed) for seed in given.seeds.split(",")]
        start = time.process_time()
        for row in measure(given.folder, given.work or Path(scratch), seeds, settings, windows=given.windows):
            record = rounded(
                {**row, "balance": given.balance, "reach": given.reach, "processor_s": time.process_time() - start}
            )
            print(json.dumps(record) if given.json else _line(record), flush=True)


def _line(f: dict[str, Any]) -> str:
    spans = "".join(f"{low:.3f}–{high:.3f}   " for low, high in (f["accuracy_interval"], f["range"]))
    top = f"  top 3 {f['top_3']:.3f}" if "top_3" in f else ""
    return f"{f['asked']:<28}{f['n']:>5}{f['accuracy']:>10.3f}  {spans}{f['macro_f1']:>5.3f}{f['ece']:>7.3f}{f['majority']:>10.3f}{top}"


if __name__ == "__main__":
    main()
