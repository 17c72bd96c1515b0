"""Shrink-wrapping: a thread of artefacts becomes a folder with clean names, a manifest and an index.

Sources are copied, never moved, changed or deleted; what was kept once stays, also when its source changes. Copies are
written first, each under its final name at once, the manifest after them and the index last, so a run that was cut
short is finished by running it again, with the same result.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.ideas.artifacts import NoThreadError, Scan, digest_of, plain_name, scan_thread
from whitelight.ideas.index import PART, write_changed, write_index
from whitelight.ideas.manifest import CURRENT, MANIFEST_FILE, ThreadManifest, read_manifest
from whitelight.ideas.naming import clean_name
from whitelight.ideas.plan import ThreadPlan, plan_thread
from whitelight.locking import locked
from whitelight.ontology import Ontology, load_ontology
from whitelight.progress import Progress, silent

LOCK_FILE = ".shrinkwrap.lock"
_MEDIA_FOLDERS = {"yml", "yaml", "md", "txt", "html", "json", "wav", "mp3", "audio", "mid", "midi", "png", "images"}


class ShrinkwrapError(WhitelightError):
    """A thread cannot be wrapped as asked."""


@dataclass(frozen=True, slots=True)
class WrappedThread:
    """What became of one thread; `n_written` counts new copies."""

    plan: ThreadPlan
    n_written: int
    skipped: tuple[tuple[str, str], ...]

    @property
    def manifest(self) -> ThreadManifest:
        """What the folder holds."""
        return self.plan.manifest

    @property
    def notices(self) -> tuple[str, ...]:
        """What people should know: what was not kept, edited, lost, or is there twice."""
        told = [f"{name}: not kept: {reason}" for name, reason in self.skipped if reason != "hidden"]
        told += [f"{name}: edited by hand, left as it is" for name in self.plan.edited]
        told += [f"{name}: gone, and its source too" for name in self.plan.lost]
        for entry in self.manifest.entries:
            told += [f"{source}: the same as {entry.source}, kept once" for source in entry.also]
            if entry.state != CURRENT:
                told.append(f"{entry.file}: {entry.state}, kept")
        return tuple(told)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "folder": self.plan.folder.name,
            "name": self.manifest.name,
            "thread_id": self.manifest.thread_id or None,
            **self.manifest.summary,
            "written": self.n_written,
            "files": [entry.to_dict() for entry in self.manifest.entries],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class ShrinkwrapReport:
    """All threads of one run; `is_dry` when nothing was written."""

    threads: tuple[WrappedThread, ...]
    is_dry: bool

    @property
    def is_complete(self) -> bool:
        """Whether every file that should be kept is."""
        return not any(
            thread.plan.lost or any(reason != "hidden" for _, reason in thread.skipped) for thread in self.threads
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"dry_run": self.is_dry, "threads": [thread.to_dict() for thread in self.threads]}

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        for thread in self.threads:
            n_files = len(thread.manifest.entries)
            written = f"{thread.n_written} {'to write' if self.is_dry else 'written'}"
            yield f"{thread.plan.folder.name}: {n_files} files, {thread.manifest.summary['iterations']} iterations, {written}"
            final = thread.manifest.summary.get("final")
            if final:
                yield f"  final choice: {final['title']} ({final['key']}, {final['tempo_bpm']} bpm, {final['meter']})"
            yield from (f"  {notice}" for notice in thread.notices)


def shrinkwrap(
    folder: Path,
    out: Path,
    *,
    ontology: Ontology | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ShrinkwrapReport:
    """Wrap a thread, or every thread in a folder of threads.

    Parameters
    ----------
    folder : a thread; or, when it holds folders only, a folder of threads.
    out : gets one folder per thread, `index.yml` and `index.md`.

    Raises
    ------
    NoThreadError : nothing to keep. ShrinkwrapError : `out` lies in `folder` or around it.
    NotAManifestError, UnreadableFileError : what stands in `out` was not made by this. LockedError : another is at work.
    """
    folder, out = Path(folder), Path(out)
    _refuse_overlap(folder, out)
    known = ontology if ontology is not None else load_ontology("rainbow")
    tell = progress or silent
    scans = [scan_thread(thread, known) for thread in find_threads(folder)]
    if dry_run:
        return ShrinkwrapReport(tuple(_wrapped(scan, out, write=False) for scan in scans), is_dry=True)
    with locked(out / LOCK_FILE, what=f"folder '{out.name}'"):
        wrapped: list[WrappedThread] = []
        for place, scan in enumerate(scans, 1):
            wrapped.append(_wrapped(scan, out, write=True))
            tell(place, len(scans))
        write_index(out)
    return ShrinkwrapReport(tuple(wrapped), is_dry=False)


def find_threads(folder: Path) -> list[Path]:
    """Return the folder itself, or the folders in it when it holds nothing else and they are not named for media.

    Raises
    ------
    NoThreadError : no such folder.
    """
    if not folder.is_dir():
        raise NoThreadError(f"{folder}: no such folder; give the folder of a thread")
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    folders = sorted(path for path in inside if path.is_dir() and not path.is_symlink())
    is_one = len(folders) < len(inside) or {path.name.casefold() for path in folders} <= _MEDIA_FOLDERS
    return [folder] if is_one else [path for path in folders if any(p.is_file() for p in path.rglob("*"))] or [folder]


def _refuse_overlap(folder: Path, out: Path) -> None:
    source, target = folder.resolve(), out.resolve()
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise ShrinkwrapError(f"--out {out.name} and the thread {folder.name} lie in each other; choose a folder apart")


def _wrapped(scan: Scan, out: Path, *, write: bool) -> WrappedThread:
    folder, known = _folder_for(scan, out)
    plan = plan_thread(scan, folder, known)
    if write:
        for name, source in plan.copies.items():
            digest = next(entry.sha256 for entry in plan.manifest.entries if entry.file == name)
            copy_atomic(source, folder / name, digest)
        write_changed(folder / MANIFEST_FILE, plan.manifest.to_text())
    return WrappedThread(plan, len(plan.copies), scan.skipped)


def _folder_for(scan: Scan, out: Path) -> tuple[Path, ThreadManifest | None]:
    """Return the folder this thread was wrapped into before, else the first that is no other thread's."""
    name = clean_name(scan.name, otherwise="thread")
    for attempt in range(1, 1000):
        folder = out / (name if attempt == 1 else f"{name}-{attempt}")
        known = read_manifest(folder / MANIFEST_FILE)
        if known is None or _is_same(scan, known):
            return folder, known
    raise ShrinkwrapError(f"--out {out.name} holds a thousand threads called '{name}'; choose another folder")


def _is_same(scan: Scan, known: ThreadManifest) -> bool:
    """By thread id where both have one, else by a file or content in common."""
    if scan.thread_id and known.thread_id:
        return scan.thread_id == known.thread_id
    marks = {artifact.source for artifact in scan.artifacts} | {artifact.sha256 for artifact in scan.artifacts}
    return any(entry.source in marks or entry.sha256 in marks for entry in known.entries)


def copy_atomic(source: Path, target: Path, sha256: str) -> None:
    """Copy a file so that `target` appears complete or not at all.

    Raises
    ------
    ShrinkwrapError : the source is no longer what it was when it was looked at.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}{PART}")  # one name, so that what a killed run left is written over
    try:
        shutil.copyfile(source, part, follow_symlinks=False)
        part.chmod(0o644)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        if digest_of(part)[0] != sha256:
            raise ShrinkwrapError(f"{plain_name(source.name)} changed while it was copied; run again")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
