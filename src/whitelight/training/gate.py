"""The release gate: may this scorer be used as fitness? Five questions, asked of held-out songs alone.

Everything is measured on out-of-fold predictions of the music alone, with loudness hidden: as candidates are judged
while composing. Batches of candidates are stood in for by batches of `BATCH_ROWS` held-out excerpts of one view, drawn at
random: composition lies right of training, and the question, whether the scorer tells fifty excerpts apart by more than
it tells one excerpt from itself, needs no composed ones. (Inside composed batches the spread is recorded by each search
and measured by `benchmarks/judge.py`.) The noise is how far the fitness moves when the same music is written otherwise
(`training.rewriting`).

The limits are in `Limits`, each with its reason. A view or class with too few held-out songs is not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology, Target
from whitelight.scoring.calibration import MUSIC, VELOCITIES
from whitelight.scoring.fitness import SmoothRank, class_affinity, target_fitness
from whitelight.scoring.heads import Array, heads_of
from whitelight.scoring.parts import Parts
from whitelight.scoring.release import Check, Criterion, Gate
from whitelight.training.assembly import calibrated_log_p
from whitelight.training.folds import OutOfFold
from whitelight.training.metrics import auc, expected_calibration_error, true_readings
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import Rows

QUESTIONS = {
    "spread": "do candidates of one batch differ by more than noise?",
    "ranking": "do excerpts of a class lie above the others?",
    "hits": "is the class of an excerpt named?",
    "share": "is no class named much more often than it is right?",
    "calibration": "are the probabilities what they say?",
}
BATCH_ROWS = 50
FREE = VELOCITIES.index("free")
CALIBRATED_DRAWS = 200
DEAF = "no expert of music: candidates that share their texts all score alike"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a scorer must reach, and why.

    Attributes
    ----------
    noise_ratio : spread of fitness in a batch over its noise. Below 2 more than one in seven pairs of a batch change
        places when the music is merely written otherwise (normal values of ratio r: arctan(1/r)/π of them).
    match_spread : standard deviation of `match` in a batch. A scorer that measured .0001 here composed nothing; .05 is
        what a person can see in two digits.
    cell_auc, mean_auc : chance that an excerpt of the class lies above one of the others; .5 is a coin. One class in one
        view may be hard (a bass line, .60); a class over its views, or a view over its classes, must not be.
    hit_share : top-1 hit rate of a class, as a share of the way from chance to certainty. A third: with 8 classes .42,
        with 4 .50, with 2 .67.
    taken : how often a class is named, over how often it is right; the specification's 2.
    ece_excess : expected calibration error above what true probabilities would read on as many rows. .05 is one wrong
        in twenty more than was promised.
    min_songs, min_rows : fewer of a class, and an AUC or a hit rate has a standard error above .15.
    view_rows, view_songs : fewer of a view, and its spread or calibration is chance.
    """

    noise_ratio: float = 2.0
    match_spread: float = 0.05
    cell_auc: float = 0.60
    mean_auc: float = 0.75
    hit_share: float = 1 / 3
    taken: float = 2.0
    ece_excess: float = 0.05
    min_songs: int = 3
    min_rows: int = 8
    view_rows: int = 30
    view_songs: int = 8


LIMITS = Limits()


def judge_release(
    rows: Rows, found: OutOfFold, rewritten: Rewritten, parts: Parts, ontology: Ontology, *, limits: Limits = LIMITS
) -> Gate:
    """Ask the five questions.

    Parameters
    ----------
    rows : the training rows, in the order of `found`. rewritten : some of them written otherwise, predicted by models
        that did not hear their songs (`found.rewritten`).
    """
    if MUSIC not in parts.calibration.weights or MUSIC not in found.predictions.logits:
        return _deaf(limits)
    held = _Held(rows, found, rewritten, parts=parts, ontology=ontology, limits=limits)
    checks = (held.spread(), held.ranking(), held.hits(), held.share(), held.calibration())
    return Gate(
        tuple(Criterion(name, text, tuple(c)) for (name, text), c in zip(QUESTIONS.items(), checks, strict=True))
    )


def _deaf(limits: Limits) -> Gate:
    """Return the gate of a scorer without music: it cannot tell candidates apart, so it fails the first question."""
    alike = Check(DEAF, 0.0, limits.match_spread, at_most=False, n=0)
    silent = Check("every view", None, 0.0, at_most=False, n=0, note="no expert of music")
    return Gate(tuple(Criterion(n, q, (alike if n == "spread" else silent,)) for n, q in QUESTIONS.items()))


class _Held:
    """Held-out rows with music, as the scorer hears them while composing."""

    def __init__(
        self,
        rows: Rows,
        found: OutOfFold,
        rewritten: Rewritten,
        *,
        parts: Parts,
        ontology: Ontology,
        limits: Limits,
    ) -> None:
        self.parts, self.ontology, self.limits, self.heads = parts, ontology, limits, heads_of(ontology)
        self.place = np.flatnonzero(found.judged & rows.has_midi)
        self.rows = rows.take(self.place)
        self.song = self.rows.group_id.astype(str)
        self.log_p = self._log_p(found.predictions.logits[MUSIC][FREE][self.place], self.rows.view)
        self.top = self.log_p[:, self.heads[0].columns].argmax(axis=1)
        self.classes = [k for k in range(len(ontology.class_names)) if parts.prior[k] > 0]
        self.goals = {k: Target.of_class(ontology, ontology.class_names[k]) for k in self.classes}
        self.fitness = self._fitness(self.log_p)
        self.rewritten = rewritten
        again = np.zeros((0, self.log_p.shape[1]))
        if found.rewritten is not None and len(rewritten.origin):
            again = self._log_p(found.rewritten.logits[MUSIC][FREE], rewritten.rows.view)
        self.fitness_again = self._fitness(again)

    def _log_p(self, logits: Array, view: NDArray[np.int64]) -> Array:
        return calibrated_log_p({MUSIC: logits}, self.parts.calibration, self.heads, FREE, view)[MUSIC]

    def _fitness(self, log_p: Array) -> Array:
        """Fitness of every row for every class that was heard, (n, n_heard)."""
        columns = [target_fitness(log_p, self.parts.prior, self.heads, goal) for goal in self.goals.values()]
        return np.stack(columns, axis=1) if columns else np.zeros((len(log_p), 0))

    def _views(self) -> Iterator[tuple[str, NDArray[np.bool_], str]]:
        """Yield every view that occurs, its rows, and why it cannot be judged (else nothing)."""
        for index, name in enumerate(VIEWS):
            chosen = self.rows.view == index
            if not chosen.any():
                continue
            n_rows, n_songs = int(chosen.sum()), len(set(self.song[chosen]))
            enough = n_rows >= self.limits.view_rows and n_songs >= self.limits.view_songs
            yield name, chosen, "" if enough else f"{n_rows} rows of {n_songs} songs held out"

    def _scarce(self, chosen: NDArray[np.bool_]) -> str:
        """Say that rows of one class are too few, else nothing."""
        n_rows, n_songs = int(chosen.sum()), len(set(self.song[chosen]))
        if n_rows >= self.limits.min_rows and n_songs >= self.limits.min_songs:
            return ""
        return f"{n_rows} rows of {n_songs} songs held out"

    def spread(self) -> Iterator[Check]:
        """Compare spread and noise of fitness, and the spread of match, per view; the worst class counts."""
        names = [self.ontology.class_names[k] for k in self.classes]
        for view, chosen, why in self._views():
            n = int(chosen.sum())
            if why:
                yield Check(f"{view}, spread over noise", None, self.limits.noise_ratio, at_most=False, n=n, note=why)
                continue
            batches = self._batches(np.flatnonzero(chosen))
            spread = np.median([self.fitness[batch].std(axis=0) for batch in batches], axis=0)
            noise = self._noise(view)
            if noise is None:
                note = "no music of it was written otherwise"
                yield Check(f"{view}, spread over noise", None, self.limits.noise_ratio, at_most=False, n=n, note=note)
            else:
                ratio = spread / np.maximum(noise, 1e-9)
                worst = int(ratio.argmin())
                where = f"{view}, spread over noise for {names[worst]}"
                yield Check(where, float(ratio[worst]), self.limits.noise_ratio, at_most=False, n=n)
            match = self._match(view)
            spreads = np.median([match[batch].std(axis=0) for batch in batches], axis=0)
            worst = int(spreads.argmin())
            where = f"{view}, spread of match for {names[worst]}"
            yield Check(where, float(spreads[worst]), self.limits.match_spread, at_most=False, n=n)

    def _batches(self, members: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Deal rows into batches of about `BATCH_ROWS`, none smaller than half of it unless there are no more."""
        dealt = np.random.default_rng(0).permutation(members)
        return np.array_split(dealt, max(len(dealt) // BATCH_ROWS, 1))

    def _noise(self, view: str) -> Array | None:
        """Standard deviation of fitness between two writings of one music, per class; None when there are none."""
        of_view = self.rewritten.rows.view == VIEWS.index(view)
        if not len(self.fitness_again) or not of_view.any():
            return None
        before = self.fitness[np.searchsorted(self.place, self.rewritten.origin[of_view])]
        return np.asarray(np.sqrt(((self.fitness_again[of_view] - before) ** 2).mean(axis=0) / 2.0))

    def _match(self, view: str) -> Array:
        """Match of every held-out row for every class, as the scorer computes it, (n, n_heard)."""
        reference, agreement = self.parts.references[MUSIC][FREE], self.parts.calibration.agreement
        columns = []
        for position, goal in enumerate(self.goals.values()):
            affinity = class_affinity(goal, agreement.targets, agreement.known, self.heads)
            rows, weight = reference.chosen(affinity, VIEWS.index(view), self.limits.min_rows)
            values = target_fitness(reference.log_p[rows], self.parts.prior, self.heads, goal)
            columns.append(SmoothRank.of(values, weight).rank(self.fitness[:, position]))
        return np.stack(columns, axis=1)

    def ranking(self) -> Iterator[Check]:
        """AUC of every class in every view, of every class over its views, of every view over its classes."""
        limits, cells = self.limits, dict[tuple[str, str], float]()
        for view, chosen, _ in self._views():
            for position, k in enumerate(self.classes):
                own = chosen & (self.rows.label == k)
                name = self.ontology.class_names[k]
                why = self._scarce(own) or self._scarce(chosen & ~own)
                area = None if why else auc(self.fitness[chosen, position], own[chosen])
                if area is not None:
                    cells[view, name] = area
                where = f"{name} in {view}"
                yield Check(where, area, limits.cell_auc, at_most=False, n=int(own.sum()), note=why)
        for axis, what in ((1, "all views"), (0, "all classes")):
            for name in dict.fromkeys(cell[axis] for cell in cells):
                mean = float(np.mean([area for cell, area in cells.items() if cell[axis] == name]))
                yield Check(f"{name} over {what}", mean, limits.mean_auc, at_most=False, n=len(self.rows))

    def hits(self) -> Iterator[Check]:
        """Top-1 hit rate of every class in the full view."""
        chance = 1.0 / max(len(self.classes), 1)
        limit = chance + self.limits.hit_share * (1.0 - chance)
        full = self.rows.view == VIEWS.index("full")
        for k in self.classes:
            own = full & (self.rows.label == k)
            why = self._scarce(own)
            rate = None if why else float((self.top[own] == k).mean())
            yield Check(self.ontology.class_names[k], rate, limit, at_most=False, n=int(own.sum()), note=why)

    def share(self) -> Iterator[Check]:
        """How often every class is named over how often it is right, per view."""
        for view, chosen, why in self._views():
            for k in self.classes:
                own, name = chosen & (self.rows.label == k), self.ontology.class_names[k]
                note = why or self._scarce(own)
                found = None if note else float((chosen & (self.top == k)).sum() / own.sum())
                where = f"{name} in {view}"
                yield Check(where, found, self.limits.taken, at_most=True, n=int(own.sum()), note=note)

    def calibration(self) -> Iterator[Check]:
        """Calibration error per view, against what true probabilities would read on as many rows."""
        for view, chosen, why in self._views():
            n = int(chosen.sum())
            if why:
                yield Check(view, None, self.limits.ece_excess, at_most=True, n=n, note=why)
                continue
            probabilities = np.exp(self.log_p[chosen][:, self.heads[0].columns])
            limit = self.limits.ece_excess + calibrated_reading(probabilities)
            found = expected_calibration_error(probabilities, self.rows.label[chosen])
            yield Check(view, found, limit, at_most=True, n=n)


def calibrated_reading(probabilities: Array) -> float:
    """Return the calibration error that these probabilities read in 95 of 100 cases when every one of them is true."""
    readings = true_readings(probabilities, n_draws=CALIBRATED_DRAWS, rng=np.random.default_rng(0))
    return float(np.quantile(readings, 0.95))
