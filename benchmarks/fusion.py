"""Fusion strategies on the same songs and folds, and what each modality adds: one table, with intervals over songs.

    python benchmarks/fusion.py [DATASET] [--strategies late,early,gated,attention] [--seeds 0] [--folds 5]
        [--audio-encoder NAME] [--lyric-encoder NAME] [--json]

Every song is predicted by models that did not hear it. Each strategy is judged on the rows of the full view with MIDI, sound
or lyrics (the concept, which names the class outright in many catalogs, takes no part), by its class head alone, with
temperatures and weights fitted on the other folds. "without" is the same model with the modality missing: nothing is
trained again. Differences are means over seeds, paired by row, with 95 % intervals bootstrapped over songs.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder
from whitelight.scoring.calibration import JOINT
from whitelight.scoring.heads import heads_of, log_softmax
from whitelight.training.calibration import fit_temperature, fit_weights
from whitelight.training.metrics import bootstrap_interval, expected_calibration_error, macro_f1
from whitelight.training.reading import read_dataset
from whitelight.training.recipe import fit_fusion, predict_fusion
from whitelight.training.rewriting import Rewritten, draw_rows, rewrite_rows
from whitelight.training.rows import EmbeddingTable, Rows, row_weights
from whitelight.training.settings import JOINT_STRATEGIES, LATE, NO_ENCODER, EncoderNames, FusionSettings
from whitelight.training.splits import grouped_folds

MATERIAL = ("midi", "audio", "lyric")
FULL = VIEWS.index("full")
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """Rows of one dataset, dealt into folds by song."""

    dataset: Dataset
    rows: Rows
    fold: NDArray[np.int64]
    seed: int
    rewritten: Rewritten

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Rows of the full view that have anything."""
        there = np.any([self.rows.present[m] for m in self.modalities], axis=0)
        return np.asarray((self.rows.view == FULL) & there)

    @property
    def modalities(self) -> tuple[str, ...]:
        """What occurs in the dataset."""
        return tuple(m for m in MATERIAL if self.rows.present[m].any())


def without(rows: Rows, modalities: Sequence[str]) -> Rows:
    """Return the rows as if these modalities were missing."""
    nothing = EmbeddingTable.nothing(len(rows))
    return replace(
        rows,
        has_midi=np.zeros(len(rows), np.bool_) if "midi" in modalities else rows.has_midi,
        audio=nothing if "audio" in modalities else rows.audio,
        lyric=nothing if "lyric" in modalities else rows.lyric,
    )


def subsets(modalities: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what is asked: all, all but one, one alone; name → what is there."""
    found = {"all": tuple(modalities)}
    if len(modalities) > 1:
        found |= {f"without {m}": tuple(x for x in modalities if x != m) for m in modalities}
        found |= {f"{m} alone": (m,) for m in modalities}
    return found


def class_log_p(question: Question, strategy: str) -> dict[str, Array]:
    """Return calibrated class log-probabilities of every row out of fold, for each subset, (n, n_classes)."""
    rows, ontology = question.rows, question.dataset.ontology
    heads = heads_of(ontology)
    columns, n_classes = heads[0].columns, len(heads[0].labels)
    settings = FusionSettings(seed=question.seed, fusion=strategy)
    asked = subsets(question.modalities)
    raw: dict[str, dict[str, Array]] = {name: {} for name in asked}
    for index in range(int(question.fold.max()) + 1):
        held = np.flatnonzero(question.fold == index)
        model = fit_fusion(
            rows,
            question.fold != index,
            uses_velocity=DescriptorEncoder().velocity_mask,
            ontology=ontology,
            heads=heads,
            settings=settings,
            views=VIEWS,
            rewritten=question.rewritten,
        )
        for name, there in asked.items():
            seen = without(rows.take(held), [m for m in MATERIAL if m not in there])
            said = predict_fusion(model, seen).logits
            for speaker in (JOINT,) if strategy != LATE else there:
                out = raw[name].setdefault(speaker, np.zeros((len(rows), n_classes)))
                out[held] = said[speaker][0][:, columns] if speaker in said else 0.0
    return {name: calibrated(question, raw[name], asked[name]) for name in asked}


def calibrated(question: Question, raw: dict[str, Array], there: Sequence[str]) -> Array:
    """Average what speaks, with temperatures and weights from the rows of other folds."""
    rows = question.rows
    spoken = {JOINT: np.any([rows.present[m] for m in there], axis=0)}
    spoken |= {m: rows.present[m] for m in there}
    known = {name: spoken[name] & question.judged for name in raw}
    found = np.zeros_like(next(iter(raw.values())))
    targets = np.eye(found.shape[1])[rows.label]
    for index in range(int(question.fold.max()) + 1):
        held, others = question.fold == index, question.fold != index
        log_p = {}
        for name, logits in raw.items():
            weights = row_weights(rows, known[name] & others, FULL, 0.4)
            log_p[name] = log_softmax(logits / fit_temperature(logits, targets, weights))
        used = np.any(list(known.values()), axis=0) & others
        share = fit_weights(
            log_p, {n: k & others for n, k in known.items()}, rows.label, row_weights(rows, used, FULL, 0.4), {}
        )
        total = sum(known[n] * share[n] for n in log_p)
        mean = sum((known[n] * share[n])[:, None] * log_p[n] for n in log_p) / np.maximum(total, 1e-9)[:, None]
        weights = row_weights(rows, used, FULL, 0.4)
        found[held] = log_softmax(mean / fit_temperature(mean, targets, weights))[held]
    return found


def difference(question: Question, first: Sequence[Array], second: Sequence[Array]) -> dict[str, Any]:
    """Return the difference in accuracy, first minus second, with its interval over songs."""
    rows = question.rows.take(question.judged)
    right = [
        (a[question.judged].argmax(axis=1) == rows.label).astype(float)
        - (b[question.judged].argmax(axis=1) == rows.label)
        for a, b in zip(first, second, strict=True)
    ]
    gain = np.mean(right, axis=0)
    interval = bootstrap_interval(gain, [str(g) for g in rows.group_id], rng=np.random.default_rng(0))
    return {"difference": float(gain.mean()), "interval": interval}


def figures(question: Question, found: Sequence[Array]) -> dict[str, float]:
    """Return mean figures over seeds."""
    label, every = question.rows.label[question.judged], []
    for log_p in (values[question.judged] for values in found):
        estimated = log_p.argmax(axis=1)
        loss = -log_p[np.arange(len(label)), label].mean()
        ece = expected_calibration_error(np.exp(log_p), label)
        every.append(((estimated == label).mean(), macro_f1(estimated, label), loss, ece))
    return dict(zip(("accuracy", "macro_f1", "log_loss", "ece"), np.mean(every, axis=0).tolist(), strict=True))


def compare(
    dataset: Path, names: EncoderNames, strategies: Sequence[str], seeds: Sequence[int], n_folds: int
) -> Iterator[dict[str, Any]]:
    """Yield one record per strategy and subset; differences are against late fusion of the same subset, and against all."""
    source = Dataset.open(dataset)
    rows = read_dataset(source, names).rows
    rows = replace(rows, concept=EmbeddingTable.nothing(len(rows)))
    groups, labels = [str(g) for g in rows.group_id], [int(k) for k in rows.label]
    drawn = draw_rows(rows, np.ones(len(rows), np.bool_), rng=np.random.default_rng(0))
    rewritten = rewrite_rows(source, rows, drawn)
    questions = [
        Question(
            source,
            rows,
            grouped_folds(groups, labels, n_folds=n_folds, rng=np.random.default_rng(seed)),
            seed,
            rewritten,
        )
        for seed in seeds
    ]
    late: dict[str, list[Array]] = {}
    for strategy in strategies:
        start = time.process_time()
        said = [class_log_p(question, strategy) for question in questions]
        seconds = time.process_time() - start
        found = {name: [by_name[name] for by_name in said] for name in said[0]}
        late = found if strategy == LATE else late
        for name, values in found.items():
            record: dict[str, Any] = {"strategy": strategy, "heard": name, **figures(questions[0], values)}
            if late and strategy != LATE:
                record["against late"] = difference(questions[0], values, late[name])
            if name.startswith("without "):
                record["gain of it"] = difference(questions[0], found["all"], values)
            yield {**record, "processor_s": round(seconds, 1)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--strategies", default=",".join((LATE, *JOINT_STRATEGIES)))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--audio-encoder", default="audio-statistics")
    parser.add_argument("--lyric-encoder", default="hashed-ngrams")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.dataset is None:
        print(
            "no dataset given, nothing measured; make one: whitelight demo, or whitelight dataset build CATALOG --render"
        )
        return
    names = EncoderNames(given.audio_encoder, given.lyric_encoder, NO_ENCODER)
    seeds = [int(seed) for seed in given.seeds.split(",")]
    if not given.json:
        print(
            f"{'strategy':<10} {'heard':<16} {'acc':>6} {'F1':>6} {'loss':>6} {'ECE':>6}  difference, 95 % over songs"
        )
    for record in compare(given.dataset, names, given.strategies.split(","), seeds, given.folds):
        print(json.dumps(record) if given.json else _line(record), flush=True)


def _line(record: dict[str, Any]) -> str:
    numbers = " ".join(f"{record[name]:6.3f}" for name in ("accuracy", "macro_f1", "log_loss", "ece"))
    notes = []
    for name in ("against late", "gain of it"):
        if name in record:
            low, high = record[name]["interval"]
            notes.append(f"{name} {record[name]['difference']:+.3f} [{low:+.3f}, {high:+.3f}]")
    return f"{record['strategy']:<10} {record['heard']:<16} {numbers}  {'; '.join(notes)}"


if __name__ == "__main__":
    main()
