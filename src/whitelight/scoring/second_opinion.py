"""Does a scorer trained on other songs agree with a ranking? Only so can composing be told from fooling the scorer.

The judge is the same recipe on the other half of the songs (`whitelight train fusion --judge`). It is shown the best and
the worst candidates of a scorer's ranking, never in the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

N_ENDS = 5  # candidates at each end of a ranking


class Ranker(Protocol):
    """Scores MIDI files for a target; `ChromaticScorer` does."""

    def score_batch(
        self, candidates: Sequence[Any], target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> Sequence[Any]:
        """Return one verdict with `index`, `fitness` and `error` per candidate."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the judge says of a ranking.

    Attributes
    ----------
    share : of the pairs of one candidate of the top and one of the bottom, those in which the judge prefers the top
        one; a tie counts half. n_pairs : pairs compared. gain : mean fitness of the top minus that of the bottom by the
        judge, natural log units.
    """

    share: float
    n_pairs: int
    gain: float


def judge_top_bottom(
    ranked: Sequence[Any], judge: Ranker, target: Any, *, view: str, velocity: str = "free", n_ends: int = N_ENDS
) -> SecondOpinion:
    """Ask a judge whether the top of a ranking fits the target better than the bottom.

    Parameters
    ----------
    ranked : MIDI, best first by the scorer; at least two. view, velocity : as they were scored.
    n_ends : candidates taken from each end, at most half of them.
    """
    n_ends = min(n_ends, len(ranked) // 2)
    if n_ends < 1:
        raise ValueError(f"{len(ranked)} ranked candidates; expected at least 2, so that there is a top and a bottom")
    shown = [*ranked[:n_ends], *ranked[-n_ends:]]
    verdicts = judge.score_batch(shown, target, view=view, velocity=velocity)
    fitness = np.full(len(shown), np.nan)
    for verdict in verdicts:
        if verdict.error is None:
            fitness[verdict.index] = verdict.fitness
    top, bottom = fitness[:n_ends], fitness[n_ends:]
    top, bottom = top[np.isfinite(top)], bottom[np.isfinite(bottom)]
    if not len(top) or not len(bottom):
        return SecondOpinion(float("nan"), 0, float("nan"))
    ahead = np.sign(top[:, None] - bottom[None, :])
    return SecondOpinion(float((ahead + 1).mean() / 2), ahead.size, float(top.mean() - bottom.mean()))
