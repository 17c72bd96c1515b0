"""What the recipe reaches on EMOPIA, by song-grouped folds over all clips; and whether its score can be bought.

    whitelight catalog import-midi FOLDER/midi --labels FOLDER/labels.csv … --ontology emopia --out catalog
    whitelight dataset build catalog --policy whole --out dataset
    python benchmarks/emopia.py dataset [--folds 5] [--seeds 5] [--json]

Works on any dataset. Experts and calibration are trained again for every fold (`training.cross_validation`); figures are
means over seeds. *If all were true*: what ECE reads on as many clips when every probability is right, mean and 95 % of
readings. *Conf.*: ECE of `confidence`. *Bought*: mean change of a class probability, over held-out rows and classes, when the same music is
written otherwise, loudness hidden as while composing (`free`) and not (`full`); first seed.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.dataset import VIEWS, Dataset
from whitelight.scoring.calibration import VELOCITIES
from whitelight.training.cross_figures import CrossFitted, figures_over
from whitelight.training.cross_validation import CrossValidation
from whitelight.training.judging import rounded
from whitelight.training.reading import read_dataset
from whitelight.training.rewriting import REWRITINGS, draw_rows, rewrite_rows
from whitelight.training.settings import FusionSettings

BOUGHT_BAR = 0.03


def bought(cross: CrossValidation, run: CrossFitted) -> dict[str, dict[str, dict[str, float]]]:
    """Return way → velocity setting → view → mean change of a class probability."""
    again, columns = run.again, cross.heads[0].columns
    assert again is not None
    found: dict[str, dict[str, dict[str, float]]] = {}
    for way, name in enumerate(REWRITINGS):
        for velocity, setting in enumerate(VELOCITIES):
            for view, label in enumerate(VIEWS):
                chosen = (again.way == way) & (again.rows.view == view)
                if chosen.any():
                    before = np.exp(run.music[velocity][again.origin[chosen]][:, columns])
                    after = np.exp(run.rewritten[velocity][chosen][:, columns])
                    change = float(np.abs(after - before).mean())
                    found.setdefault(name, {}).setdefault(setting, {})[label] = change
    return found


def measure(dataset: Path, n_folds: int, n_seeds: int, *, settings: FusionSettings | None = None) -> dict[str, Any]:
    source = Dataset.open(dataset)
    cross = CrossValidation(source, read_dataset(source), settings or FusionSettings())
    everyone = np.ones(len(cross.rows), dtype=bool)
    drawn = draw_rows(cross.rows, everyone, per_view=len(cross.rows), rng=np.random.default_rng(0))
    again = rewrite_rows(source, cross.rows, drawn)
    runs = []
    start = time.perf_counter()
    for seed in range(n_seeds):
        extra = again if seed == 0 else None
        fold = cross.grouped(n_folds, seed)
        runs.append(cross.cross_fitted(cross.predict(fold, seed, lambda: None, extra), extra))
        print(f"seed {seed}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    by = "segment"
    views = [i for i in range(len(VIEWS)) if (cross.rows.has_midi & (cross.rows.view == i)).any()]
    return dict(
        rounded(
            {
                "n_songs": len(set(cross.rows.group_id)),
                "n_folds": n_folds,
                "n_seeds": n_seeds,
                "all material": figures_over(cross, runs, by),
                "views": {VIEWS[i]: figures_over(cross, runs, by, view=i) for i in views},
                "views, loudness hidden": {VIEWS[i]: figures_over(cross, runs, by, view=i, velocity=1) for i in views},
                "bought": bought(cross, runs[0]),
            }
        )
    )


def line(name: str, f: dict[str, Any]) -> str:
    low, high = f["accuracy_interval"]
    axes = "".join(f"{value:>9.3f}" for value in f["axes"].values())
    sets, calibration = f["sets"], f["calibration"]
    true = (
        f"{calibration['ece_if_true']:.3f} ({calibration['ece_if_true_low']:.3f}–{calibration['ece_if_true_high']:.3f})"
    )
    return (
        f"{name:<26}{f['n']:>6}{f['accuracy']:>8.3f}  {low:.3f}–{high:.3f}  {f['range'][0]:.3f}–{f['range'][1]:.3f}{axes}"
        f"{f['ece']:>7.3f}  {true:<19}{calibration['confidence_ece']:>8.3f}{f['aurc']:>7.3f}{sets['coverage']:>7.3f}{sets['lowest_coverage']:>8.3f}{sets['size']:>6.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.dataset, options.folds, options.seeds)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['n_songs']} songs, {found['n_folds']} folds by song, mean of {found['n_seeds']} seeds")
    axes = "".join(f"{name:>9}" for name in found["all material"]["axes"])
    print(
        f"{'':<26}{'n':>6}{'acc.':>8}  {'interval':<11}  {'seeds':<11}{axes}{'ECE':>7}  {'if all were true':<19}{'conf.':>8}{'AURC':>7}{'cover':>7}{'lowest':>8}{'size':>6}"
    )
    print(line("all material", found["all material"]))
    for kind in ("views", "views, loudness hidden"):
        for view, figures in found[kind].items():
            print(line(view + kind.removeprefix("views"), figures))
    for way, settings in found["bought"].items():
        for setting, views in settings.items():
            changes = ", ".join(f"{view} {change:.3f}" for view, change in views.items())
            print(f"{way}, velocity {setting}: {changes}")
    worst = max(change for settings in found["bought"].values() for change in settings["free"].values())
    print(f"largest change with loudness hidden: {worst:.3f} (bar {BOUGHT_BAR})")


if __name__ == "__main__":
    main()
