"""Marks from a page: written into the review, remembered in the journal, said in words."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.review_marks import FIELDS, Mark, MarkConflictError, Marked, set_marks
from whitelight.studio.candidates import candidate_of, stage_files
from whitelight.studio.journal import Journal, Operation, RefusedError
from whitelight.studio.reading import read_stage_review

_VERBS = {"approved": "approve", "rejected": "reject", "undecided": "leave open"}


def mark_candidates(
    folder: Path, stage: str, marks: Sequence[Mark], journal: Journal, *, client: str, blind: bool
) -> None:
    """Write marks, and remember them as one operation of the client.

    Raises
    ------
    RefusedError : the file says something else than the page showed. ImpossibleMarkError, ReviewError : see `set_marks`.
    """
    with journal.lock(folder):
        try:
            marked = set_marks(folder / stage / REVIEW_FILE, marks, blind=blind)
        except MarkConflictError as err:
            raise RefusedError.of(err) from err
        journal.record(folder, client, Operation(in_words(marked), marks={stage: marked}))


def marked_document(folder: Path, stage: str, ids: Iterable[str]) -> dict[str, Any]:
    """Version of the review and the candidates as they stand now, as in `Marked` of `web/src/types.ts`."""
    where, asked = folder / stage, set(ids)
    read, files = read_stage_review(where), stage_files(where)
    entries = [entry for entry in read.review.entries if entry.candidate_id in asked]
    return {"version": read.version, "candidates": [candidate_of(entry, where, files) for entry in entries]}


def in_words(marked: Marked) -> str:
    """What was done: "approve and label verse-g1-5a1bf330", "reject 3 candidates", "mark 3 candidates"."""
    said = [mark for mark in marked.marks if mark.field in FIELDS]
    names = list(dict.fromkeys(mark.candidate_id for mark in said))
    verbs = list(dict.fromkeys(_verb(mark) for mark in said))
    if len(names) == 1:
        return f"{' and '.join(verbs)} {names[0]}"
    return f"{verbs[0] if len(verbs) == 1 else 'mark'} {len(names)} candidates"


def _verb(mark: Mark) -> str:
    if mark.field == "status":
        return _VERBS[str(mark.to)]
    if mark.field == "rating":
        return f"rate {mark.to}" if mark.to else "take the rating from"
    if mark.field == "wish":
        return f"wish for {mark.to} like" if mark.to else "take the wish from"
    return {"label": "label", "notes": "note on"}[mark.field]
