"""What a stage asks of a scorer: the contract, not the class.

`whitelight.scoring.ChromaticScorer` keeps it; anything that ranks bytes the same way may stand in.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from whitelight.scoring import Candidate

VIEW, VELOCITY = "chords", "free"  # chords are judged as chords, and loudness cannot buy a score


class Verdict(Protocol):
    """One candidate's score.

    It may also have `confidence`, the probability that the most likely class is right, and `axes`, axis → mode →
    probability; where a scorer knows neither, nothing is recorded of them.
    """

    @property
    def index(self) -> int:
        """Position among the candidates as given."""

    @property
    def fitness(self) -> float:
        """Log-likelihood ratio of the target against the rest; NaN without a target."""

    @property
    def match(self) -> float:
        """Share of the catalog's own held-out segments of the target that score lower."""

    @property
    def novelty(self) -> float:
        """Share of held-out rows that are less unlike the rest than this."""

    @property
    def error(self) -> str | None:
        """Why there is no verdict."""


class BatchScorer(Protocol):
    """Ranks a batch of MIDI files for a target."""

    def score_batch(
        self, candidates: Sequence[Any], target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> Sequence[Verdict]:
        """Return one verdict per candidate, best first."""


@dataclass(frozen=True, slots=True)
class Chromatic:
    """What the search keeps of a verdict; NaN, None or nothing where there is none."""

    fitness: float
    match: float
    novelty: float
    error: str | None
    confidence: float | None = None
    axes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


class DeafScorer:
    """Stands in where the real scorer has never heard music: no verdict on anything, so theory alone decides."""

    def score_batch(
        self, candidates: Sequence[Any], _target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> Sequence[Verdict]:
        """Return a verdict without numbers for every candidate."""
        del view, velocity
        return [_NoVerdict(index) for index in range(len(candidates))]


@dataclass(frozen=True, slots=True)
class SilencedScorer:
    """Stands in where the real scorer must not be asked, and says why: composing then goes by theory alone."""

    ontology: Any
    reason: str

    def score_batch(
        self, candidates: Sequence[Any], _target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> Sequence[Verdict]:
        """Return the reason for every candidate."""
        del view, velocity
        return [_NoVerdict(index, error=self.reason) for index in range(len(candidates))]


@dataclass(frozen=True, slots=True)
class _NoVerdict:
    index: int
    fitness: float = math.nan
    match: float = math.nan
    novelty: float = math.nan
    error: str | None = None


def score_in_order(
    scorer: BatchScorer, files: Sequence[bytes], target: Any, *, view: str = VIEW, lyrics: Sequence[str] = ()
) -> list[Chromatic]:
    """Score MIDI files as they will be written and return the verdicts in the order of `files`.

    Parameters
    ----------
    lyrics : words of each candidate, which are scored instead of its music; empty to score the music.
    """
    if not files:
        return []
    candidates: Sequence[Any] = [Candidate(lyrics=words) for words in lyrics] if any(lyrics) else files
    verdicts = scorer.score_batch(candidates, target, view=view, velocity=VELOCITY)
    by_index = {verdict.index: verdict for verdict in verdicts}
    return [_kept(by_index[index]) for index in range(len(files))]


def _kept(verdict: Verdict) -> Chromatic:
    confidence = getattr(verdict, "confidence", None)
    return Chromatic(
        fitness=float(verdict.fitness),
        match=float(verdict.match),
        novelty=float(verdict.novelty),
        error=verdict.error,
        confidence=None if confidence is None or math.isnan(confidence) else float(confidence),
        axes=getattr(verdict, "axes", {}),
    )
