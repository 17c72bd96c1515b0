"""Promotion: what the human approved is copied to `approved/`, and nothing is ever removed there.

All refusals come before the first write. A file in `approved/` that no longer answers to an approved entry is reported
and left; a file that a human has edited there is reported and left too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.production import REVIEW_FILE, SONG_FILE, slug, write_when_new
from whitelight.composition.review import Review, ReviewEntry, ReviewError, read_review
from whitelight.files import UnsafePathError, inside


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """What `promote` did; iterating gives the approved files.

    Attributes
    ----------
    approved : one file per approved entry. written : those that are new or changed.
    edited : differ from the candidate because someone edited them in place; left as they are.
    stale : in `approved/` without an approved entry; left as they are.
    problems : odd entries of the review file and how they were understood.
    """

    approved: tuple[Path, ...]
    written: tuple[Path, ...]
    edited: tuple[Path, ...]
    stale: tuple[Path, ...]
    problems: tuple[str, ...]

    def __iter__(self) -> Iterator[Path]:
        return iter(self.approved)

    def __len__(self) -> int:
        return len(self.approved)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; files by name."""
        names = {
            name: [path.name for path in getattr(self, name)] for name in ("approved", "written", "edited", "stale")
        }
        return {**names, "problems": list(self.problems)}

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        yield f"{len(self.approved)} approved, {len(self.written)} written"
        yield from (f"{path.name}: edited by hand, left as it is" for path in self.edited)
        yield from (
            f"{path.name}: no longer approved; left there, delete it if you do not want it" for path in self.stale
        )
        yield from self.problems


def promote(folder: Path) -> PromotionReport:
    """Copy approved chord candidates to `chords/approved/<section>_<label or id>.mid`.

    Raises
    ------
    ReviewError : no review, two approved entries of one label in a section, a candidate file that is missing or outside;
        nothing was copied.
    """
    stage = folder if (folder / REVIEW_FILE).exists() and not (folder / SONG_FILE).exists() else folder / "chords"
    path = stage / REVIEW_FILE
    if not path.exists():
        raise ReviewError(f"{folder}: no chords/{REVIEW_FILE} there; compose chords first")
    review = read_review(path)
    plan = {name: _candidate_bytes(stage, entry) for name, entry in _named(review).items()}
    target = stage / "approved"
    existing = {file.name: file.read_bytes() for file in sorted(target.glob("*.mid"))} if target.is_dir() else {}
    ours = _known_contents(stage) if any(existing.get(name, data) != data for name, data in plan.items()) else set()
    edited = [name for name, data in plan.items() if existing.get(name, data) != data and existing[name] not in ours]
    written = [name for name in plan if name not in edited and write_when_new(target / name, plan[name])]
    return PromotionReport(
        approved=tuple(target / name for name in plan),
        written=tuple(target / name for name in written),
        edited=tuple(target / name for name in edited),
        stale=tuple(target / name for name in existing if name not in plan),
        problems=review.problems,
    )


def _named(review: Review) -> dict[str, ReviewEntry]:
    """Approved entries by the file name they get."""
    named: dict[str, ReviewEntry] = {}
    for entry in review.entries:
        if entry.status != "approved":
            continue
        name = f"{slug(entry.section)}_{slug(entry.label or entry.candidate_id)}.mid"
        other = named.setdefault(name, entry)
        if other is not entry:
            raise ReviewError(
                f"{REVIEW_FILE}: '{other.candidate_id}' and '{entry.candidate_id}' are both approved in section "
                f"'{entry.section}' as '{entry.label or entry.candidate_id}'; give one another label, or reject one"
            )
    return named


def _candidate_bytes(stage: Path, entry: ReviewEntry) -> bytes:
    try:
        file = inside(stage, entry.file, source=REVIEW_FILE)
    except UnsafePathError as err:
        raise ReviewError(f"{REVIEW_FILE}: '{entry.candidate_id}': {err}") from err
    if not file.is_file():
        raise ReviewError(
            f"{REVIEW_FILE}: '{entry.candidate_id}' is approved but {entry.file} is missing; "
            "compose again with the same seed to bring it back, or reject it"
        )
    return file.read_bytes()


def _known_contents(stage: Path) -> set[bytes]:
    """Contents of all candidates: an approved file that equals one was copied, not edited."""
    return {file.read_bytes() for file in (stage / "candidates").glob("*.mid")}
