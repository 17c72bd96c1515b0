"""What made a candidate what the scorer says it is: the document behind "What made it …".

Judged exactly as composing judged it: the stage's view, loudness left out, the song's target. Of music the descriptors
are named that moved the fitness most; of lyrics the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stages import find_stage
from whitelight.encoders.descriptors.encoder import DESCRIPTORS
from whitelight.errors import WhitelightError
from whitelight.files import inside, read_text
from whitelight.ontology import Target
from whitelight.scoring import Candidate, ChromaticScorer, ScoreResult
from whitelight.scoring.calibration import MUSIC
from whitelight.scoring.distributions import Distributions, Spread, distributions_of
from whitelight.scoring.explaining import N_PAIRS, Explanation, explain, leave_out_lines
from whitelight.scoring.fitness import class_affinity
from whitelight.studio.descriptor_words import readable
from whitelight.studio.errors import NotThereError, StudioError

N_NAMED = 12  # descriptors that are named
VELOCITY = "free"
_VIEWS = {"harmony": "full"}  # other stages are heard as what they are, as their crafts say


class NoSuchCandidateError(NotThereError):
    """A candidate that is not in the review of its stage."""


class NothingToExplainError(StudioError):
    """A candidate about which the scorer says nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the candidate as composing judged it."""

    entry: ReviewEntry
    midi: bytes
    lyrics: str
    goal: Target
    view: str


def why(
    folder: Path, stage: str, candidate_id: str, *, scorer: ChromaticScorer, distributions: Distributions | None
) -> dict[str, Any]:
    """Explain one candidate; the shape is `Why` of the page's types.

    Parameters
    ----------
    distributions : of the catalog the scorer learned from; without them no descriptor is named, and `note` says so.

    Raises
    ------
    NoSuchCandidateError, NothingToExplainError : it is not there, or the scorer has nothing to say about it.
    """
    asked = question(folder, stage, candidate_id, scorer)
    material = Candidate(lyrics=asked.lyrics) if asked.lyrics else asked.midi
    result = scorer.score_batch([material], asked.goal, view=asked.view, velocity=VELOCITY)[0]
    if result.error is not None:
        raise NothingToExplainError(f"{candidate_id}: {result.error}")
    plain = result.to_dict()
    told = {name: plain[name] for name in ("fitness", "match", "confidence", "novelty", "axes", "classes")}
    told = {"id": candidate_id, "target": asked.goal.text, **told, "experts": _terms(result.contributions)}
    if asked.lyrics:
        return told | _of_lines(asked, scorer)
    return told | _of_music(asked, scorer, result, distributions)


def question(folder: Path, stage: str, candidate_id: str, scorer: ChromaticScorer) -> Question:
    """Read the candidate and what it was composed for; raises as `why`."""
    name = find_stage(stage).name
    entries = read_review(folder / name / REVIEW_FILE).entries
    entry = next((entry for entry in entries if entry.candidate_id == candidate_id), None)
    if entry is None:
        raise NoSuchCandidateError(f"{name}/{REVIEW_FILE}: no candidate '{candidate_id}'; see the ids listed there")
    sheet = read_song_sheet(folder)
    wish = sheet.target or sheet.class_name
    if not wish:
        raise NothingToExplainError(f"'{sheet.title}' aims at no class, so nothing made it one; name one in song.yml")
    file = inside(folder / name, entry.file, source=f"{name}/{REVIEW_FILE}")
    words = file.with_suffix(".txt")
    try:
        midi = file.read_bytes()
        lyrics = read_text(words).strip() if name == "lyrics" and words.exists() else ""
    except OSError as err:
        raise NoSuchCandidateError(f"{name}/{entry.file}: {err.strerror}; compose it again") from err
    goal = Target.parse(wish, scorer.ontology)
    return Question(entry, midi, lyrics, goal, _VIEWS.get(name, name))


def _of_lines(asked: Question, scorer: ChromaticScorer) -> dict[str, Any]:
    lines = leave_out_lines(scorer, asked.lyrics, asked.goal, view=asked.view)
    return {
        "usual": None,
        "groups": _terms(lines),
        "descriptors": [],
        "note": "Each line: fitness of all lines minus fitness without it. Lines that say the same share what they say.",
    }


def _of_music(
    asked: Question, scorer: ChromaticScorer, result: ScoreResult, distributions: Distributions | None
) -> dict[str, Any]:
    shown = _view_shown(asked.view, distributions)
    everyone = None if distributions is None else distributions.spread(shown)
    if MUSIC not in result.contributions or everyone is None or distributions is None:
        lack = "the scorer hears no MIDI" if MUSIC not in result.contributions else _NO_CATALOG
        return {"usual": None, "groups": [], "descriptors": [], "note": f"No descriptor can be named: {lack}."}
    found = explain(
        scorer, asked.midi, asked.goal, middle=everyone.median, view=asked.view, velocity=VELOCITY, n_pairs=N_PAIRS
    )
    inside_, outside = _sides(asked.goal, scorer, distributions, shown, everyone)
    return {
        "usual": found.usual,
        "groups": _terms(found.by_group()),
        "descriptors": [_descriptor(column, found, inside_, outside) for column in found.strongest(N_NAMED)],
        "note": _NOTE.format(n=2 * N_PAIRS, error=float(found.errors.max()), view=shown),
    }


_NO_CATALOG = (
    "the model does not hold how its catalog is spread, and its dataset is not here; train it again, or give --dataset"
)
_NOTE = (
    "Shapley values on the model itself: descriptors were set from the catalog's middle ({view}) to this candidate's in "
    "{n} orders, in one batch; the middle and all contributions sum to the fitness, each is sure to ±{error:.2f}."
)


def _view_shown(view: str, distributions: Distributions | None) -> str:
    """The view a candidate is laid beside: its own, or whole music where the catalog has no parts."""
    has_own = distributions is None or distributions.n_songs[distributions.views.index(view)].any()
    return view if has_own else "full"


def _sides(
    goal: Target, scorer: ChromaticScorer, distributions: Distributions, view: str, everyone: Spread
) -> tuple[Spread, Spread]:
    """The target's part of the catalog and the others; everyone where one of them is empty."""
    agreement = scorer.parts.calibration.agreement
    affinity = class_affinity(goal, agreement.targets, agreement.known, scorer.heads)
    own = distributions.spread(view, affinity)
    others = distributions.spread(view, np.where(affinity > 0, 0.0, 1.0))
    return own or everyone, others or everyone


def _descriptor(column: int, found: Explanation, own: Spread, others: Spread) -> dict[str, Any]:
    value, words = float(found.values[column]), readable(DESCRIPTORS[column])
    return {
        "name": DESCRIPTORS[column].name,
        "meaning": words.meaning,
        "unit": words.unit,
        "value": words.shown(value),
        "contribution": float(found.contributions[column]),
        "class_quantiles": [words.shown(each) for each in own.shown(column)],
        "other_quantiles": [words.shown(each) for each in others.shown(column)],
        "percentile": 100.0 * own.share_below(column, value),
        "other_percentile": 100.0 * others.share_below(column, value),
    }


def _terms(values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "contribution": float(value)} for name, value in values.items()]


@lru_cache(maxsize=4)
def catalog_of(model: Path, dataset: Path | None) -> Distributions | None:
    """How the catalog of a model is spread, read once; None where neither the model nor its dataset says."""
    places: Sequence[Path] = () if dataset is None else (dataset,)
    try:
        return distributions_of(model, *places)
    except WhitelightError:
        return None
