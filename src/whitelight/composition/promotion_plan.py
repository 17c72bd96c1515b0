"""What promotion would do, looked at before it is done: every copy, every refusal at once; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whitelight.composition.automatic_choice import read_choice
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.promotion import approved_name, candidate_bytes, known_contents
from whitelight.composition.review import ReviewEntry, ReviewError, read_review
from whitelight.composition.stages import STAGE_NAMES

NEW, CHANGED, SAME, EDITED = "new", "changed", "same", "edited"


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """One approved candidate and the file it becomes.

    Attributes
    ----------
    source, target : below the song's folder. state : new; changed, another candidate stands there; same; edited, somebody
        changed the file there, which is left as it is.
    """

    stage: str
    candidate_id: str
    source: str
    target: str
    state: str


@dataclass(frozen=True, slots=True)
class PromotionPlan:
    """What `promote` would do.

    Attributes
    ----------
    stale : approved files without an approved entry, which stay. refusals : why nothing would be copied at all.
    problems : odd entries and how they are understood.
    """

    copies: tuple[PlannedCopy, ...]
    stale: tuple[str, ...]
    refusals: tuple[str, ...]
    problems: tuple[str, ...]


def plan_promotion(folder: Path) -> PromotionPlan:
    """Look at the reviews of all stages of a production folder."""
    copies, stale, refusals, problems = list[PlannedCopy](), list[str](), list[str](), list[str]()
    for stage in STAGE_NAMES:
        try:
            review = read_review(folder / stage / REVIEW_FILE)
        except ReviewError as err:
            refusals.append(f"{stage}: {err}")
            continue
        problems += [f"{stage}: {problem}" for problem in review.problems]
        named: dict[str, list[ReviewEntry]] = {}
        for entry in review.entries:
            if entry.status == "approved":
                named.setdefault(f"{approved_name(entry)}.mid", []).append(entry)
        for copy in _copies(folder / stage, named):
            (refusals if isinstance(copy, str) else copies).append(copy)  # type: ignore[arg-type]  # one or the other
        stale += [f"{stage}/{name}" for name in _stale(folder / stage, named)]
    return PromotionPlan(tuple(copies), tuple(stale), tuple(refusals), tuple(problems))


def _copies(stage: Path, named: dict[str, list[ReviewEntry]]) -> Iterator[PlannedCopy | str]:
    """What is copied, or the sentence that says why it is not."""
    ours: set[bytes] | None = None
    for name, entries in named.items():
        first = entries[0]
        if len(entries) > 1:
            ids = ", ".join(f"'{entry.candidate_id}'" for entry in entries)
            label = first.label or first.variant or first.candidate_id
            yield (
                f"{stage.name}: {ids} are all approved in section '{first.section}' as '{label}'; give them different "
                "labels, or reject all but one"
            )
            continue
        try:
            data = candidate_bytes(stage, first)
        except ReviewError as err:
            yield f"{stage.name}: {err}"
            continue
        target = stage / "approved" / name
        there = target.read_bytes() if target.is_file() else None
        if there is not None and there != data and ours is None:
            ours = known_contents(stage)
        state = NEW if there is None else SAME if there == data else CHANGED if there in (ours or ()) else EDITED
        yield PlannedCopy(
            stage.name, first.candidate_id, f"{stage.name}/{first.file}", f"{stage.name}/approved/{name}", state
        )


def _stale(stage: Path, named: dict[str, list[ReviewEntry]]) -> list[str]:
    chosen = {f"{name}.mid" for name in read_choice(stage)}
    return [file.name for file in sorted((stage / "approved").glob("*.mid")) if file.name not in {*named, *chosen}]
