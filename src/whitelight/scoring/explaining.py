"""Why a piece got its fitness: what every descriptor added, measured on the model itself.

The fitness f of a piece x is compared with that of the catalog's middle b (the median of every descriptor in the view).
Walking from b to x, one descriptor after the other takes the value it has in x, and the step of f is its own. Over many
orders the mean step is the Shapley value (sampling: Castro et al. 2009; orders come in pairs, each with its reverse,
which halves the error: Mitchell et al. 2022). Every walk begins at f(b) and ends at f(x), so usual + all contributions
is the fitness exactly, whatever the model is like inside. All steps of all walks are one batch of the scorer's own
session.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.descriptors.encoder import DESCRIPTORS
from whitelight.ontology import Target
from whitelight.scoring.calibration import MUSIC, VELOCITIES
from whitelight.scoring.engine import Inputs
from whitelight.scoring.fitness import target_fitness
from whitelight.scoring.heads import Array
from whitelight.scoring.scorer import ChromaticScorer, ScoringError

N_PAIRS = 8  # of orders: with 16 walks the error of a contribution is a twentieth of the largest, see experiments.md
SAME = 1e-6  # standard deviations; descriptors as close as this to the middle add nothing
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What made the fitness of one piece.

    Attributes
    ----------
    values : (dim,), descriptors in their own units. fitness : as `ScoreResult.fitness` of MIDI. usual : fitness of the
        catalog's middle. contributions : (dim,), natural log units; they and `usual` sum to the fitness.
    errors : (dim,), standard errors of the contributions, from the spread between pairs of walks.
    """

    values: Floats
    fitness: float
    usual: float
    contributions: Array
    errors: Array

    def strongest(self, n: int) -> list[int]:
        """Columns of the descriptors that moved the fitness most, strongest first."""
        order = np.argsort(-np.abs(self.contributions), kind="stable")[:n]
        return [int(column) for column in order if self.contributions[column] != 0.0]

    def by_group(self) -> dict[str, float]:
        """Sum of the contributions of each group of descriptors, in the order of the table, without those of none."""
        found: dict[str, float] = {}
        for descriptor, value in zip(DESCRIPTORS, self.contributions.tolist(), strict=True):
            if value:
                found[descriptor.group] = found.get(descriptor.group, 0.0) + value
        return found


def explain(
    scorer: ChromaticScorer,
    midi: bytes,
    target: str | Target,
    *,
    middle: Floats,
    view: str = "full",
    velocity: str = "full",
    n_pairs: int = N_PAIRS,
    seed: int = 0,
) -> Explanation:
    """Explain the fitness of one MIDI file.

    Parameters
    ----------
    middle : (dim,), the catalog's middle in this view, in the descriptors' own units; see `distributions`.
    n_pairs : orders tried, each with its reverse. seed : of the orders; the same seed says the same.

    Raises
    ------
    ScoringError : the file cannot be read, or the scorer hears no MIDI.
    """
    if MUSIC not in scorer.experts:
        raise ScoringError(
            "this scorer has no expert for MIDI, so no descriptor can have moved it; train one with MIDI"
        )
    goal = Target.parse(target, scorer.ontology) if isinstance(target, str) else target
    heard = scorer.listener.hear([midi])
    if heard.problems[0] is not None:
        raise ScoringError(heard.problems[0])
    place = np.full(2, scorer.views.index(view))
    both = np.stack([middle, heard.descriptors[0]]).astype(np.float32)
    usual, piece = scorer.parts.scaler.apply(both, place, VELOCITIES.index(velocity))
    moving = np.flatnonzero(np.abs(piece - usual) > SAME)
    orders = _orders(len(moving), n_pairs, np.random.default_rng(seed))
    walks = _walks(usual, piece, moving, orders)
    fitness = midi_fitness(scorer, walks, goal, view=view, velocity=velocity).reshape(len(orders), -1)
    steps = np.zeros_like(orders, dtype=np.float64)
    np.put_along_axis(steps, orders, np.diff(fitness, axis=1), axis=1)
    pairs = steps.reshape(n_pairs, 2, len(moving)).mean(axis=1)
    contributions, errors = np.zeros(len(middle)), np.zeros(len(middle))
    contributions[moving] = pairs.mean(axis=0)
    errors[moving] = pairs.std(axis=0) / max(n_pairs - 1, 1) ** 0.5
    return Explanation(heard.descriptors[0], float(fitness[0, -1]), float(fitness[0, 0]), contributions, errors)


def _orders(n: int, n_pairs: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Orders of n things, each followed by its reverse, (2 n_pairs, n)."""
    forward = rng.permuted(np.tile(np.arange(n), (n_pairs, 1)), axis=1)
    return np.stack([forward, forward[:, ::-1]], axis=1).reshape(2 * n_pairs, n)


def _walks(usual: Floats, piece: Floats, moving: NDArray[np.int64], orders: NDArray[np.int64]) -> Floats:
    """Rows of all walks, one below the other: n + 1 of each, from the middle to the piece."""
    turn = np.argsort(orders, axis=1)  # when each descriptor takes its value
    taken = turn[:, None, :] < np.arange(len(moving) + 1)[None, :, None]
    rows = np.tile(usual, (*taken.shape[:2], 1))
    rows[..., moving] = np.where(taken, piece[moving], usual[moving])
    return rows.reshape(-1, len(usual))


def midi_fitness(scorer: ChromaticScorer, scaled: Floats, goal: Target, *, view: str, velocity: str) -> Array:
    """Return the fitness of standardized descriptors, (n,): the scorer's own session, calibration and target."""
    n = len(scaled)
    vectors = {e: scaled if e == MUSIC else np.zeros((n, scorer.dim(e)), np.float32) for e in scorer.experts}
    present = {e: np.full(n, e == MUSIC) for e in scorer.experts}
    logits = scorer.engine.run(Inputs(n, vectors, present)).logits[MUSIC]
    place, loud = scorer.views.index(view), VELOCITIES.index(velocity)
    log_p = scorer.parts.calibration.calibrated(MUSIC, logits, scorer.heads, loud, place)
    return target_fitness(log_p, scorer.parts.prior, scorer.heads, goal)


def leave_out_lines(
    scorer: ChromaticScorer, lyrics: str, target: str | Target, *, view: str = "lyrics"
) -> Mapping[str, float]:
    """Return how much fitness each line of lyrics adds: that of all lines minus that without it.

    These need not sum to the fitness: two lines may say the same.
    """
    from whitelight.scoring.result import Candidate  # noqa: PLC0415  music needs none

    lines = list(dict.fromkeys(line.strip() for line in lyrics.splitlines() if line.strip()))
    without = ["\n".join(other for other in lines if other != line) for line in lines]
    texts = ["\n".join(lines), *(text for text in without if text)]
    results = scorer.score_batch([Candidate(lyrics=text) for text in texts], target, view=view, velocity="free")
    fitness = {result.index: result.fitness for result in results}
    return {line: fitness[0] - fitness[i] for i, line in enumerate(lines, start=1) if i in fitness}
