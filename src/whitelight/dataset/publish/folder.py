"""Publishing into a folder: written beside it, put in its place whole.

A reader sees the old publication or the new one. If the swap itself is interrupted, the next run finishes it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from whitelight.dataset.publish.errors import OccupiedError
from whitelight.dataset.publish.plan import Plan
from whitelight.dataset.publish.record import (
    RECORD,
    Publication,
    check_same_dataset,
    check_successor,
    check_version,
    file_record,
    other_content,
    read_record,
)
from whitelight.dataset.publish.staging import finish, stage
from whitelight.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Written:
    """A publication in a folder, and whether anything had to be written."""

    record: Publication
    is_new: bool


def publish_to_folder(plan: Plan, target: Path, progress: Progress = silent) -> Written:
    """Publish into `target`.

    Raises
    ------
    OccupiedError : the folder holds something else, another dataset, a later version, or this one with other content.
    """
    place = target.resolve()
    _recover(place)
    old = check_folder(plan, target)
    if old is not None and old.key == plan.key and _is_intact(place, old):
        return Written(old, is_new=False)
    staging = place.with_name(f".{place.name}.publish")
    record = stage(plan, staging, progress)
    if old is not None:
        record = check_successor(old, record, str(target))
    finish(staging, record)
    if check_folder(plan, target) != old:
        raise OccupiedError(f"{target} was changed while this was written; run the same command again")
    _swap(staging, place)
    return Written(record, is_new=True)


def check_folder(plan: Plan, target: Path) -> Publication | None:
    """Return what is published in `target` so far; None when it is free.

    Raises
    ------
    OccupiedError : as `publish_to_folder`; nothing is written or removed.
    """
    place = target.resolve()
    if place.is_relative_to(plan.dataset.path.resolve()):
        raise OccupiedError(f"{target} lies inside the dataset; give a folder beside it")
    if not place.exists():
        return None
    if not place.is_dir():
        raise OccupiedError(f"{target} is a file; give a new or empty folder")
    record = read_record(place)
    known = set(record.files) | {RECORD} if record is not None else set()
    found = {p.relative_to(place).as_posix() for p in place.rglob("*") if not p.is_dir() or p.is_symlink()}
    if found - known:
        raise OccupiedError(f"{target} holds other things ({min(found - known)}); give a new or empty folder")
    if record is not None:
        check_known(plan, record, str(target))
    return record


def check_known(plan: Plan, old: Publication, where: str) -> None:
    """Refuse what must not follow the publication that is there; cheap, before anything is written.

    Raises
    ------
    OccupiedError : another dataset, a later version, or this version made from something else.
    """
    check_same_dataset(old, plan.dataset.ontology.name, plan.titles(), where)
    check_version(old, plan.settings.version, where)
    version = str(plan.settings.version)
    if version in old.versions and (old.version != version or old.key != plan.key):
        raise other_content(old, version, where)


def _is_intact(place: Path, record: Publication) -> bool:
    try:
        return all(file_record(place / name, entry.rows) == entry for name, entry in record.files.items())
    except OSError:
        return False


def _recover(place: Path) -> None:
    """Finish or undo a swap that was interrupted."""
    previous = place.with_name(f".{place.name}.previous")
    if previous.is_dir():
        if place.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(place)


def _swap(staging: Path, place: Path) -> None:
    previous = place.with_name(f".{place.name}.previous")
    if place.is_dir() and any(place.iterdir()):
        place.rename(previous)
    staging.replace(place)
    shutil.rmtree(previous, ignore_errors=True)
