"""More candidates: fresh ones under another seed, or children of those the human liked.

Both append to the review. What was rejected, or wished for less, counts as material to keep away from, with the reason
shown.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from whitelight.composition.composing import compose_stage
from whitelight.composition.material import Material
from whitelight.composition.production import GENOMES_FILE, REVIEW_FILE, SEARCH_FILE
from whitelight.composition.report import StageReport
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.scorer import BatchScorer
from whitelight.composition.section_search import Effort
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stages import find_stage, genome_reader
from whitelight.composition.workshop import Styles
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text
from whitelight.progress import Progress, silent
from whitelight.scoring.taste import Taste

LIKED_RATING = 4  # of 5
_SEED = re.compile(r"\bseed (\d+)")


class NothingLikedError(WhitelightError):
    """Evolution has nothing to begin from."""


def regenerate(
    folder: Path,
    stage: str,
    *,
    scorer: BatchScorer,
    seed: int | None = None,
    sections: Sequence[str] = (),
    effort: Effort | None = None,
    styles: Styles | None = None,
    taste: Taste | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> StageReport:
    """Compose a stage anew under a seed that was not used yet (or `seed`); raises like `compose_stage`."""
    return compose_stage(
        folder,
        stage,
        scorer=scorer,
        seed=next_seed(folder, stage) if seed is None else seed,
        sections=sections,
        effort=effort,
        styles=styles,
        avoid=rejected_material(folder, stage),
        taste=taste,
        force=force,
        progress=progress,
    )


def evolve(
    folder: Path,
    stage: str,
    *,
    scorer: BatchScorer,
    sections: Sequence[str] = (),
    like: Sequence[str] = (),
    effort: Effort | None = None,
    styles: Styles | None = None,
    taste: Taste | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> StageReport:
    """Breed from candidates that are approved, wished for or rated at least `LIKED_RATING`, or from those named in `like`.

    Only sections with something liked are bred; they are searched from these genomes on.

    Raises
    ------
    NothingLikedError : no candidate of the stage is liked, or an id in `like` is not known.
    """
    liked = liked_genomes(folder, stage, like)
    chosen = [part for part, (section, _) in liked.items() if not sections or {part, section} & set(sections)]
    if not chosen:
        where = f" in {', '.join(sections)}" if sections else ""
        raise NothingLikedError(
            f"{stage}: nothing is liked{where}; approve a candidate, rate it {LIKED_RATING} or more or wish for "
            f"more like it in {stage}/{REVIEW_FILE}"
        )
    return compose_stage(
        folder,
        stage,
        scorer=scorer,
        seed=next_seed(folder, stage),
        sections=chosen,
        effort=effort,
        styles=styles,
        seeds={part: genomes for part, (_, genomes) in liked.items()},
        avoid=rejected_material(folder, stage),
        taste=taste,
        force=force,
        progress=progress,
    )


def next_seed(folder: Path, stage: str) -> int:
    """The first seed after all that were used for a stage; the song's own when none was."""
    path = folder / find_stage(stage).name / SEARCH_FILE
    runs = (load_yaml(path) or {}).get("runs") or {} if path.exists() else {}
    used = [int(found[1]) for found in map(_SEED.search, map(str, runs)) if found]
    return max(used) + 1 if used else read_song_sheet(folder).seed


def liked_genomes(folder: Path, stage: str, like: Sequence[str] = ()) -> dict[str, tuple[str, list[Any]]]:
    """Part ("verse a") → its section, and the genomes that are liked there, in the order of the review.

    Raises
    ------
    NothingLikedError : an id of `like` is not in the review.
    """
    review = read_review(folder / stage / REVIEW_FILE)
    unknown = sorted(set(like) - review.ids)
    if unknown:
        raise NothingLikedError(f"{stage}: no candidate is called '{unknown[0]}'; see {stage}/{REVIEW_FILE}")
    remembered, read = _remembered(folder, stage), genome_reader(stage)
    liked: dict[str, tuple[str, list[Any]]] = {}
    for entry in review.entries:
        one = remembered.get(entry.candidate_id)
        if one is not None and (entry.candidate_id in like if like else is_liked(entry)):
            part = f"{entry.section} {entry.variant}".strip()
            liked.setdefault(part, (entry.section, []))[1].append(read(one["genome"]))
    return liked


def is_liked(entry: ReviewEntry) -> bool:
    """Whether the human approved it, rated it well, or wished for more like it; a rejection outweighs both others."""
    rated = isinstance(entry.rating, int | float) and not isinstance(entry.rating, bool)
    is_wished = entry.wish == "more" or (rated and entry.rating >= LIKED_RATING and entry.wish != "less")
    return entry.status == "approved" or (is_wished and entry.status != "rejected")


def rejected_material(folder: Path, stage: str) -> tuple[Material, ...]:
    """Runs of what the human rejected in this song, and of what there shall be less of, with the reason."""
    review, remembered = read_review(folder / stage / REVIEW_FILE), _remembered(folder, stage)
    reasons = ((entry.candidate_id, _reason_against(entry)) for entry in review.entries)
    return tuple(
        Material(reason, name, frozenset(remembered[name]["runs"]))
        for name, reason in reasons
        if reason and name in remembered
    )


def _reason_against(entry: ReviewEntry) -> str:
    """Why new music keeps away from a candidate, "" when it need not; what is approved is wanted whatever else is said."""
    if entry.status == "rejected":
        return "rejected here"
    return "less like this" if entry.wish == "less" and entry.status != "approved" else ""


def _remembered(folder: Path, stage: str) -> dict[str, Mapping[str, Any]]:
    """Candidate id → its line of `genomes.jsonl`."""
    path = folder / stage / GENOMES_FILE
    lines = read_text(path).splitlines() if path.exists() else []
    found = (json.loads(line) for line in lines if line.strip())
    return {str(one["id"]): one for one in found}
