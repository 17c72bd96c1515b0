"""How well a taste ranks what it did not hear: the share of comparisons it decides as the human did.

That is the area under the ROC curve inside sections. Its interval draws songs, and inside each drawn song candidates:
the candidates of one song are alike, and few songs say little. With chance judgements of five songs or more the interval
leaves 0.5 below it in at most one case of twenty (`docs/experiments.md`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.scoring.heads import Array
from whitelight.training.taste_pairs import Table

N_DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Ranking:
    """One section: which liked candidate lies above which other.

    Attributes
    ----------
    song : index. above : (n_liked, n_other), 1, 0.5 or 0. weight : what the section counts.
    """

    song: int
    above: Array
    weight: float


def rankings(table: Table, score: Array, used: NDArray[np.bool_]) -> list[Ranking]:
    """Compare scores within every section that has both kinds; rows without a score (NaN) are left out."""
    found = []
    used = used & np.isfinite(score)
    for section in np.unique(table.section[used]):
        rows = np.flatnonzero(used & (table.section == section))
        yes, no = score[rows[table.liked[rows]]], score[rows[~table.liked[rows]]]
        if len(yes) and len(no):
            above = (np.sign(yes[:, None] - no[None, :]) + 1.0) / 2.0
            found.append(Ranking(int(table.song[rows[0]]), above, len(rows) - 1.0))
    return found


def ranking_auc(found: list[Ranking]) -> float | None:
    """Return the weighted mean over sections; None without any."""
    total = sum(one.weight for one in found)
    return sum(one.weight * float(one.above.mean()) for one in found) / total if total else None


def auc_interval(
    found: list[Ranking], rng: np.random.Generator, *, n_draws: int = N_DRAWS
) -> tuple[float, float] | None:
    """Return the bootstrap interval over songs and the candidates in them; None without any comparison."""
    if not found:
        return None
    songs, song = np.unique([one.song for one in found], return_inverse=True)
    drawn = rng.multinomial(len(songs), np.full(len(songs), 1.0 / len(songs)), size=n_draws)
    top, total = np.zeros(n_draws), np.zeros(n_draws)
    for place, one in zip(song, found, strict=True):
        yes, no = (rng.multinomial(n, np.full(n, 1.0 / n), size=n_draws) / n for n in one.above.shape)
        weight = drawn[:, place] * one.weight
        top += weight * ((yes @ one.above) * no).sum(axis=1)
        total += weight
    low, high = np.quantile(top[total > 0] / total[total > 0], [(1.0 - LEVEL) / 2, (1.0 + LEVEL) / 2])
    return float(low), float(high)
