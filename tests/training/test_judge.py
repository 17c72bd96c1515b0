"""A judge is trained on the other half of the songs, is marked as one, and cannot be composed with."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from whitelight.scoring import ChromaticScorer
from whitelight.scoring.bundle import read_bundle
from whitelight.scoring.release import GateError, refuse_unfit
from whitelight.scoring.second_opinion import judge_top_bottom
from whitelight.training import train_fusion
from whitelight.training.splits import SplitError, song_halves


def test_a_judge_is_trained_on_the_other_half(tiny: ModuleType, tiny_dataset: Path, tmp_path: Path) -> None:
    report = train_fusion(tiny_dataset, tmp_path / "model", judge=True, settings=tiny.SETTINGS)
    assert report.judge is not None
    assert json.loads(json.dumps(report.to_dict()))["judge"]["out"] == str(tmp_path / "model-judge")
    scorer, judge = (read_bundle(tmp_path / name).record["training"] for name in ("model", "model-judge"))
    assert (scorer["role"], judge["role"]) == ("scorer", "judge")
    assert not set(scorer["groups"]) & set(judge["groups"])
    assert len(scorer["groups"]) + len(judge["groups"]) == 20
    for half in (scorer, judge):
        counts = [sum(group.startswith(name) for group in half["groups"]) for name in tiny.CLASSES]
        assert set(counts) <= {2, 3}
    with pytest.raises(GateError, match="this model is a judge"):
        refuse_unfit(ChromaticScorer(tmp_path / "model-judge"), force=True)


def test_halves_hold_the_same_share_of_every_class() -> None:
    groups = [f"{k}-{s}" for k in range(3) for s in range(6) for _ in range(2)] + ["alone"]
    labels = [int(g[0]) for g in groups[:-1]] + [3]
    first = song_halves(groups, labels, rng=np.random.default_rng(0))
    assert first[-1]  # the only song of its class is the scorer's
    for k in range(3):
        assert len({g for g, f in zip(groups, first, strict=True) if f and g.startswith(str(k))}) == 3
    again = song_halves(groups, labels, rng=np.random.default_rng(1))
    assert (first != again).any()
    with pytest.raises(SplitError, match="no class with two"):
        song_halves(["a", "b"], [0, 1], rng=np.random.default_rng(0))


@dataclass(frozen=True)
class Verdict:
    index: int
    fitness: float
    error: str | None = None


class Opinion:
    """Likes large numbers; cannot read None."""

    def score_batch(self, candidates: Any, target: Any = None, *, view: str = "", velocity: str = "") -> list[Verdict]:
        assert (target, view, velocity) == ("T", "chords", "free")
        found = [Verdict(i, float(c or 0), None if c is not None else "unreadable") for i, c in enumerate(candidates)]
        return sorted(found, key=lambda verdict: -verdict.fitness)


@pytest.mark.parametrize(
    ("ranked", "share", "n_pairs"),
    [
        ([9, 8, 7, 6, 5, 0, 4, 3, 2, 1, 0], 1.0, 25),
        ([1, 2, 3, 4], 0.0, 4),
        ([2, 1, 2, 1], 0.5, 4),
        ([5, None, 1, 1], 1.0, 2),
    ],
)
def test_the_share_of_pairs_in_which_the_judge_prefers_the_top(ranked: list[Any], share: float, n_pairs: int) -> None:
    found = judge_top_bottom(ranked, Opinion(), "T", view="chords")
    assert (found.share, found.n_pairs) == (share, n_pairs)


def test_one_candidate_has_no_top_and_no_bottom() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        judge_top_bottom([1], Opinion(), "T", view="chords")
