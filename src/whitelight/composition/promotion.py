"""Promotion: what the human approved is copied to `approved/`, and nothing is ever removed there.

All refusals come before the first write. A file in `approved/` that no longer answers to an approved entry is reported
and left; a file that a human has edited there is reported and left too. What `--auto` chose is listed in `auto.yml`
and gives way to anything the human approves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from whitelight.composition.automatic_choice import copy_words, read_choice
from whitelight.composition.production import REVIEW_FILE, SONG_FILE, slug, write_when_new
from whitelight.composition.review import Review, ReviewEntry, ReviewError, read_review
from whitelight.composition.stages import STAGE_NAMES, find_stage
from whitelight.files import UnsafePathError, inside


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """What `promote` did; iterating gives the approved files.

    Attributes
    ----------
    approved : one file per approved entry. written : those that are new or changed.
    edited : differ from the candidate because someone edited them in place; left as they are.
    stale : in `approved/` without an approved entry; left as they are.
    problems : odd entries of the review files and how they were understood.
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
        """Plain data; files by stage and name."""
        names = {
            name: [_short(path) for path in getattr(self, name)] for name in ("approved", "written", "edited", "stale")
        }
        return {**names, "problems": list(self.problems)}

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        yield f"{len(self.approved)} approved, {len(self.written)} written"
        yield from (f"{_short(path)}: edited by hand, left as it is" for path in self.edited)
        yield from (
            f"{_short(path)}: no longer approved; left there, delete it if you do not want it" for path in self.stale
        )
        yield from self.problems


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be copied in one stage."""

    folder: Path
    review: Review
    files: dict[str, bytes]  # file name → content
    words: dict[str, Path]  # of lyrics: file name → text of the candidate


def promote(folder: Path, stage: str | None = None) -> PromotionReport:
    """Copy approved candidates to `<stage>/approved/<section>_<label>.mid`.

    An approved chord candidate without a label is called by its id; one of a later stage by the variant it goes with.

    Parameters
    ----------
    folder : production folder, or the folder of one of its stages. stage : only this one; all that have a review if None.

    Raises
    ------
    ReviewError : no review, two approved entries of one label in a section, a candidate file that is missing or outside;
        nothing was copied.
    """
    plans = [_plan(one) for one in _stage_folders(folder, stage)]
    reports = [_carry_out(plan) for plan in plans]
    together = {name: tuple(chain.from_iterable(getattr(report, name) for report in reports)) for name in _KINDS}
    return PromotionReport(**together)


_KINDS = ("approved", "written", "edited", "stale", "problems")


def _stage_folders(folder: Path, stage: str | None) -> list[Path]:
    if stage is None and (folder / REVIEW_FILE).exists() and not (folder / SONG_FILE).exists():
        return [folder]
    names = STAGE_NAMES if stage is None else (find_stage(stage).name,)
    found = [folder / name for name in names if (folder / name / REVIEW_FILE).exists()]
    if not found:
        raise ReviewError(f"{folder}: no {stage or 'chords'}/{REVIEW_FILE} there; compose {stage or 'chords'} first")
    return found


def _plan(folder: Path) -> _Plan:
    review = read_review(folder / REVIEW_FILE)
    named = _named(review)
    files = {name: candidate_bytes(folder, entry) for name, entry in named.items()}
    texts = {name: (folder / entry.file).with_suffix(".txt") for name, entry in named.items()}
    return _Plan(folder, review, files, {name: text for name, text in texts.items() if text.is_file()})


def _carry_out(plan: _Plan) -> PromotionReport:
    target = plan.folder / "approved"
    existing = {file.name: file.read_bytes() for file in sorted(target.glob("*.mid"))} if target.is_dir() else {}
    is_other = any(existing.get(name, data) != data for name, data in plan.files.items())
    ours = known_contents(plan.folder) if is_other else set()
    edited = [n for n, data in plan.files.items() if existing.get(n, data) != data and existing[n] not in ours]
    written = [n for n in plan.files if n not in edited and write_when_new(target / n, plan.files[n])]
    for name, words in plan.words.items():
        copy_words(words, target / name)
    chosen = {f"{name}.mid" for name in read_choice(plan.folder)}
    return PromotionReport(
        approved=tuple(target / name for name in plan.files),
        written=tuple(target / name for name in written),
        edited=tuple(target / name for name in edited),
        stale=tuple(target / name for name in existing if name not in plan.files and name not in chosen),
        problems=plan.review.problems,
    )


def approved_name(entry: ReviewEntry) -> str:
    """Name of the file an approved entry becomes, without its ending."""
    return f"{slug(entry.section)}_{slug(entry.label or entry.variant or entry.candidate_id)}"


def _named(review: Review) -> dict[str, ReviewEntry]:
    """Approved entries by the file name they get."""
    named: dict[str, ReviewEntry] = {}
    for entry in review.entries:
        if entry.status != "approved":
            continue
        other = named.setdefault(f"{approved_name(entry)}.mid", entry)
        if other is not entry:
            raise ReviewError(
                f"{REVIEW_FILE}: '{other.candidate_id}' and '{entry.candidate_id}' are both approved in section "
                f"'{entry.section}' as '{entry.label or entry.variant or entry.candidate_id}'; give one another label, "
                "or reject one"
            )
    return named


def candidate_bytes(stage: Path, entry: ReviewEntry) -> bytes:
    """Content of a candidate's file; raises `ReviewError` when it is missing or outside the stage."""
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


def known_contents(stage: Path) -> set[bytes]:
    """Contents of all candidates: an approved file that equals one was copied, not edited."""
    return {file.read_bytes() for file in (stage / "candidates").glob("*.mid")}


def _short(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"
