"""`evaluate --folds K`: the whole recipe trained again on K − 1 parts of the songs and judged on the last, R times.

What a fold's songs are judged by is fitted without them: the experts, and (*cross-fitting*) the calibration, which is
fitted on the out-of-fold predictions of the other folds. So ECE and coverage are as honest as accuracy, for K trainings
instead of K². Rows stand beside each other in one table:

- `grouped`: whole songs in a fold, every class in its share, songs that share material together;
- `leaky`: rows dealt at random. For contrast alone: it shows what a leak is worth;
- `album`: one album left out at a time, judged only on the modes that other albums have too;
- the majority class and a linear model on the descriptors, on the grouped folds.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder
from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent
from whitelight.scoring.bundle import read_bundle
from whitelight.scoring.calibration import EXPERTS, JOINT, MUSIC, VELOCITIES
from whitelight.scoring.heads import Array, class_targets, heads_of, log_softmax, n_columns
from whitelight.scoring.parts import Parts
from whitelight.training.assembly import assemble, calibrated_log_p, present_of
from whitelight.training.baselines import descriptor_baseline, majority_baseline
from whitelight.training.cross_figures import FULL, CrossFitted, figures_over
from whitelight.training.figures import MATERIAL
from whitelight.training.folds import OutOfFold, WorkFolder, predict_out_of_fold
from whitelight.training.judging import BOOTSTRAP_SEED, rounded
from whitelight.training.leakage import check_leakage, linked_groups
from whitelight.training.metrics import bootstrap_interval
from whitelight.training.reading import Reading, read_dataset, read_materials
from whitelight.training.recipe import FusionModel, Predictions, fit_fusion
from whitelight.training.rewriting import Rewritten, draw_rows, rewrite_rows
from whitelight.training.rows import TooLittleMaterialError
from whitelight.training.settings import FusionSettings, settings_from
from whitelight.training.splits import ALWAYS_TRAIN, grouped_folds, leaky_folds, usable_folds
from whitelight.training.table import Table

Folds = NDArray[np.int64]


class CrossValidation:
    """One dataset and recipe; every call of `run` trains on all folds but one in turn."""

    def __init__(self, source: Dataset, reading: Reading, settings: FusionSettings) -> None:
        self.source, self.rows, self.settings = source, reading.rows, settings
        self.ontology: Ontology = source.ontology
        self.heads = heads_of(self.ontology)
        everyone = [(str(group), True) for group in self.rows.group_id]
        self.leakage = check_leakage(read_materials(source, reading), everyone)
        self.groups = linked_groups([group for group, _ in everyone], self.leakage.shared)
        drawn = draw_rows(self.rows, np.ones(len(self.rows), np.bool_), rng=np.random.default_rng(settings.seed))
        self.taught = rewrite_rows(source, self.rows, drawn)  # of it, each fold uses what its own songs have

    def grouped(self, n_folds: int, seed: int) -> Folds:
        """Deal songs."""
        labels = [int(k) for k in self.rows.label]
        usable = usable_folds(self.groups, labels, n_folds)
        fold = grouped_folds(self.groups, labels, n_folds=usable, rng=np.random.default_rng(seed))
        if (fold == ALWAYS_TRAIN).all():
            raise TooLittleMaterialError("no class has two songs, so none can be held out; add songs")
        return fold

    def leaky(self, n_folds: int, seed: int) -> Folds:
        """Deal rows, whatever song they are of."""
        return leaky_folds(len(self.rows), n_folds=n_folds, rng=np.random.default_rng(seed))

    def albums(self) -> NDArray[np.str_]:
        """Return the album of every row, that of its class where the song has none."""
        table = self.source.rows(columns=["row_id", "album", "class_name"])
        known = {r: a for r, a, _ in zip(*(table.column(n).to_pylist() for n in table.column_names), strict=True)}
        return np.array([known[str(row_id)] for row_id in self.rows.row_id], dtype=str)

    def predict(self, fold: Folds, seed: int, done: Callable[[], None], again: Rewritten | None = None) -> OutOfFold:
        """Train once per fold and predict its rows."""
        settings = replace(self.settings, seed=seed)
        uses_velocity = DescriptorEncoder().velocity_mask

        def fit(train: NDArray[np.bool_]) -> FusionModel:
            return fit_fusion(
                self.rows,
                train,
                uses_velocity=uses_velocity,
                ontology=self.ontology,
                heads=self.heads,
                settings=settings,
                views=VIEWS,
                rewritten=self.taught,
            )

        with tempfile.TemporaryDirectory() as folder:
            work = WorkFolder(Path(folder), "cross-validation")
            width = n_columns(self.heads)
            return predict_out_of_fold(self.rows, fold, fit, work, n_columns=width, done=done, rewritten=again)

    def cross_fitted(self, found: OutOfFold, again: Rewritten | None = None) -> CrossFitted:
        """Calibrate the predictions of every fold by those of the others."""
        n, width, n_classes = len(self.rows), n_columns(self.heads), len(self.ontology.class_names)
        log_p, music = (np.full((len(VELOCITIES), n, width), np.nan) for _ in range(2))
        inside = np.zeros((len(VELOCITIES), n, n_classes), dtype=np.bool_)
        confidence = np.full((len(VELOCITIES), n), np.nan)
        n_again = 0 if again is None else len(again.origin)
        rewritten = np.full((len(VELOCITIES), n_again, width), np.nan)
        for index in range(int(found.fold.max()) + 1):
            own = found.fold == index
            parts = self._calibration(found, ~own & found.judged)
            for velocity in range(len(VELOCITIES)):
                log_p[velocity, own], music[velocity, own] = self._said(found.predictions, parts, own, velocity)
                top = np.exp(log_p[velocity, own][:, self.heads[0].columns])
                inside[velocity, own] = parts.conformal.members(top, velocity, self.rows.view[own])
                confidence[velocity, own] = _confidence(parts, top.max(axis=1), velocity, self.rows.view[own])
                if again is not None and found.rewritten is not None and MUSIC in found.rewritten.logits:
                    chosen = found.fold[again.origin] == index
                    raw = {MUSIC: found.rewritten.logits[MUSIC][velocity][chosen]}
                    view = again.rows.view[chosen]
                    said = calibrated_log_p(raw, parts.calibration, self.heads, velocity, view)
                    rewritten[velocity, chosen] = said[MUSIC]
        known = np.isfinite(log_p[0]).all(axis=1)
        order = np.cumsum(known) - 1
        moved = None if again is None else replace(again, origin=order[again.origin])
        rows, sure = self.rows.take(known), confidence[:, known]
        return CrossFitted(rows, log_p[:, known], music[:, known], inside[:, known], sure, rewritten, moved)

    def _calibration(self, found: OutOfFold, used: NDArray[np.bool_]) -> Parts:
        logits = {e: values[:, used] for e, values in found.predictions.logits.items()}
        return assemble(
            self.rows.take(used),
            OutOfFold(found.fold[used], Predictions(logits, found.predictions.distance[:, used])),
            _NO_SCALER,
            ontology=self.ontology,
            heads=self.heads,
            views=VIEWS,
            settings=self.settings,
            experts=tuple(e for e in EXPERTS if e in logits),
        )

    def _said(
        self, predictions: Predictions, parts: Parts, own: NDArray[np.bool_], velocity: int
    ) -> tuple[Array, Array]:
        """Fused and musical log-probabilities of some rows; NaN where nothing speaks."""
        known = [e for e in (*MATERIAL, JOINT) if e in predictions.logits] or list(predictions.logits)
        rows = self.rows.take(own)
        raw = {e: predictions.logits[e][velocity][own] for e in known}
        log_p = calibrated_log_p(raw, parts.calibration, self.heads, velocity, rows.view)
        present = {e: present_of(rows)[e] for e in known}
        heard = np.any(list(present.values()), axis=0)
        fused, music = (np.full((len(rows), n_columns(self.heads)), np.nan) for _ in range(2))
        if heard.any():
            fused[heard] = parts.calibration.fuse(
                {e: v[heard] for e, v in log_p.items()}, {e: p[heard] for e, p in present.items()}, self.heads
            )
        if MUSIC in log_p:
            music[rows.has_midi] = log_p[MUSIC][rows.has_midi]
        return fused, music


def _confidence(parts: Parts, top: Array, velocity: int, view: NDArray[np.int64]) -> Array:
    """Return the confidence of rows of several views, (n,)."""
    found = np.full(len(top), np.nan)
    for index in np.unique(view):
        chosen = view == index
        found[chosen] = parts.calibration.confidence_of(top[chosen], velocity, int(index))
    return found


_NO_SCALER: Any = None  # `assemble` passes it on, and nothing here asks it


def cross_validate(
    cross: CrossValidation,
    *,
    n_folds: int,
    repeats: int,
    by: str = "segment",
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Compare what is honest, what leaks, and baselines.

    Parameters
    ----------
    n_folds : at least 2, fewer where no class has as many songs. repeats : shuffles of the grouped folds.
    by : "segment", "clip" or "song".

    Returns
    -------
    plain data for JSON; keys as in `docs/formats.md`.
    """
    albums = cross.albums()
    names = sorted(set(albums[albums != ""]))
    n_done, total = 0, n_folds * (repeats + 1) + (len(names) if len(names) > 1 else 0)

    def done() -> None:
        nonlocal n_done
        n_done += 1
        progress(n_done, total)

    folds = [cross.grouped(n_folds, seed + r) for r in range(repeats)]
    runs = [cross.cross_fitted(cross.predict(fold, seed + r, done)) for r, fold in enumerate(folds)]
    rows = {"grouped": figures_over(cross, runs, by)}
    leak = cross.cross_fitted(cross.predict(cross.leaky(n_folds, seed), seed, done))
    rows["leaky"] = figures_over(cross, [leak], by)
    full = (cross.rows.view == FULL) & (folds[0] != ALWAYS_TRAIN)
    table = Table(cross.rows.take(full), {}, folds[0][full])
    prior = np.bincount(table.rows.label, minlength=len(cross.ontology.class_names)) / max(len(table.rows), 1)
    rows["majority"] = majority_baseline(table, prior, by)
    learners = cross.rows.take(full & cross.rows.has_midi)
    if len(learners):
        rows["descriptor"] = descriptor_baseline(table, learners, by)
    found = {
        "folds": int(folds[0].max()) + 1,
        "repeats": repeats,
        "by": by,
        "n_songs": len(set(map(str, cross.rows.group_id))),
        "never_held_out": len(set(map(str, cross.rows.group_id[folds[0] == ALWAYS_TRAIN]))),
        "shared_pairs": len(cross.leakage.shared),
        "rows": rows,
        "views": {
            view: figures_over(cross, runs, by, view=index)
            for index, view in enumerate(VIEWS)
            if (runs[0].rows.has_midi & (runs[0].rows.view == index)).any()
        },
        "albums": album_figures(cross, albums, runs[0], seed, done) if len(names) > 1 else None,
    }
    return dict(rounded(found))


def cross_validate_model(
    model: Path, dataset: Path, *, n_folds: int, repeats: int = 1, by: str = "segment", progress: Progress = silent
) -> dict[str, Any]:
    """Train the recipe a model was made by again on every song of a dataset; see `cross_validate`."""
    training = read_bundle(model).record["training"]
    settings = settings_from(training["config"])
    source = Dataset.open(dataset)
    cross = CrossValidation(source, read_dataset(source, settings.encoders), settings)
    return cross_validate(cross, n_folds=n_folds, repeats=repeats, by=by, seed=settings.seed, progress=progress)


def album_figures(
    cross: CrossValidation, albums: NDArray[np.str_], grouped: CrossFitted, seed: int, done: Callable[[], None]
) -> dict[str, dict[str, Any]]:
    """Return, per axis, how often the mode is heard in an album that was left out, where other albums have it too.

    Beside it the same rows under grouped folds, where songs of the album were heard.
    """
    names = sorted(set(albums[albums != ""]))
    fold = np.array([names.index(a) if a else ALWAYS_TRAIN for a in albums], dtype=np.int64)
    logits = cross.predict(fold, seed, done).predictions.logits
    targets, known = class_targets(cross.ontology, cross.heads)
    if MUSIC not in logits:
        return {}
    heard = (cross.rows.view == FULL) & cross.rows.has_midi & (fold != ALWAYS_TRAIN)
    place = {str(r): i for i, r in enumerate(grouped.rows.row_id)}
    found = {}
    for position, head in enumerate(cross.heads[1:], start=1):
        wanted = targets[:, head.columns]
        modes = {
            (int(a), int(m))
            for a, k in set(zip(fold[heard], cross.rows.label[heard], strict=True))
            if known[k, position]
            for m in np.flatnonzero(wanted[k])
        }
        shared = {mode for _, mode in modes if len({a for a, m in modes if m == mode}) > 1}
        of_class = np.array(
            [bool(known[k, position]) and set(np.flatnonzero(wanted[k])) <= shared for k in range(len(wanted))]
        )
        rows = np.flatnonzero(heard & of_class[cross.rows.label])
        rows = rows[[str(r) in place for r in cross.rows.row_id[rows]]]
        if not len(rows):
            continue
        label = cross.rows.label[rows]
        guess = log_softmax(logits[MUSIC][0][rows][:, head.columns]).argmax(axis=1)
        right = (wanted[label, guess] > 0).astype(np.float64)
        before = [place[str(r)] for r in cross.rows.row_id[rows]]
        same = wanted[label, grouped.music[0][before][:, head.columns].argmax(axis=1)] > 0
        groups = [str(g) for g in cross.rows.group_id[rows]]
        found[head.name.removeprefix("axis_")] = {
            "n": len(rows),
            "accuracy": float(right.mean()),
            "accuracy_interval": bootstrap_interval(right, groups, rng=np.random.default_rng(BOOTSTRAP_SEED)),
            "grouped": float(same.mean()),
            "majority": float(max((wanted[label, m] > 0).mean() for m in range(wanted.shape[1]))),
        }
    return found
