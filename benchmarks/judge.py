"""Does a judge trained on other songs agree with the scorer, and do candidates differ? Per class of a dataset.

    python benchmarks/judge.py DATASET [--seeds 0 1 2] [--candidates 50] [--models FOLDER]

For every seed: a scorer on half of the songs, a judge on the other half; for every class chord sections (verse and
chorus) in its own usual tempo and meter and its two most usual keys, 50 random candidates each, ranked by the scorer. Printed: the spread of `match` in the 50, and
in which share of the pairs of the top and the bottom five the judge prefers the top. Bars: .15 and .80. Then the same
of what the search breeds (50 candidates, three generations): its kept candidates against random ones, by the judge.
"""

import argparse
import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition import DEFAULT_FORM, style_of_classes
from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.learning import estimate_key
from whitelight.composition.chords.setting import make_setting
from whitelight.composition.judging import Judge
from whitelight.composition.scorer import VELOCITY, VIEW
from whitelight.composition.search import Search, keep_diverse, run_generation
from whitelight.dataset import Dataset
from whitelight.music import Key, Meter, read_midi
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.second_opinion import judge_top_bottom
from whitelight.training import train_fusion
from whitelight.training.train import judge_folder


def usual(dataset: Path, class_name: str) -> tuple[list[Key], Meter, float]:
    """Two keys, the meter and the tempo most songs of a class have, as a proposal for one would ask for."""
    source = Dataset.open(dataset)
    song_ids = [s for s, record in source.manifest.songs.items() if record.class_name == class_name]
    row_ids = source.rows(["row_id"], views=["full"], song_ids=song_ids).to_pydict()["row_id"]
    pieces = [read_midi(midi) for _, midi in source.media(row_ids)]
    keys = Counter(key for key in map(estimate_key, pieces) if key is not None)
    meter = Counter(piece.meter_at(0) for piece in pieces).most_common(1)[0][0]
    tempo_bpm = round(statistics.median(piece.tempo_map.tempo_bpm_at(0) for piece in pieces))
    return [key for key, _ in keys.most_common(2)], meter, float(tempo_bpm)


def measure(
    scorer: ChromaticScorer, judge: ChromaticScorer, dataset: Path, n: int, seed: int
) -> Iterator[dict[str, Any]]:
    heard = [name for name, p in zip(scorer.ontology.class_names, scorer.parts.prior, strict=False) if p > 0]
    for name in heard:
        style = style_of_classes(dataset, [name])
        keys, meter, tempo_bpm = usual(dataset, name)
        for key in keys:
            for section in DEFAULT_FORM:
                setting = make_setting(section, key=key, meter=meter, tempo_bpm=tempo_bpm, style=style)
                craft = ChordCraft(setting)
                search = Search(craft, np.random.default_rng(seed))
                first = run_generation(search, Judge(scorer, name), n)
                ranked = sorted(first, key=lambda c: -c.chromatic.fitness)
                opinion = judge_top_bottom([c.midi for c in ranked], judge, name, view=VIEW, velocity=VELOCITY)
                for _ in range(3):
                    run_generation(search, Judge(scorer, name), n)
                kept = keep_diverse(search.archive.ranked(), 5)
                rng = np.random.default_rng(seed + 1)
                fresh = [craft.play(craft.compose(rng)).midi for _ in range(5)]
                bred = judge_top_bottom([*(c.midi for c in kept), *fresh], judge, name, view=VIEW, velocity=VELOCITY)
                yield {
                    "seed": seed,
                    "class": name,
                    "section": f"{section.name}, {key}",
                    "match_spread": float(np.std([c.chromatic.match for c in first])),
                    "share": opinion.share,
                    "bred": bred.share,
                }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--models", type=Path, help="keep, and take up again, the models in this folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in options.seeds:
            out = (options.models or Path(temporary)) / f"seed{seed}"
            if not judge_folder(out).exists():
                train_fusion(options.dataset, out, seed=seed, judge=True)
            scorer, judge = ChromaticScorer(out), ChromaticScorer(judge_folder(out))
            rows += measure(scorer, judge, options.dataset, options.candidates, seed)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'class':<12}{'seed':>5}{'match spread':>14}{'judge: top over bottom':>24}{'bred over random':>18}")
    for name in dict.fromkeys(row["class"] for row in rows):
        for seed in options.seeds:
            own = [row for row in rows if (row["class"], row["seed"]) == (name, seed)]
            spread, share, bred = (np.mean([row[key] for row in own]) for key in ("match_spread", "share", "bred"))
            print(f"{name:<12}{seed:>5}{spread:>14.3f}{share:>24.2f}{bred:>18.2f}")
    for key, bar in (("match_spread", 0.15), ("share", 0.80), ("bred", 0.80)):
        values = np.array([row[key] for row in rows])
        print(f"{key}: mean {values.mean():.3f}, {(values >= bar).sum()} of {len(values)} batches at {bar} or more")


if __name__ == "__main__":
    main()
