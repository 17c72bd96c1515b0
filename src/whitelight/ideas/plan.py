"""Which clean name every file of a thread gets: given once, kept for good.

First the thread's own manifest, then its proposals in order, then the rest by kind and name. On later runs known
sources keep number and name, a changed one becomes a new version, new ones are numbered after the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whitelight.ideas.artifacts import CHOICE, LISTING, PROPOSAL, Artifact, Scan, digest_of
from whitelight.ideas.manifest import CURRENT, MISSING, SUPERSEDED, Entry, ThreadManifest, facts_of, summary_of
from whitelight.ideas.naming import clean_suffix, file_name, natural
from whitelight.ideas.thread import Thread, link_thread


@dataclass(frozen=True, slots=True)
class ThreadPlan:
    """What will be done for one thread.

    Attributes
    ----------
    folder : name of its folder. copies : clean name → source to copy; those that are there already are not among them.
    edited : kept files that someone has changed since; they are left as they are.
    lost : kept files that are gone together with their source.
    """

    folder: Path
    manifest: ThreadManifest
    copies: Mapping[str, Path]
    edited: tuple[str, ...]
    lost: tuple[str, ...]


def plan_thread(scan: Scan, folder: Path, known: ThreadManifest | None) -> ThreadPlan:
    """Decide names, versions and copies; writes nothing."""
    thread = link_thread(scan.artifacts)
    old = () if known is None else known.entries
    entries = _assign(scan, thread, old, folder)
    present = {artifact.sha256: artifact.path for artifact in reversed(scan.artifacts)}
    copies, edited, lost = dict[str, Path](), list[str](), list[str]()
    for entry in entries:
        target = folder / entry.file
        if target.is_file():
            if digest_of(target)[0] != entry.sha256:
                edited.append(entry.file)
        elif entry.sha256 in present:
            copies[entry.file] = present[entry.sha256]
        else:
            lost.append(entry.file)
    thread_id = scan.thread_id or ("" if known is None else known.thread_id)
    manifest = ThreadManifest(scan.name, thread_id, summary_of(scan.artifacts, thread), entries)
    return ThreadPlan(folder, manifest, copies, tuple(edited), tuple(lost))


def _assign(scan: Scan, thread: Thread, old: Sequence[Entry], folder: Path) -> tuple[Entry, ...]:
    """Give every content one entry; the first source of a content, in reading order, is the one it is named for."""
    entries = {entry.sha256: replace(entry, also=()) for entry in old}
    taken = {entry.file.casefold() for entry in old}
    seen: dict[str, list[str]] = {}
    for artifact in sorted(scan.artifacts, key=lambda artifact: _reading_order(artifact, thread)):
        seen.setdefault(artifact.sha256, []).append(artifact.source)
        entry = entries.get(artifact.sha256)
        if entry is None:
            entry = _new_entry(artifact, list(entries.values()), taken, folder)
            taken.add(entry.file.casefold())
        if artifact.source == entry.source or entry.source not in seen[artifact.sha256]:
            entry = replace(entry, kind=artifact.kind, facts=facts_of(artifact, thread))
        entries[artifact.sha256] = entry
    found = {artifact.source: artifact.sha256 for artifact in scan.artifacts}
    placed = (_placed(entry, seen.get(entry.sha256, []), found) for entry in entries.values())
    return tuple(sorted(placed, key=lambda entry: (entry.order, entry.version)))


def _placed(entry: Entry, sources: Sequence[str], found: Mapping[str, str]) -> Entry:
    """Say whether an entry still stands for its source, and which others hold the same."""
    if entry.source in sources:
        state = CURRENT
    else:
        state = SUPERSEDED if entry.source in found else CURRENT if sources else MISSING
    return replace(entry, state=state, also=tuple(source for source in sources if source != entry.source))


def _new_entry(artifact: Artifact, known: Sequence[Entry], taken: set[str], folder: Path) -> Entry:
    """Number and name a content that was not kept before."""
    line = [entry for entry in known if entry.source == artifact.source]
    if line:
        order, version = line[0].order, max(entry.version for entry in line) + 1
        stem = min(line, key=lambda entry: entry.version).file
        suffix = clean_suffix(stem)
        candidates = [f"{stem.removesuffix(suffix)}.r{version}{suffix}"]
        candidates += [f"{stem.removesuffix(suffix)}_{attempt}.r{version}{suffix}" for attempt in range(2, 100)]
    else:
        order, version = max((entry.order for entry in known), default=0) + 1, 1
        title, suffix = artifact.title, clean_suffix(artifact.source)
        candidates = [file_name(order, artifact.kind, title, suffix, attempt=n) for n in range(1, 100)]
    name = next(name for name in candidates if name.casefold() not in taken and _is_free(folder / name, artifact))
    return Entry(
        name, order, version, artifact.kind, CURRENT, artifact.source, (), artifact.sha256, artifact.n_bytes, {}
    )


def _is_free(target: Path, artifact: Artifact) -> bool:
    """A name is free when nothing is there, or just this content, left by a run that was cut short."""
    if not target.exists():
        return True
    return target.is_file() and digest_of(target)[0] == artifact.sha256


def _reading_order(artifact: Artifact, thread: Thread) -> tuple[object, ...]:
    rank = {CHOICE: 0, LISTING: 1, PROPOSAL: 2}.get(artifact.kind, 3)
    place = 0
    if rank == 2:
        step = thread.get(artifact.proposals[0].iteration_id)
        place = 0 if step is None else step.place
    return rank, place, artifact.kind if rank == 3 else "", natural(artifact.source), artifact.source
