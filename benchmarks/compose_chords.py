"""How long chord candidates take: generated, scored and written; with and without breeding; growth with their number.

    python benchmarks/compose_chords.py [--model BUNDLE] [--target CLASS] [--repeats 5] [--json]

Without a model a small stand-in judges the same bytes (register, density), so the figures then lack the scorer's time;
the output says which it was. Wall-clock medians in a fresh folder each time, after one warm-up; `cpu s` is processor time, which a busy machine does
not stretch as much.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition import DEFAULT_FORM, BatchScorer, StageReport, compose_chords
from whitelight.music import Key, Meter, read_midi

FOUR_FOUR, A_MINOR = Meter(4, 4), Key(9, "minor")


@dataclass(frozen=True)
class Proposal:
    """A plain song in four."""

    class_name: str | None
    title: str = "Benchmark"
    tempo_bpm: float = 96.0
    meter: Meter = FOUR_FOUR
    musical_key: Key = A_MINOR
    iteration_id: str = "benchmark"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What the stand-in says."""

    index: int
    fitness: float
    match: float
    novelty: float = 0.5
    error: str | None = None


class StandIn:
    """Reads the bytes and prefers high and dense music."""

    def score_batch(
        self, candidates: Sequence[Any], target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> list[Verdict]:
        """Judge each file by its notes."""
        assert (view, velocity, target is None) == ("chords", "free", False)
        found = []
        for index, data in enumerate(candidates):
            piece = read_midi(data)
            value = float(np.mean(piece.midi_tracks[0].notes.pitch)) - 60 + piece.n_notes / piece.duration_s
            found.append(Verdict(index, value, float(1 / (1 + np.exp(-value)))))
        return sorted(found, key=lambda verdict: -verdict.fitness)


CASES = {  # name → sections, candidates per section, bred generations
    "50 candidates, not bred": (1, 50, 0),
    "50 candidates, 3 generations bred": (1, 50, 3),
    "two sections of 50, 3 generations bred (default)": (2, 50, 3),
    "200 candidates, not bred": (1, 200, 0),
    "800 candidates, not bred": (1, 800, 0),
}


def run_once(
    scorer: BatchScorer, target: str, case: tuple[int, int, int], seed: int
) -> tuple[float, float, StageReport]:
    n_sections, n_candidates, n_generations = case
    with tempfile.TemporaryDirectory() as folder:
        start, start_cpu = time.perf_counter(), time.process_time()
        report = compose_chords(
            Proposal(target),
            scorer=scorer,
            out=Path(folder) / "song",
            seed=seed,
            n_candidates=n_candidates,
            n_generations=n_generations,
            form=DEFAULT_FORM[:n_sections],
        )
        return time.perf_counter() - start, time.process_time() - start_cpu, report


def measure(scorer: BatchScorer, target: str, repeats: int) -> dict[str, Any]:
    results: dict[str, Any] = {}
    run_once(scorer, target, CASES["50 candidates, not bred"], 99)
    for name, case in CASES.items():
        runs = [run_once(scorer, target, case, seed) for seed in range(repeats)]
        content = [report.to_dict() for _, _, report in runs]
        spreads = [s["match"]["spread"] for one in content for s in one["sections"].values()]
        seconds = [elapsed for elapsed, _, _ in runs]
        results[name] = {
            "median_s": round(statistics.median(seconds), 3),
            "min_s": round(min(seconds), 3),
            "median_cpu_s": round(statistics.median(cpu for _, cpu, _ in runs), 3),
            "n_scored": content[0]["n_scored"],
            "n_written": content[0]["n_candidates"],
            "ms_per_scored": round(1000 * statistics.median(seconds) / content[0]["n_scored"], 2),
            "median_match_spread": statistics.median(spread for spread in spreads if spread is not None),
        }
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of a model bundle")
    parser.add_argument("--target", help="class to compose for; the bundle's first when absent")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    scorer: BatchScorer = StandIn()
    target = options.target or "high and dense"
    if options.model is not None:
        from whitelight.scoring import ChromaticScorer

        trained = ChromaticScorer(options.model)
        scorer, target = trained, options.target or trained.ontology.class_names[0]
    results = measure(scorer, target, options.repeats)
    judge = f"model {options.model.name}" if options.model else "stand-in scorer (no --model given)"
    if options.json:
        print(json.dumps({"judge": judge, "target": target, "repeats": options.repeats, "cases": results}, indent=2))
        return
    print(f"{judge}, target '{target}', {options.repeats} repeats")
    print(
        f"{'':<50} {'median s':>9} {'min s':>7} {'cpu s':>7} {'scored':>7} {'written':>8} {'ms each':>8} {'match sd':>9}"
    )
    for name, row in results.items():
        print(
            f"{name:<50} {row['median_s']:>9.2f} {row['min_s']:>7.2f} {row['median_cpu_s']:>7.2f} {row['n_scored']:>7} {row['n_written']:>8} "
            f"{row['ms_per_scored']:>8.2f} {row['median_match_spread']:>9.2f}"
        )


if __name__ == "__main__":
    main()
