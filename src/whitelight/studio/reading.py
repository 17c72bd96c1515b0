"""The files of a stage as the studio reads them: review, and record of the search."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from whitelight.composition.production import REVIEW_FILE, SEARCH_FILE
from whitelight.composition.review import Review, read_review
from whitelight.files import load_yaml, read_text, sha256_of


@dataclass(frozen=True, slots=True)
class StageReview:
    """A review as it was read, and the hash of its text by which the page knows it."""

    review: Review
    version: str


def read_stage_review(stage: Path) -> StageReview:
    """Read `review.yml` of a stage; a missing one is empty.

    Raises
    ------
    ReviewError : it cannot be read; the message carries the line.
    """
    review = read_review(stage / REVIEW_FILE)
    return StageReview(review, review_version(review.text))


def review_version(text: str) -> str:
    """Hash of a review file's text, as the page knows it."""
    return sha256_of((text.encode(),))[:16]


def newest_weights(stage: Path) -> dict[str, float]:
    """Weight of every term in the fitness of the latest run, the mean over its sections."""
    path = stage / SEARCH_FILE
    return _weights(read_text(path)) if path.exists() else {}


@lru_cache(maxsize=64)  # a record grows with every run, to 100 kB
def _weights(text: str) -> dict[str, float]:
    content = load_yaml(Path(SEARCH_FILE), text)
    runs = content.get("runs") if isinstance(content, dict) else None
    if not isinstance(runs, dict) or not runs:
        return {}
    latest = runs[next(reversed(runs))]
    found: dict[str, list[float]] = {}
    for section in latest.values() if isinstance(latest, dict) else ():
        weights = section.get("weights") if isinstance(section, dict) else None
        for term, one in weights.items() if isinstance(weights, dict) else ():
            value = one.get("weight") if isinstance(one, dict) else one
            if isinstance(value, int | float) and math.isfinite(value):
                found.setdefault(str(term), []).append(float(value))
    return {term: round(sum(values) / len(values), 4) for term, values in found.items()}
