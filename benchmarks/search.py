"""Does the archive find more than luck? At equal evaluations, by a judge that never took part in the search.

    python benchmarks/search.py DATASET --model MODEL [--judge JUDGE] [--stages chords melody] [--evaluations 200] [--seeds 0 1] [--pyribs]

MODEL and JUDGE come from ``whitelight train fusion DATASET --judge``: each is trained on half of the songs. For every class
that both have heard, and every stage, a verse and a chorus are searched in the class's own usual key, meter and tempo: once by the archive (a
first generation of 50, then bred), once by drawing as many candidates. Both are ranked by one and the same fitness; of both the best
three go to the judge. Printed: the difference of their mean log-likelihood ratio in standard deviations of the random candidates (bar .5 on 6 of 8
classes) and in natural log units, beside the same difference by the scorer itself, and how far the two agree on the random
candidates: correlation over all of them and over the better half by the scorer, which is where a search competes. What is gained
by the scorer times the latter is about what can be gained by the judge. At the end, per stage, means with bootstrap 95 %
intervals: classes are drawn, then sections and seeds within each.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from judge import usual

from whitelight.composition.archive import BINS
from whitelight.composition.catalog_styles import learn_styles
from whitelight.composition.context import make_context
from whitelight.composition.form import DEFAULT_FORM, SectionPlan
from whitelight.composition.judging import Judge
from whitelight.composition.search import Scored, Search, run_generation
from whitelight.composition.stages import find_stage
from whitelight.music import Key, Meter, Piece, read_midi
from whitelight.scoring import ChromaticScorer

BATCH, TOP = 50, 3


def compare(
    stage: str,
    context: Any,
    style: Any,
    *,
    judge: Judge,
    second: ChromaticScorer,
    n: int,
    seed: int,
    pyribs: bool = False,
) -> dict[str, float]:
    """One section: archive and luck, by the scorer and by the judge."""
    craft = find_stage(stage).craft(context, style)
    bred = Search(craft, np.random.default_rng(seed))
    while len(bred.known) < n:
        run_generation(bred, judge, BATCH)
    luck = Search(craft, np.random.default_rng(seed + 10_000), weights=bred.weights)
    while len(luck.known) < n:  # drawn from nothing each time: an archive without elites breeds nothing
        run_generation(luck, judge, BATCH)
        luck.archive.elites.clear()
    top = [_best(search.known.values()) for search in (bred, luck)]
    drawn = list(luck.known.values())
    heard = _hear(second, [c.midi for c in (*top[0], *top[1], *drawn)], judge.goal, craft.view)
    own, other = np.array([c.chromatic.fitness for c in drawn]), heard[2 * TOP :]
    gained = float(heard[:TOP].mean() - heard[TOP : 2 * TOP].mean())
    better = own >= np.median(own)
    found = {
        "by_judge": gained / float(other.std()),
        "nats": gained,
        "by_scorer": float((_mean(top[0]) - _mean(top[1])) / own.std()),
        "by_fitness": float(np.mean([c.fitness for c in top[0]]) - np.mean([c.fitness for c in top[1]])),
        "agree": _correlation(own, other),
        "agree_better": _correlation(own[better], other[better]),
    }
    if not pyribs:
        return found
    theirs = by_pyribs(craft, judge, bred.weights, n, seed)
    mine = len(bred.archive.elites), sum(c.fitness for c in bred.archive.elites.values())
    return found | {
        "over_pyribs": float(np.mean([c.fitness for c in top[0]]) - np.mean(sorted(theirs)[-TOP:])),
        "cells": float(mine[0]),
        "pyribs_cells": float(len(theirs)),
    }


def by_pyribs(craft: Any, judge: Judge, weights: Any, n: int, seed: int) -> list[float]:
    """The same genomes and operators in a `GridArchive` of pyribs, parents drawn alike from all cells: plain MAP-Elites."""
    from ribs.archives import GridArchive

    rng = np.random.default_rng(seed)
    names, ranges = list(craft.ranges), list(craft.ranges.values())
    archive = GridArchive(
        solution_dim=(),
        dims=[BINS] * len(names),
        ranges=ranges,
        solution_dtype=object,
        seed=seed,
        qd_score_offset=-100.0,
    )
    genomes = [craft.compose(rng) for _ in range(BATCH)]
    for _ in range(n // BATCH):
        played = [craft.play(genome) for genome in genomes]
        heard = judge.hear([one.midi for one in played], view=craft.view)
        fitness = [weights.fitness(p.terms, v.fitness, v.novelty) for p, v in zip(played, heard, strict=True)]
        solutions = np.empty(len(genomes), dtype=object)
        solutions[:] = genomes
        places = [[np.clip(p.measures[m], *r) for m, r in zip(names, ranges, strict=True)] for p in played]
        archive.add(solutions, np.array(fitness), np.array(places))
        genomes = [craft.mutate(parent, rng) for parent in archive.sample_elites(BATCH)["solution"]]
    return [float(value) for value in archive.data("objective")]


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1]) if min(first.std(), second.std()) > 0 else 0.0


def interval(by_class: Sequence[np.ndarray], n_draws: int = 2000) -> tuple[float, float]:
    """Bootstrap 95 % interval of the mean over classes: classes are drawn, then the rows of each."""
    rng = np.random.default_rng(0)
    means = []
    for _ in range(n_draws):
        drawn = [by_class[i] for i in rng.integers(len(by_class), size=len(by_class))]
        means.append(np.mean([values[rng.integers(len(values), size=len(values))].mean() for values in drawn]))
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def summary(rows: Sequence[dict[str, Any]], stage: str) -> str:
    """What one stage gained: means with intervals, and the classes one by one."""
    own = [row for row in rows if row["stage"] == stage]
    classes = sorted({row["class"] for row in own})
    lines = []
    for column in ("by_judge", "nats", "by_scorer", "by_fitness", "agree", "agree_better"):
        by_class = [np.array([row[column] for row in own if row["class"] == name]) for name in classes]
        low, high = interval(by_class)
        lines.append(f"{stage:<8} {column:<13}{np.mean([v.mean() for v in by_class]):+.2f}  [{low:+.2f}, {high:+.2f}]")
    means = {c: float(np.mean([row["by_judge"] for row in own if row["class"] == c])) for c in classes}
    told = ", ".join(f"{c} {value:+.2f}" for c, value in means.items())
    lines.append(f"{stage:<8} {sum(v >= 0.5 for v in means.values())} of {len(classes)} classes at .5 or more ({told})")
    return "\n".join(lines)


def _best(candidates: Any) -> list[Scored[Any]]:
    return sorted(candidates, key=lambda c: -c.fitness)[:TOP]


def _mean(candidates: Sequence[Scored[Any]]) -> float:
    return float(np.mean([c.chromatic.fitness for c in candidates]))


def _hear(judge: ChromaticScorer, files: Sequence[bytes], target: Any, view: str) -> np.ndarray:
    return np.array([verdict.fitness for verdict in Judge(judge, target).hear(files, view=view)])


def chords_for(section: SectionPlan, *, key: Key, meter: Meter, tempo_bpm: float, style: Any, seed: int) -> Piece:
    """Chords for later stages to follow: one drawn candidate."""
    context = make_context(section, key=key, meter=meter, tempo_bpm=tempo_bpm)
    craft = find_stage("chords").craft(context, style)
    return read_midi(craft.play(craft.compose(np.random.default_rng(seed))).midi)


def measure(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Every class, stage, section and seed."""
    scorer, second = ChromaticScorer(options.model), ChromaticScorer(options.judge or f"{options.model}-judge")
    for name in scorer.ontology.class_names:
        heard = [
            p.parts.prior[list(p.ontology.class_names).index(name)]
            for p in (scorer, second)
            if name in p.ontology.class_names
        ]
        if not all(share > 0 for share in heard):
            continue
        styles = learn_styles(options.dataset, [name], {"chords", *options.stages})
        keys, meter, tempo_bpm = usual(options.dataset, name)
        for seed in options.seeds:
            for section in DEFAULT_FORM:
                place = {"key": keys[0], "meter": meter, "tempo_bpm": tempo_bpm}
                chords = chords_for(section, style=styles["chords"], seed=seed, **place)
                for stage in options.stages:
                    context = make_context(section, heard={} if stage == "chords" else {"chords": chords}, **place)
                    found = compare(
                        stage,
                        context,
                        styles.get(stage),
                        judge=Judge(scorer, name),
                        second=second,
                        n=options.evaluations,
                        seed=seed,
                        pyribs=options.pyribs,
                    )
                    yield {"class": name, "stage": stage, "section": section.name, "seed": seed, **found}


def main() -> None:
    """Print a table by class and stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--stages", nargs="+", default=["chords"])
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--pyribs", action="store_true", help="lay plain MAP-Elites by pyribs beside it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for row in measure(options):
        rows.append(row)
        if not options.json:
            print("  ".join(f"{v:+.2f}" if isinstance(v, float) else f"{v:<8}" for v in row.values()), flush=True)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print()
    for stage in options.stages:
        print(summary(rows, stage))


if __name__ == "__main__":
    main()
