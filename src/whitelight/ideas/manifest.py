"""`manifest.yml` of a shrink-wrapped thread: what every file is, where it came from, and how the iterations are linked.

The manifest is also the memory of the next run: numbers and names are given once and stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.catalog import Proposal
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.ideas.artifacts import LISTING, Artifact
from whitelight.ideas.thread import Thread
from whitelight.ideas.yaml_text import to_yaml

MANIFEST_FILE, FORMAT_VERSION = "manifest.yml", 1
CURRENT, SUPERSEDED, MISSING = "current", "superseded", "missing"
_HEADER = """\
Written by whitelight ideas shrinkwrap: what every file here is and where it came from.
state: current (as in the source), superseded (the source has changed since), missing (no longer in the source)."""


class NotAManifestError(WhitelightError):
    """A `manifest.yml` that shrink-wrapping did not write."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept file.

    Attributes
    ----------
    file : its clean name. order : number of its source, given once. version : of the source's content, from 1.
    source : path in the thread's folder. also : other sources with the same content.
    facts : title, proposals, problems: plain data for people.
    """

    file: str
    order: int
    version: int
    kind: str
    state: str
    source: str
    also: tuple[str, ...]
    sha256: str
    n_bytes: int
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain data as the manifest holds it."""
        return {
            "file": self.file,
            "order": self.order,
            "version": self.version,
            "kind": self.kind,
            "state": self.state,
            "source": self.source,
            **({"also": list(self.also)} if self.also else {}),
            "sha256": self.sha256,
            "bytes": self.n_bytes,
            **self.facts,
        }


@dataclass(frozen=True, slots=True)
class ThreadManifest:
    """A shrink-wrapped thread: its folder's name in the source, its id, what is known of its iterations, its files."""

    name: str
    thread_id: str
    summary: Mapping[str, Any]
    entries: tuple[Entry, ...]

    def to_text(self) -> str:
        """The file."""
        value = {
            "shrinkwrap": FORMAT_VERSION,
            "name": self.name,
            "thread_id": self.thread_id or None,
            **self.summary,
            "files": [entry.to_dict() for entry in self.entries],
        }
        return to_yaml(value, header=_HEADER)


def read_manifest(path: Path) -> ThreadManifest | None:
    """Read a manifest; None when there is none.

    Raises
    ------
    UnreadableFileError : no YAML. NotAManifestError : another program's file, or one that was damaged.
    """
    if not path.exists():
        return None
    value = load_yaml(path)
    if not isinstance(value, dict) or value.get("shrinkwrap") != FORMAT_VERSION:
        raise NotAManifestError(
            f"{path.parent.name}/{path.name}: expected 'shrinkwrap: {FORMAT_VERSION}'; choose another folder for --out"
        )
    try:
        entries = tuple(_entry(dict(item)) for item in value["files"])
    except (KeyError, TypeError, ValueError) as err:
        raise NotAManifestError(
            f"{path.parent.name}/{path.name}: damaged ({type(err).__name__} {err}); restore it, or choose another --out"
        ) from err
    known = ("shrinkwrap", "name", "thread_id", "files")
    summary = {key: item for key, item in value.items() if key not in known}
    return ThreadManifest(str(value["name"]), value.get("thread_id") or "", summary, entries)


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(
        file=str(item.pop("file")),
        order=int(item.pop("order")),
        version=int(item.pop("version")),
        kind=str(item.pop("kind")),
        state=str(item.pop("state")),
        source=str(item.pop("source")),
        also=tuple(item.pop("also", ())),
        sha256=str(item.pop("sha256")),
        n_bytes=int(item.pop("bytes")),
        facts=item,
    )


def facts_of(artifact: Artifact, thread: Thread) -> dict[str, Any]:
    """What the manifest says of a file beside its names."""
    facts: dict[str, Any] = {"title": artifact.title}
    if artifact.proposals:
        facts["proposals"] = [proposal_facts(proposal, thread) for proposal in _distinct(artifact.proposals)]
    if artifact.problems:
        facts["problems"] = list(artifact.problems)
    return facts


def proposal_facts(proposal: Proposal, thread: Thread) -> dict[str, Any]:
    """Title, key, tempo, meter and class of a proposal, and its place in the thread; None where it does not say."""
    codes = {problem.code for problem in proposal.problems}
    facts: dict[str, Any] = {
        "iteration_id": proposal.iteration_id,
        "title": proposal.title,
        "class": proposal.class_name,
        "key": str(proposal.musical_key) if proposal.musical_key is not None else None,
        "tempo_bpm": None if "tempo-missing" in codes else proposal.tempo_bpm,
        "meter": None if codes & {"meter-missing", "meter-unreadable"} else str(proposal.meter),
    }
    step = thread.get(proposal.iteration_id)
    if step is not None:
        facts["iteration"] = step.place
        if step.parent:
            facts |= {"parent": step.parent, "parent_by": step.parent_by}
        if step.children:
            facts["children"] = list(step.children)
        if step.is_final:
            facts["final"] = True
    return facts


def _distinct(proposals: tuple[Proposal, ...]) -> list[Proposal]:
    return list(
        {(proposal.iteration_id, proposal.title, proposal.concept): proposal for proposal in proposals}.values()
    )


def summary_of(artifacts: tuple[Artifact, ...], thread: Thread) -> dict[str, Any]:
    """What the head of the manifest says: the final choice and how many iterations led there."""
    summary: dict[str, Any] = {"iterations": len(thread.iterations)}
    final = thread.final
    if final is not None:
        told = [(artifact, one) for artifact in artifacts for one in artifact.proposals]
        told = [(artifact, one) for artifact, one in told if one.iteration_id == final.iteration_id]
        chosen = min(told, key=lambda pair: pair[0].kind == LISTING)[1]  # the file of its own is the fuller one
        facts = proposal_facts(chosen, thread)
        names = ("iteration_id", "title", "class", "key", "tempo_bpm", "meter")
        summary["final"] = {name: facts[name] for name in names} | {"by": thread.final_by}
    return summary
