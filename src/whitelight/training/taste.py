"""`train taste`: a small model of what a human likes, from that human's judgements.

A logistic regression on differences of features within sections, with one weight per feature that all stages share and
one per stage, pulled toward 0. It is judged on songs it did not hear; `taste.json` says how well, and whether it may be
used.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from whitelight import __version__
from whitelight.encoders import DescriptorEncoder
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of, write_atomic
from whitelight.scoring.heads import Array
from whitelight.scoring.taste import FORMAT, FORMAT_VERSION, TASTE_FILE, Judgement
from whitelight.training.taste_figures import auc_interval, ranking_auc, rankings
from whitelight.training.taste_pairs import AUDIBLE, Pairs, Scale, Table, design, stage_weights

MIN_SONGS = 5  # with both kinds in one section; of fewer an interval over songs says nothing
STRENGTH = 0.01  # C of the regression: of .003 to .1 the best for 20 to 200 judgements (benchmarks/taste.py)
MAX_FOLDS = 10


class TooFewJudgementsError(WhitelightError):
    """Nothing can be compared."""


@dataclass(frozen=True, slots=True)
class TasteReport:
    """What was learned, and how well it does on songs it did not hear; `record` is the content of `taste.json`."""

    out: Path
    record: Mapping[str, Any]
    problems: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        shown = {key: value for key, value in self.record.items() if key not in {"format", "format_version", "encoder"}}
        stages = {
            name: {k: v for k, v in one.items() if k != "features"} for name, one in self.record["stages"].items()
        }
        more = {"stages": stages, "problems": list(self.problems), "seconds": round(self.seconds, 2)}
        return {"out": str(self.out), **shown, **more}

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        record = self.record
        yield (
            f"{record['n_judgements']} judgements of {record['n_songs']} songs: {record['n_liked']} liked, "
            f"{record['n_disliked']} not; {record['n_blind']} of them blind, {record['n_edited']} edited by hand"
        )
        for name, one in record["stages"].items():
            auc = "nothing to compare" if one["auc"] is None else f"AUC {one['auc']:.2f} over {one['n_pairs']} pairs"
            yield f"  {name}: {one['n']} judgements, {one['n_blind']} blind; {auc}"
        if record["auc"] is not None:
            low, high = record["auc_interval"]
            yield f"on songs it did not hear: AUC {record['auc']:.3f} ({low:.3f}–{high:.3f})"
        if record["auc_blind"] is not None:
            yield f"of judgements made blind: AUC {record['auc_blind']:.3f}"
        yield "may be used" if record["usable"] else f"not to be used: {record['reason']}"
        yield from self.problems
        yield f"wrote {self.out}/{TASTE_FILE}: {self.seconds:.1f} s"


def train_taste(
    judged: Sequence[Judgement],
    out: Path,
    *,
    seed: int = 0,
    ontologies: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
) -> TasteReport:
    """Learn a taste, judge it on songs it did not hear, and write `out/taste.json`.

    Parameters
    ----------
    seed : of folds, drawn pairs and the interval. ontologies : name → hash of those the songs were composed with.
    problems : what was odd in the judgements, to be told.

    Raises
    ------
    TooFewJudgementsError : no section has a candidate that was liked and one that was not; nothing was written.
    """
    started = time.perf_counter()
    if out.exists() and not out.is_dir():
        raise TooFewJudgementsError(f"{out} is a file; give the folder the taste is to be written into")
    judged = sorted(judged, key=lambda one: (one.song, one.stage, one.section, one.candidate))
    table = Table.of(judged) if judged else None
    everyone = np.ones(len(judged), np.bool_)
    if table is None or not len(Pairs.of(table, everyone, np.random.default_rng(seed)).weight):
        liked = sum(one.liked for one in judged)
        raise TooFewJudgementsError(
            f"{len(judged)} judgements, {liked} liked, and no section of a stage has both kinds; approve or rate some "
            "candidates of a section well and reject others"
        )
    record = _record(table, judged, seed=seed, ontologies=dict(ontologies or {}))
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / TASTE_FILE, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return TasteReport(out, record, tuple(problems), time.perf_counter() - started)


def _record(table: Table, judged: Sequence[Judgement], *, seed: int, ontologies: dict[str, str]) -> dict[str, Any]:
    everyone = np.ones(len(judged), np.bool_)
    coefficients, scales = fit(table, everyone, np.random.default_rng(seed))
    score = out_of_fold(table, seed=seed)
    found = rankings(table, score, everyone)
    auc, interval = ranking_auc(found), auc_interval(found, np.random.default_rng(seed))
    n_songs = len({one.song for one in found})
    reason = _doubt(interval, n_songs)
    encoder = DescriptorEncoder()
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "usable": not reason,
        "reason": reason,
        "auc": auc,
        "auc_interval": None if interval is None else list(interval),
        "auc_blind": ranking_auc(rankings(table, score, table.blind)),
        "n_songs": len(table.songs),
        "n_songs_compared": n_songs,
        "n_judgements": len(judged),
        "n_liked": int(table.liked.sum()),
        "n_disliked": int((~table.liked).sum()),
        "n_blind": int(table.blind.sum()),
        "n_edited": sum(one.edited for one in judged),
        "seed": seed,
        "data_hash": _data_hash(judged),
        "ontologies": dict(sorted(ontologies.items())),
        "encoder": {"name": encoder.name, "version": encoder.version, "fingerprint": encoder.fingerprint()},
        "stages": {
            name: _stage_record(table, stage, coefficients, scales[stage], score)
            for stage, name in enumerate(table.stages)
        },
    }


def _doubt(interval: tuple[float, float] | None, n_songs: int) -> str:
    """Why a taste is not to be used; "" when it may be."""
    if n_songs < MIN_SONGS or interval is None:
        return f"only {n_songs} songs have a section with both liked and disliked candidates; expected {MIN_SONGS}"
    if interval[0] <= 0.5:
        low, high = interval
        return f"its AUC on songs it did not hear may be chance ({low:.3f} to {high:.3f}, 0.5 is chance); judge more"
    return ""


def _stage_record(table: Table, stage: int, coefficients: Array, scale: Scale, score: Array) -> dict[str, Any]:
    rows = table.stage == stage
    found = rankings(table, score, rows)
    names = [("descriptor", name) for name in AUDIBLE] + [("term", name) for _, name in table.terms]
    weight = stage_weights(table, coefficients, stage)
    columns = [k for k in table.columns(stage) if scale.spread[k] > 0]
    return {
        "n": int(rows.sum()),
        "n_liked": int((rows & table.liked).sum()),
        "n_blind": int((rows & table.blind).sum()),
        "n_pairs": int(sum(one.above.size for one in found)),
        "auc": ranking_auc(found),
        "features": [
            {
                "name": names[k][1],
                "kind": names[k][0],
                "middle": float(scale.middle[k]),
                "spread": float(scale.spread[k]),
                "weight": float(weight[k]),
            }
            for k in columns
        ],
    }


def fit(
    table: Table, used: NDArray[np.bool_], rng: np.random.Generator, *, strength: float = STRENGTH
) -> tuple[Array, list[Scale]]:
    """Learn from some rows: coefficients of the design, and the scale of every stage."""
    scales = [table.scale(stage, used) for stage in range(len(table.stages))]
    pairs, rows = Pairs.of(table, used, rng), design(table, scales)
    if not len(pairs.weight):
        return np.zeros(rows.shape[1]), scales
    apart = rows[pairs.liked] - rows[pairs.other]
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=500, tol=1e-6)
    both, weight = np.concatenate([apart, -apart]), np.tile(pairs.weight, 2) / 2.0
    model.fit(both, np.repeat([1, 0], len(apart)), sample_weight=weight)
    return np.asarray(model.coef_[0], np.float64), scales


def out_of_fold(table: Table, *, seed: int, strength: float = STRENGTH) -> Array:
    """Score every row by a model that heard nothing of its song, (n,); NaN where there is no other song."""
    rng = np.random.default_rng(seed)
    n_songs = len(table.songs)
    fold = rng.permutation(n_songs) % min(n_songs, MAX_FOLDS)
    score = np.full(len(table.liked), np.nan)
    for each in range(min(n_songs, MAX_FOLDS)):
        held_out = fold[table.song] == each
        if held_out.all():
            continue
        coefficients, scales = fit(table, ~held_out, rng, strength=strength)
        score[held_out] = (design(table, scales) @ coefficients)[held_out]
    return score


def _data_hash(judged: Sequence[Judgement]) -> str:
    lines = (
        json.dumps(
            [
                one.song,
                one.stage,
                one.section,
                one.candidate,
                bool(one.liked),
                bool(one.blind),
                one.edited,
                dict(one.terms),
            ],
            sort_keys=True,
        ).encode()
        + b"".join(np.array(track.notes.to_rows(), np.int64).tobytes() for track in one.music.midi_tracks)
        for one in judged
    )
    return sha256_of(lines)
