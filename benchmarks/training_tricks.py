"""Curriculum and mixup on the expert of MIDI, against training as it is: same songs, folds, seeds and number of steps.

    python benchmarks/training_tricks.py DATASET [--folds 5] [--seeds 0,1] [--tricks NAME,…] [--json]

*easy first*: how hard a row is, is the loss a linear model on the other songs has on it (three folds inside the training songs); the first
step draws from the easiest 30 % of each class, from half of the steps on from all (Bengio et al. 2009; Hacohen & Weinshall 2019).
*hard first*: the same turned round, a control. *mixup A*: two rows and their targets are mixed with a share from Beta(A, A) (Zhang et al.
2018). Judged: class head alone, full view, song-grouped folds, one temperature from the other folds. Figures are means over
seeds; intervals are 95 %, bootstrapped over songs; differences are paired by song, against `as it is`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder
from whitelight.scoring.calibration import VELOCITIES
from whitelight.scoring.heads import log_softmax
from whitelight.training.calibration import fit_temperature
from whitelight.training.judging import rounded
from whitelight.training.models import Examples, ExpertWeights, fit_expert, label_log_share, predict
from whitelight.training.reading import read_dataset
from whitelight.training.rewriting import draw_rows, rewrite_rows
from whitelight.training.rows import Rows, row_weights
from whitelight.training.settings import ExpertSettings, FusionSettings
from whitelight.training.small_networks import Batch, Draw, rows_by_weight, usual_loss
from whitelight.training.splits import ALWAYS_TRAIN, grouped_folds
from whitelight.training.uncertainty import MidiLesson, midi_lesson
from whitelight.training.uncertainty.figures import Judged, measured
from whitelight.training.uncertainty.small_networks import train_networks
from whitelight.training.uncertainty.tempered import some_examples

FULL, LOUD = VIEWS.index("full"), VELOCITIES.index("full")
FIRST_SHARE, ALL_FROM = 0.3, 0.5  # of the rows in the first step; of the steps, from where on all rows are drawn
SETTINGS = FusionSettings()
Trick = Callable[[MidiLesson, int], Draw]


def difficulty(lesson: MidiLesson, seed: int) -> NDArray[np.float64]:
    """Return the loss of a linear model, trained on other songs, on every example, (n,)."""
    examples, n_classes = lesson.examples, lesson.examples.head_sizes[0]
    label = examples.targets[:, :n_classes].argmax(axis=1)
    fold = grouped_folds([str(g) for g in lesson.groups], label.tolist(), n_folds=3, rng=np.random.default_rng(seed))
    loss = np.zeros(len(label))
    for index in range(3):
        held = fold == index
        teacher = fit_expert(some_examples(examples, ~held), ExpertSettings(n_networks=0), seed=seed)
        log_p = log_softmax(predict(teacher, examples.features[held])[:, :n_classes])
        loss[held] = -log_p[np.arange(held.sum()), label[held]]
    return loss


def curriculum(*, turned: bool) -> Trick:
    """Draw from ever more rows of each class, the easiest first."""

    def trick(lesson: MidiLesson, seed: int) -> Draw:
        examples, loss = lesson.examples, difficulty(lesson, seed)
        label = examples.targets[:, : examples.head_sizes[0]].argmax(axis=1)
        place = np.zeros(len(label))  # 0 first … 1 last, within the class
        for k in np.unique(label):
            own = np.flatnonzero(label == k)
            order = np.argsort(-loss[own] if turned else loss[own], kind="stable")
            place[own[order]] = np.arange(len(own)) / len(own)
        features, targets = torch.tensor(examples.features), torch.tensor(examples.targets)
        known = torch.tensor((examples.weights > 0).astype(np.float32))
        chance, first = torch.tensor(examples.weights.max(axis=1)), torch.tensor(place)
        last = ALL_FROM * SETTINGS.midi.network_steps

        def draw(step: int) -> Batch:
            share = FIRST_SHARE + (1.0 - FIRST_SHARE) * min(1.0, step / last)
            rows = torch.multinomial(chance * (first < share), SETTINGS.midi.batch_size, replacement=True)
            taken = features[rows] if examples.changes is None else features[rows] + examples.changes.draw(rows)
            return Batch(taken, targets[rows], known[rows])

        return draw

    return trick


def mixup(strength: float) -> Trick:
    """Mix every row with another of its batch."""

    def trick(lesson: MidiLesson, seed: int) -> Draw:
        plain = rows_by_weight(lesson.examples, SETTINGS.midi.batch_size)
        rng = np.random.default_rng(seed)

        def draw(step: int) -> Batch:
            batch = plain(step)
            n = len(batch.features)
            share = torch.tensor(rng.beta(strength, strength, size=(n, 1)), dtype=torch.float32)
            other = torch.tensor(rng.permutation(n))
            features = share * batch.features + (1.0 - share) * batch.features[other]
            targets = share * batch.targets + (1.0 - share) * batch.targets[other]
            return Batch(features, targets, batch.known * batch.known[other])

        return draw

    return trick


AS_IT_IS = "as it is"
TRICKS: Mapping[str, Trick] = {
    AS_IT_IS: lambda lesson, _: rows_by_weight(lesson.examples, SETTINGS.midi.batch_size),
    "easy first": curriculum(turned=False),
    "hard first": curriculum(turned=True),
    "mixup 0.2": mixup(0.2),
    "mixup 0.4": mixup(0.4),
    "mixup 1": mixup(1.0),
}


def fit(lesson: MidiLesson, trick: Trick, seed: int) -> ExpertWeights:
    """Train the networks of the recipe on rows a trick chooses."""
    examples: Examples = lesson.examples
    return train_networks(
        trick(lesson, seed),
        usual_loss(examples.head_sizes, SETTINGS.loss),
        SETTINGS.midi,
        dim=examples.features.shape[1],
        start_bias=label_log_share(examples),
        seed=seed,
    )


def judged(rows: Rows, logits: NDArray[np.float64], fold: NDArray[np.int64]) -> Judged:
    """Return class probabilities of the full view, with the temperature of the other folds."""
    own = rows.has_midi & (rows.view == FULL) & (fold != ALWAYS_TRAIN)
    targets, cooler = np.eye(logits.shape[1])[rows.label], np.zeros_like(logits)
    for index in range(int(fold.max()) + 1):
        held = fold == index
        weights = row_weights(rows, own & ~held, FULL, SETTINGS.full_view_share)
        cooler[held] = logits[held] / fit_temperature(logits, targets, weights)
    raw, tempered = (np.exp(log_softmax(values[own])) for values in (logits, cooler))
    return Judged(raw, tempered, rows.label[own], rows.group_id[own])


def measure(dataset: Path, names: Sequence[str], n_folds: int, seeds: Sequence[int]) -> dict[str, list[Judged]]:
    """Return what every trick leads to, once per seed."""
    source = Dataset.open(dataset)
    rows, n_classes = read_dataset(source).rows, len(source.ontology.class_names)
    drawn = draw_rows(rows, np.ones(len(rows), np.bool_), rng=np.random.default_rng(0))
    rewritten = rewrite_rows(source, rows, drawn)
    groups, labels = [str(g) for g in rows.group_id], [int(k) for k in rows.label]
    found: dict[str, list[Judged]] = {name: [] for name in names}
    for seed in seeds:
        fold = grouped_folds(groups, labels, n_folds=n_folds, rng=np.random.default_rng(seed))
        logits = {name: np.zeros((len(rows), n_classes)) for name in names}
        for index in range(n_folds):
            lesson = midi_lesson(
                rows,
                fold != index,
                uses_velocity=DescriptorEncoder().velocity_mask,
                ontology=source.ontology,
                settings=SETTINGS,
                rewritten=rewritten,
            )
            held = np.flatnonzero((fold == index) & rows.has_midi)
            features = lesson.scaler.apply(rows.descriptors[held], rows.view[held], LOUD)
            for name in names:
                logits[name][held] = predict(fit(lesson, TRICKS[name], seed), features)[:, :n_classes]
        for name in names:
            found[name].append(judged(rows, logits[name], fold))
        print(f"seed {seed}: {time.process_time():.0f} s of processor", file=sys.stderr)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--tricks", default=",".join(TRICKS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.dataset is None:
        print(
            "no dataset given, nothing measured; make one: whitelight catalog import-midi, dataset build --policy whole"
        )
        return
    names = list(dict.fromkeys([AS_IT_IS, *given.tricks.split(",")]))
    runs = measure(given.dataset, names, given.folds, [int(s) for s in given.seeds.split(",")])
    for name in names:
        against = None if name == AS_IT_IS else runs[AS_IT_IS]
        figures = rounded(measured(runs[name], against, rng=np.random.default_rng(0)))
        print(json.dumps({"trick": name, "figures": figures}) if given.json else _lines(name, figures))


def _lines(name: str, figures: Mapping[str, Any]) -> str:
    said = [name]
    for figure in ("accuracy", "log-loss, tempered", "ECE", "ECE, tempered", "AURC"):
        row = figures[figure]
        low, high = row["interval"]
        text = f"  {figure:<20} {row['value']:.3f} [{low:.3f}, {high:.3f}]"
        if "difference" in row:
            low, high = row["difference_interval"]
            text += f"  {row['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"
        said.append(text)
    return "\n".join(said)


if __name__ == "__main__":
    main()
