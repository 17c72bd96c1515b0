"""Promotion from a page: what would be copied, and copying it as an operation that can be undone."""

from pathlib import Path
from typing import Any

from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.promotion import promote
from whitelight.composition.promotion_plan import plan_promotion
from whitelight.composition.stages import STAGE_NAMES
from whitelight.studio.errors import public
from whitelight.studio.journal import Journal, Operation, read_or_none


def promotion_document(folder: Path) -> dict[str, Any]:
    """What would be copied, as `PromotionPlan` of `web/src/types.ts`."""
    plan = plan_promotion(folder)
    copies = [
        {"stage": c.stage, "id": c.candidate_id, "from": c.source, "to": c.target, "state": c.state}
        for c in plan.copies
    ]
    said = {name: [public(one) for one in getattr(plan, name)] for name in ("stale", "refusals", "problems")}
    return {"copies": copies, **said}


def promote_approved(folder: Path, journal: Journal, client: str) -> dict[str, Any]:
    """Copy what is approved, as `PromotionReport` of `web/src/types.ts` without its history.

    Raises
    ------
    ReviewError : nothing was composed yet, or promotion is refused; nothing was copied.
    """
    with journal.lock(folder):
        before = _approved(folder)
        report = promote(folder)
        after = _approved(folder)
        files = {name: (before.get(name), after.get(name)) for name in {*before, *after}}
        changed = {name: both for name, both in sorted(files.items()) if both[0] != both[1]}
        n_music = sum(name.endswith(".mid") for name in changed)
        words = f"promote {n_music} part{'' if n_music == 1 else 's'}" if n_music else "promote words"
        journal.record(folder, client, Operation(words, changed))
    return report.to_dict()


def _approved(folder: Path) -> dict[str, bytes]:
    """Every file of `approved/` of the stages that have a review."""
    stages = [folder / stage for stage in STAGE_NAMES if (folder / stage / REVIEW_FILE).exists()]
    files = [file for stage in stages for file in sorted((stage / "approved").glob("*")) if file.name[0] != "."]
    read = {file.relative_to(folder).as_posix(): read_or_none(file) for file in files}
    return {name: data for name, data in read.items() if data is not None}
