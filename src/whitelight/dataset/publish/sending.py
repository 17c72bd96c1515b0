"""Sending a publication to the hub, so that it can be interrupted anywhere and taken up by the same command.

What it is made from is staged on disk, whole, before anything is sent. Contents go first, file by file, and the hub
keeps what has arrived; commits make them visible, the card and the record in the last one; the tag comes at the end.
A version is done when its tag is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whitelight.dataset.publish.card import CARD
from whitelight.dataset.publish.errors import HubError, OccupiedError
from whitelight.dataset.publish.folder import check_known
from whitelight.dataset.publish.hub import Hub, RemoteFile, git_hash
from whitelight.dataset.publish.plan import Plan
from whitelight.dataset.publish.record import RECORD, FileRecord, Publication, check_successor, other_content
from whitelight.dataset.publish.staging import finish, stage
from whitelight.progress import Progress, silent

FILES_PER_COMMIT = 50  # the hub advises fewer than a hundred
_OF_THE_HUB = ".gitattributes"  # which it writes itself into a new repository
_MAIN = "main"


@dataclass(frozen=True, slots=True)
class Sent:
    """A publication on the hub, whether it is new, and what went over the wire."""

    record: Publication
    is_new: bool
    n_files: int
    n_bytes: int


def send(plan: Plan, hub: Hub, staging: Path, progress: Progress = silent) -> Sent:
    """Publish on the hub.

    Parameters
    ----------
    staging : folder for the files; it may be removed afterwards.
    progress : called with (files done, files in all), first while writing, then while sending.

    Raises
    ------
    OccupiedError : the repository holds something else, another dataset, or this version with other content.
    HubError : the hub refuses or cannot be reached.
    """
    version = str(plan.settings.version)
    _ready(plan, hub)
    remote, tags = hub.files(), hub.tags()
    old = hub.record(_MAIN) if RECORD in remote else None
    if old is not None:
        check_known(plan, old, str(hub.target))
    if version in tags and old is not None and old.key == plan.key:
        return Sent(old, is_new=False, n_files=0, n_bytes=0)
    record = stage(plan, staging, progress)
    if old is not None:
        record = check_successor(old, record, str(hub.target))
    elif version in tags:
        raise other_content(record, version, str(hub.target))
    finish(staging, record)
    _check_strangers(remote, record, old, hub)
    wanted = dict(record.files)
    new = [name for name, file in wanted.items() if not _is_there(staging / name, file, remote.get(name))]
    commit = _send_files(hub, staging, new, _stale(remote, wanted), message=f"Version {version}", progress=progress)
    _check_arrived(hub, staging, wanted)
    hub.tag(version, commit)
    return Sent(record, is_new=True, n_files=len(new), n_bytes=sum(wanted[name].bytes for name in new))


def _ready(plan: Plan, hub: Hub) -> None:
    """See that the repository is there and as visible as was asked for."""
    wanted = "public" if plan.settings.is_public else "private"
    found = hub.visibility()
    if not found:
        hub.create(is_public=plan.settings.is_public)
    elif found != wanted:
        advice = (
            "say --public to publish there"
            if found == "public"
            else "open it by hand in its settings, where its history can be looked at first, or publish elsewhere"
        )
        raise OccupiedError(f"{hub.target} is {found} and this is to be {wanted}; {advice}")


def _check_strangers(remote: Mapping[str, RemoteFile], record: Publication, old: Publication | None, hub: Hub) -> None:
    """Refuse a repository with files that are neither ours nor those of an interrupted run."""
    known = {*record.files, *(old.files if old is not None else ()), RECORD, _OF_THE_HUB}
    strange = sorted(remote.keys() - known)
    if strange:
        raise OccupiedError(f"{hub.target} holds other things ({strange[0]}); give a new repository")


def _send_files(
    hub: Hub, folder: Path, names: Sequence[str], removed: Sequence[str], *, message: str, progress: Progress
) -> str:
    """Upload and commit data first, card and record last; return the last commit."""
    data = [name for name in names if name != CARD]
    batches = [data[i : i + FILES_PER_COMMIT] for i in range(0, len(data), FILES_PER_COMMIT)] or [[]]
    batches[-1] = [*batches[-1], *(name for name in names if name == CARD), RECORD]
    done, total = 0, sum(len(batch) for batch in batches)
    progress(done, total)
    commit = ""
    for number, batch in enumerate(batches, 1):
        for name in batch:
            hub.upload(folder, name)
            done += 1
            progress(done, total)
        gone = removed if number == len(batches) else ()
        commit = hub.commit(folder, batch, gone, f"{message} ({number} of {len(batches)})")
    return commit


def _is_there(file: Path, expected: FileRecord, found: RemoteFile | None) -> bool:
    if found is None:
        return False
    return found.sha256 == expected.sha256 if found.sha256 else found.git_hash == git_hash(file.read_bytes())


def _stale(remote: Mapping[str, RemoteFile], wanted: Mapping[str, FileRecord]) -> list[str]:
    return sorted(remote.keys() - wanted.keys() - {RECORD, _OF_THE_HUB})


def _check_arrived(hub: Hub, folder: Path, wanted: Mapping[str, FileRecord]) -> None:
    """Compare what is on the hub with what was staged, before the version is named."""
    remote = hub.files()
    wrong = list(_differing(remote, folder, wanted))
    if wrong:
        raise HubError(f"{hub.target}: {wrong[0]} did not arrive as it was sent; run the same command again")


def _differing(remote: Mapping[str, RemoteFile], folder: Path, wanted: Mapping[str, FileRecord]) -> Iterator[str]:
    yield from (name for name, file in wanted.items() if not _is_there(folder / name, file, remote.get(name)))
    yield from _stale(remote, wanted)
