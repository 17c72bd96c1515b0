"""One stage as the page shows it: every candidate with what was measured, what people said, and where it stands."""

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.automatic_choice import chosen_by_machine, read_choice
from whitelight.composition.review import ReviewEntry
from whitelight.files import UnreadableFileError, UnsafePathError, inside
from whitelight.studio.library import known_stage
from whitelight.studio.reading import StageReview, newest_weights, read_stage_review

USUAL_LABELS = ("a", "b", "c")
_NAMED = {
    "terms", "measures", "fitness", "match", "novelty", "confidence", "axes", "parents", "generation", "seed", "kept",
    "like", "adopted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageFiles:
    """What lies beside a review.

    Attributes
    ----------
    there : names in `candidates/`. promoted : candidate file name → name in `approved/` with the same content.
    chosen : ids that `--auto` chose and nobody has touched since. problems : what of it could not be read.
    """

    there: frozenset[str]
    promoted: Mapping[str, str]
    chosen: frozenset[str]
    problems: tuple[str, ...] = ()


def stage_document(folder: Path, song_id: str, stage: str) -> dict[str, Any]:
    """Everything of one stage, as `StageDocument` of `web/src/types.ts`.

    Raises
    ------
    NotThereError : no such stage. ReviewError : its review cannot be read.
    """
    where = folder / known_stage(stage)
    read = read_stage_review(where)
    files = stage_files(where)
    candidates = [candidate_of(entry, where, files) for entry in read.review.entries]
    problems = [*read.review.problems, *files.problems, *_forgotten(read, files, stage)]
    try:
        weights = newest_weights(where)
    except UnreadableFileError as err:
        weights = {}
        problems.append(f"{stage}/{err}; the weights of the fitness are not known")
    return {
        "song": song_id,
        "stage": stage,
        "version": read.version,
        "candidates": candidates,
        "measures": ranges(candidate["measures"] for candidate in candidates),
        "labels": labels_of(folder, read),
        "weights": weights,
        "problems": problems,
    }


def candidate_of(entry: ReviewEntry, where: Path, files: StageFiles) -> dict[str, Any]:
    """One candidate."""
    machine = entry.item.get("machine")
    facts: Mapping[str, Any] = machine if isinstance(machine, dict) else {}
    name = entry.file.removeprefix("candidates/")
    return {
        "id": entry.candidate_id,
        "section": entry.section,
        "variant": entry.variant,
        "file": entry.file,
        "exists": name in files.there or _is_file(where, entry.file),
        "status": entry.status,
        "stated": entry.stated,
        "label": entry.label,
        "rating": _number(entry.rating),
        "notes": entry.notes,
        "wish": entry.wish,
        "blind": entry.blind,
        "kept": facts.get("kept") is True,
        "by_hand": machine is None or facts.get("adopted") is True,
        "generation": _whole(facts.get("generation")),
        "seed": _whole(facts.get("seed")),
        "parents": _texts(facts.get("parents")),
        "like": None if facts.get("like") is None else str(facts["like"]),
        "fitness": _number(facts.get("fitness")),
        "match": _number(facts.get("match")),
        "novelty": _number(facts.get("novelty")),
        "confidence": _number(facts.get("confidence")),
        "axes": _axes(facts.get("axes")),
        "terms": _numbers(facts.get("terms")),
        "measures": _numbers(facts.get("measures")),
        "facts": {str(key): _plain(value) for key, value in facts.items() if key not in _NAMED},
        "promoted": files.promoted.get(name),
        "auto": entry.candidate_id in files.chosen,
    }


def _forgotten(read: StageReview, files: StageFiles, stage: str) -> list[str]:
    """A review that was emptied while its candidates are still there."""
    n_files = sum(name.endswith(".mid") for name in files.there)
    if read.review.entries or n_files == 0:
        return []
    found = f"{stage}/review.yml lists no candidate, though {n_files} files lie in {stage}/candidates"
    return [f"{found}; restore it from a copy to keep your marks"]


def stage_files(where: Path) -> StageFiles:
    """Look at `candidates/` and `approved/` of a stage."""
    sizes = _sizes(where / "candidates")
    approved = {name[:-4]: size for name, size in _sizes(where / "approved").items() if name.endswith(".mid")}
    promoted: dict[str, str] = {}
    for name, size in sorted(approved.items()):
        alike = [one for one, its_size in sizes.items() if its_size == size and one.endswith(".mid")]
        data = (where / "approved" / f"{name}.mid").read_bytes() if alike else b""
        for one in alike:
            if (where / "candidates" / one).read_bytes() == data:
                promoted.setdefault(one, name)
    problems: tuple[str, ...] = ()
    try:
        by_machine = chosen_by_machine(where)
        chosen = {one for name, one in read_choice(where).items() if name in by_machine}
    except UnreadableFileError as err:
        chosen, problems = set(), (f"{where.name}/{err}; what --auto chose is not known",)
    return StageFiles(frozenset(sizes), promoted, frozenset(chosen), problems)


def _sizes(folder: Path) -> dict[str, int]:
    try:
        with os.scandir(folder) as entries:
            return {e.name: e.stat().st_size for e in entries if e.is_file(follow_symlinks=False)}
    except OSError:
        return {}


def ranges(measures: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """Least and greatest value of every measure."""
    found: dict[str, list[float]] = {}
    for one in measures:
        for name, value in one.items():
            low, high = found.setdefault(name, [value, value])
            found[name] = [min(low, value), max(high, value)]
    return found


def labels_of(folder: Path, read: StageReview) -> list[str]:
    """Labels in use in the stage and among approved chords, then the usual ones."""
    used = {entry.label for entry in read.review.entries} | {entry.variant for entry in read.review.entries}
    used |= {name[:-4].rsplit("_", 1)[-1] for name in _sizes(folder / "chords" / "approved") if name.endswith(".mid")}
    return [*sorted(used - {""}), *(label for label in USUAL_LABELS if label not in used)]


def _is_file(where: Path, file: str) -> bool:
    try:
        return inside(where, file, source="review.yml").is_file()
    except (UnsafePathError, OSError, ValueError):
        return False


def _number(value: Any) -> float | int | None:
    """The value when it is a number that JSON can say."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _numbers(value: Any) -> dict[str, float]:
    found = {str(key): _number(one) for key, one in value.items()} if isinstance(value, dict) else {}
    return {key: one for key, one in found.items() if one is not None}


def _axes(value: Any) -> dict[str, dict[str, float]] | None:
    return {str(axis): _numbers(modes) for axis, modes in value.items()} if isinstance(value, dict) else None


def _plain(value: Any) -> Any:
    """The value as JSON can say it: dates and the like as text, numbers that are none as null."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
