"""How many judgements a taste needs: listeners whose taste is known judge composed candidates.

Every listener has a hidden liking for some descriptors and some whim; of a section it likes what lies above the middle
of what it is shown. A taste is trained on its judgements and compared with the hidden liking on sections it was not
trained on. A listener without any taste must be refused.

    python benchmarks/taste.py SONGS [--repeats 20]

SONGS holds production folders with candidates (`whitelight demo` makes some).
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stages import STAGE_NAMES
from whitelight.files import load_yaml
from whitelight.music import read_midi
from whitelight.scoring.taste import Judgement
from whitelight.training.taste import STRENGTH, _doubt, fit, out_of_fold
from whitelight.training.taste_figures import auc_interval, ranking_auc, rankings
from whitelight.training.taste_pairs import AUDIBLE, Table, design

LISTENERS = {
    "busy": {"note_rate_log": 1.0, "drum_rate_log": 1.0},
    "high and bright": {"pitch_mean": 1.0, "key_major_minus_minor": 0.6, "drum_cymbal_rate": 1.0},
    "smooth": {"melody_interval_mean": -1.0, "legato": 0.8, "syncopation": -0.6, "drum_step_entropy": -1.0},
    "rich": {
        "sounding_classes": 1.0,
        "chord_similarity_major_seventh": 0.8,
        "harmonic_distance": 0.6,
        "drum_together": 1.0,
    },
    "chance": {},
}
WHIM = 0.7  # spread of what no descriptor says, against 1 of the liking
SHOWN = 5  # candidates of one section that are judged
AMOUNTS = (20, 50, 100, 200)
CHANCE_TIMES = 10  # as many sittings of the listener without taste: how often it passes is what the gate is worth


def read_candidates(songs: Path) -> list[Judgement]:
    """All candidates of all stages; nobody has judged them yet."""
    return [one for sheet in sorted(songs.glob("*/song.yml")) for one in _of_song(sheet.parent)]


def _of_song(folder: Path) -> Iterator[Judgement]:
    name = read_song_sheet(folder).title
    for stage in STAGE_NAMES[:-1]:  # lyrics are no notes
        review = folder / stage / REVIEW_FILE
        for item in load_yaml(review)["candidates"] if review.exists() else ():
            terms = {k: float(v) for k, v in item["machine"]["terms"].items()}
            music = read_midi(folder / stage / item["file"])
            yield Judgement(name, stage, str(item["section"]), item["id"], liked=False, music=music, terms=terms)


def liking_of(table: Table, tastes: dict[str, float]) -> NDArray[np.float64]:
    """The hidden liking, mean 0 and spread 1 inside every section that has any; all 0 without a taste."""
    everyone = np.ones(len(table.liked), np.bool_)
    value = np.zeros(len(table.liked))
    for stage in range(len(table.stages)):
        scaled = table.scale(stage, everyone).apply(table.features)
        rows = table.stage == stage
        value[rows] = sum((w * scaled[rows, AUDIBLE.index(name)] for name, w in tastes.items()), np.zeros(rows.sum()))
    for section in np.unique(table.section):
        rows = table.section == section
        value[rows] -= value[rows].mean()
        value[rows] /= value[rows].std() or 1.0
    return value


def judge(table: Table, value: NDArray[np.float64], n: int, rng: np.random.Generator) -> Table:
    """Judge candidates of as many sections as it takes, songs in turn; whim is added to the liking."""
    felt = value + rng.normal(0.0, WHIM, len(value))
    by_song = {
        song: list(rng.permutation(np.unique(table.section[table.song == song]))) for song in range(len(table.songs))
    }
    order = [
        by_song[song].pop()
        for _ in range(max(map(len, by_song.values())))
        for song in rng.permutation(len(by_song))
        if by_song[song]
    ]
    chosen: list[int] = []
    liked = np.zeros(len(value), np.bool_)
    for section in order:
        if len(chosen) >= n:
            break
        rows = rng.permutation(np.flatnonzero(table.section == section))[: min(SHOWN, n - len(chosen))]
        liked[rows] = felt[rows] > np.median(felt[rows])
        chosen += rows.tolist()
    return take(table, np.array(chosen), liked)


def take(table: Table, rows: NDArray[np.int64], liked: NDArray[np.bool_]) -> Table:
    """Some rows of a table, with judgements."""
    columns = {name: getattr(table, name)[rows] for name in ("features", "blind", "song", "stage", "section")}
    return replace(table, liked=liked[rows], **columns)


def truth(table: Table, value: NDArray[np.float64], judged: Table, strength: float) -> float | None:
    """AUC against the hidden liking, by sections that were not judged at all: above their middle or not."""
    everyone = np.ones(len(judged.liked), np.bool_)
    coefficients, scales = fit(judged, everyone, np.random.default_rng(0), strength=strength)
    fresh = ~np.isin(table.section, judged.section)
    for section in np.unique(table.section):
        rows = table.section == section
        table.liked[rows] = value[rows] > np.median(value[rows])
    return ranking_auc(rankings(table, design(table, scales) @ coefficients, fresh))


def main() -> None:
    """Judge, train, compare, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--strength", type=float, default=STRENGTH)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    table = Table.of(read_candidates(options.songs))
    found = []
    for name, tastes in LISTENERS.items():
        value = liking_of(table, tastes)
        for n in AMOUNTS:
            runs = [
                _run(table, value, n, seed, options.strength)
                for seed in range(options.repeats * (1 if tastes else CHANCE_TIMES))
            ]
            found.append({"listener": name, "n": n, **_summary(runs)})
    if options.json:
        print(json.dumps(found, indent=1))
        return
    print(
        f"{len(table.liked)} candidates of {len(table.songs)} songs; {options.repeats} sittings each, C {options.strength:g}"
    )
    print(
        "| listener | judgements | AUC it reports | interval | AUC by the hidden liking | 5–95 % of sittings | may be used |"
    )
    print("|---|---|---|---|---|---|---|")
    for one in found:
        print(
            "| {listener} | {n} | {auc:.2f} | {low:.2f}–{high:.2f} | {truth:.2f} | {truth_low:.2f}–{truth_high:.2f} | {usable:.1%} of {n_sittings} |".format(
                **one
            )
        )


def _run(table: Table, value: NDArray[np.float64], n: int, seed: int, strength: float) -> dict[str, float]:
    judged = judge(table, value, n, np.random.default_rng(seed))
    score = out_of_fold(judged, seed=seed, strength=strength)
    compared = rankings(judged, score, np.ones(len(judged.liked), np.bool_))
    interval = auc_interval(compared, np.random.default_rng(seed))
    doubt = _doubt(interval, len({one.song for one in compared}))
    low, high = interval or (np.nan, np.nan)
    real = truth(table, value, judged, strength)
    auc = ranking_auc(compared)
    return {
        "auc": np.nan if auc is None else auc,
        "low": low,
        "high": high,
        "usable": float(not doubt),
        "truth": np.nan if real is None else real,
    }


def _summary(runs: list[dict[str, float]]) -> dict[str, float]:
    means = {key: _mean([run[key] for run in runs]) for key in runs[0]}
    real = [run["truth"] for run in runs if np.isfinite(run["truth"])]
    low, high = np.quantile(real, [0.05, 0.95]) if real else (np.nan, np.nan)
    return {**means, "truth_low": float(low), "truth_high": float(high), "n_sittings": len(runs)}


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


if __name__ == "__main__":
    main()
