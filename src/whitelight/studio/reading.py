"""The files of a stage as the studio reads them: review, choice of the machine, record of the search."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.composition.automatic_choice import AUTO_FILE
from whitelight.composition.production import REVIEW_FILE, SEARCH_FILE
from whitelight.composition.review import Review, read_review
from whitelight.files import load_yaml, read_text, sha256_of

_PAIR = re.compile(r'"([ -!#-\[\]-~]{1,200})": "([ -!#-\[\]-~]*)"')  # without anything that would have to be escaped


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


def read_auto(stage: Path) -> dict[str, str]:
    """What `--auto` chose: name in `approved/` → candidate."""
    path = stage / AUTO_FILE
    content = choice_of(read_text(path)) if path.exists() else {}
    return {str(name): str(one) for name, one in content.items()}


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


@lru_cache(maxsize=1024)
def choice_of(text: str) -> dict[Any, Any]:
    """The content of an `auto.yml`; empty when it is no mapping."""
    plain = _pairs(text)
    if plain is not None:
        return plain
    content = load_yaml(Path(AUTO_FILE), text)
    return content if isinstance(content, dict) else {}


def _pairs(text: str) -> dict[str, str] | None:
    """A file of one ``"name": "value"`` per line, as whitelight writes it; None when it holds anything else.

    Saves 2 ms a file, which a hundred songs of six stages have six hundred times.
    """
    found: dict[str, str] = {}
    for line in text.splitlines() if text.isascii() else ("?",):
        if line.startswith("#"):
            continue
        pair = _PAIR.fullmatch(line)
        if pair is None or pair[1] in found:
            return None
        found[pair[1]] = pair[2]
    return found or None
