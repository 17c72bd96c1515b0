"""What a stage reports: counts, spreads, weights, ids."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.fitness import INFORMATIVE, NO_BAND, UNINFORMATIVE, FitnessWeights


@dataclass(frozen=True, slots=True)
class SectionReport:
    """One section's search.

    Attributes
    ----------
    n_scored : candidates judged in all generations. n_written : files.
    kept : ids of the diverse few. match_first : of the first generation, match_written : of those written, match_kept :
        of those kept; NaN without target.
    weights : what every part of the fitness was worth.
    """

    name: str
    n_scored: int
    n_written: int
    kept: tuple[str, ...]
    match_first: tuple[float, ...]
    match_written: tuple[float, ...]
    match_kept: tuple[float, ...]
    weights: FitnessWeights

    @property
    def match_spread(self) -> float | None:
        """Standard deviation of match inside the first generation, None without a target."""
        return _spread(self.match_first)

    def terms_with(self, status: str) -> list[str]:
        """Names of the theory terms with a status of `fitness`."""
        return [name for name, weight in self.weights.theory.items() if weight.status == status]

    def record(self) -> dict[str, Any]:
        """Plain data for `search.yml` and the report."""
        taste = {} if self.weights.taste is None else {"taste": self.weights.taste}
        weights = {"chromatic": self.weights.chromatic, **taste, **self.weights.theory}
        return {
            "n_scored": self.n_scored,
            "n_written": self.n_written,
            "kept": list(self.kept),
            "match": {
                "mean": _mean(self.match_first),
                "spread": self.match_spread,
                "spread_of_written": _spread(self.match_written),
                "mean_of_kept": _mean(self.match_kept),
            },
            "novelty_limit": _rounded(self.weights.novelty_limit),
            "weights": {
                name: {key: _rounded(value) if isinstance(value, float) else value for key, value in asdict(w).items()}
                for name, w in weights.items()
            },
        }


@dataclass(frozen=True, slots=True)
class StageReport:
    """What `compose_stage` did.

    Attributes
    ----------
    stage : name of the stage. target : what was composed for, None when theory decided alone. added : ids that are new in `review.yml`; a repeated run adds none.
    """

    stage: str
    out: Path
    sections: tuple[SectionReport, ...]
    added: tuple[str, ...]
    problems: tuple[str, ...]
    target: str | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """Ids of the diverse few of all sections."""
        return tuple(name for section in self.sections for name in section.kept)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight compose run --json``."""
        return {
            "out": str(self.out),
            "stage": self.stage,
            "n_candidates": sum(section.n_written for section in self.sections),
            "n_scored": sum(section.n_scored for section in self.sections),
            "n_added": len(self.added),
            "kept": list(self.kept),
            "sections": {section.name: section.record() for section in self.sections},
            "problems": list(self.problems),
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        for section in self.sections:
            match = "no target" if section.match_spread is None else f"match spread {section.match_spread:.2f}"
            yield f"{section.name}: {section.n_scored} scored, {section.n_written} written, {match}"
            yield f"  kept: {', '.join(section.kept)}"
            for status in (UNINFORMATIVE, NO_BAND):
                if section.terms_with(status):
                    yield f"  {status}: {', '.join(section.terms_with(status))}"
            yield f"  weighed: {', '.join(section.terms_with(INFORMATIVE))}"
        yield f"{len(self.added)} new in {self.out}/{self.stage}/review.yml"
        yield from self.problems


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def _mean(values: Sequence[float]) -> float | None:
    return _rounded(np.mean(_known(values))) if _known(values) else None


def _spread(values: Sequence[float]) -> float | None:
    return _rounded(np.std(_known(values))) if _known(values) else None


def _rounded(value: Any) -> float:
    return round(float(value), 4)
