"""What lies in the folder of a thread: every file, what it is, and what it says of itself.

A thread is how a song idea grew: proposals, revised again and again, between stories, transcripts and evaluations.
Files are only ever read. What cannot be understood is still a file of the thread and is kept with a reason.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whitelight.catalog import NotAProposalError, Proposal, read_iterations
from whitelight.catalog.proposal import describe
from whitelight.errors import WhitelightError
from whitelight.files import MAX_YAML_BYTES, UnreadableFileError, load_yaml
from whitelight.ideas.naming import clean_suffix, natural
from whitelight.ontology import Ontology

CHOICE, LISTING, PROPOSAL = "choice", "iterations", "proposal"
_SUFFIX_KINDS = {
    "audio": (".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aif", ".aiff"),
    "midi": (".mid",),
    "image": (".png", ".jpg", ".gif", ".webp", ".svg"),
    "lyrics": (".lrc",),
    "text": (".md", ".txt", ".html", ".rtf", ".pdf"),
    "data": (".json", ".jsonl", ".csv", ".tsv"),
}
_TITLE_FIELDS = ("title", "headline", "name", "common_name", "artifact_name")
_PARENT_FIELDS = ("parent_iteration_id", "parent_id", "parent", "based_on", "previous_iteration_id")
_EVALUATION = re.compile(r"evaluat|verdict|assessment", re.IGNORECASE)
_ARTIFACT = re.compile(r"an artifact of type '(.+)'")
_BLOCK = 1 << 20  # bytes read at a time


class NoThreadError(WhitelightError):
    """A folder that holds nothing a thread consists of."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a thread.

    Attributes
    ----------
    source : path below the folder of the thread, with "/".
    kind : "choice" (the thread's own manifest, a proposal), "iterations" (a file of many), "proposal", "transcript",
        "evaluation", the type an artifact states, "unreadable", or the kind of medium.
    thread_id : "" when it names none.
    stated : iteration id → (number or None, id of its parent or ""), as the file states them.
    problems : what was odd, for people.
    """

    source: str
    path: Path
    sha256: str
    n_bytes: int
    kind: str
    title: str
    thread_id: str = ""
    proposals: tuple[Proposal, ...] = ()
    stated: Mapping[str, tuple[int | None, str]] | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """A folder that was looked through; `skipped` holds (name, reason) of what is no file to keep."""

    name: str
    artifacts: tuple[Artifact, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def thread_id(self) -> str:
        """The id most of its files name, "" when none does."""
        named = sorted(artifact.thread_id for artifact in self.artifacts if artifact.thread_id)
        return max(named, key=named.count) if named else ""


def scan_thread(folder: Path, ontology: Ontology | None = None) -> Scan:
    """Look at every file below a folder.

    Raises
    ------
    NoThreadError : no folder, or no file in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NoThreadError(f"{folder}: no such folder; give the folder of a thread")
    artifacts: list[Artifact] = []
    skipped: list[tuple[str, str]] = []
    for path in _walk(folder):
        name = plain_name(path.relative_to(folder).as_posix())
        reason = _reason_to_skip(path)
        try:
            if reason is None:
                artifacts.append(read_artifact(path, name, ontology))
        except OSError as err:
            reason = f"cannot be read ({err.strerror or err}); make it readable and run again"
        if reason is not None:
            skipped.append((name, reason))
    if not artifacts:
        raise NoThreadError(f"{folder.name}: no file to keep in it; give the folder of a thread")
    return Scan(plain_name(folder.resolve().name), tuple(artifacts), tuple(skipped))


def plain_name(name: str) -> str:
    """Return a file name as text; bytes that are no text are shown by their number."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_artifact(path: Path, source: str, ontology: Ontology | None = None) -> Artifact:
    """Say what one file is."""
    digest, n_bytes = digest_of(path)
    suffix = clean_suffix(path.name)
    stem = plain_name(path.stem)
    found = Artifact(source, path, digest, n_bytes, _medium(suffix), stem)
    if suffix != ".yml":
        return found
    if n_bytes > MAX_YAML_BYTES:
        return replace(found, kind="unreadable", problems=(f"{n_bytes:,} bytes of YAML, at most {MAX_YAML_BYTES:,}",))
    try:
        value = load_yaml(path, ignore_tags=True)
        try:
            proposals = read_iterations(path, ontology)
        except NotAProposalError:
            return _other(found, value, stem)
    except UnreadableFileError as err:
        return replace(found, kind="unreadable", problems=(str(err),))
    return _proposals(found, value, proposals, stem)


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file, reading it in blocks."""
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            n_bytes += len(block)
    return digest.hexdigest(), n_bytes


def _walk(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder that is no folder, in natural order; links to folders are not entered."""
    for path in sorted(folder.iterdir(), key=lambda p: (natural(plain_name(p.name)), plain_name(p.name))):
        if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _walk(path)
        else:
            yield path


def _reason_to_skip(path: Path) -> str | None:
    if path.name.startswith("."):
        return "hidden"
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "a link; put the file itself there"
    return None if stat.S_ISREG(mode) else "no regular file"


def _medium(suffix: str) -> str:
    return next((kind for kind, suffixes in _SUFFIX_KINDS.items() if suffix in suffixes), "file")


def _proposals(found: Artifact, value: Any, proposals: tuple[Proposal, ...], stem: str) -> Artifact:
    """Fill in a file of one proposal or many."""
    is_choice = isinstance(value, Mapping) and "iteration_count" in value
    kind = LISTING if len(proposals) > 1 else CHOICE if is_choice else PROPOSAL
    problems = tuple(
        f"{f'{p.iteration_id}: ' if len(proposals) > 1 else ''}{problem.message}; {problem.action}"
        for p in proposals
        for problem in p.problems
    )
    ids = [proposal.iteration_id for proposal in proposals]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    problems += tuple(f"{name}: listed {ids.count(name)} times" for name in twice)
    return replace(
        found,
        kind=kind,
        title=stem if kind == LISTING else proposals[0].title,
        thread_id=_text(value, "thread_id"),
        proposals=proposals,
        stated={_text(raw, "iteration_id"): _stated(raw) for raw in _mappings(value)},
        problems=problems,
    )


def _other(found: Artifact, value: Any, stem: str) -> Artifact:
    what = describe(value)
    artifact = _ARTIFACT.fullmatch(what)
    keys = " ".join(map(str, value)) if isinstance(value, Mapping) else ""
    if artifact is not None:
        kind = artifact[1]
    elif "transcript" in what:
        kind = "transcript"
    else:
        kind = "evaluation" if _EVALUATION.search(f"{stem} {keys}") else "notes"
    title = next((text for name in _TITLE_FIELDS if (text := _text(value, name))), stem)
    return replace(found, kind=kind, title=title, thread_id=_text(value, "thread_id"))


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every mapping at the top of a file or in a list there."""
    if isinstance(value, Mapping):
        yield value
        value = [item for items in value.values() if isinstance(items, list) for item in items]
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _stated(raw: Mapping[str, Any]) -> tuple[int | None, str]:
    number = raw.get("iteration_number")
    parent = next((text for name in _PARENT_FIELDS if (text := _text(raw, name))), "")
    return (number if type(number) is int else None), parent


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return " ".join(found.split()) if isinstance(found, str) else ""
