"""The proposals feedback rests on: of any number of threads, wrapped or not, each once, with only what it really says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whitelight.catalog import Proposal, read_proposals
from whitelight.errors import WhitelightError
from whitelight.ideas.artifacts import NoThreadError
from whitelight.ideas.manifest import MANIFEST_FILE, SUPERSEDED, read_manifest
from whitelight.ideas.shrinkwrap import find_threads
from whitelight.music import Key, Meter
from whitelight.ontology import Ontology, load_ontology


@dataclass(frozen=True, slots=True)
class Idea:
    """A proposal without defaults: None is what it does not say."""

    title: str
    concept: str
    key: Key | None
    tempo_bpm: float | None
    meter: Meter | None
    class_name: str | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Distinct proposals.

    Attributes
    ----------
    n_threads : folders they come from. n_repeated : proposals that were there before, word for word.
    unreadable : file → why.
    """

    ideas: tuple[Idea, ...]
    n_threads: int
    n_repeated: int
    unreadable: dict[str, str]


def read_corpus(folders: Sequence[Path], ontology: Ontology | None = None) -> Corpus:
    """Read every proposal below some folders; old versions in shrink-wrapped threads are left out.

    Raises
    ------
    NoThreadError : no such folder, or no proposal in any.
    """
    known = ontology if ontology is not None else load_ontology("rainbow")
    threads = list(dict.fromkeys(thread.resolve() for folder in folders for thread in _threads(Path(folder))))
    found: dict[Idea, None] = {}
    n_read, unreadable = 0, dict[str, str]()
    for thread in threads:
        report = read_proposals(thread, known)
        old = _superseded(thread)
        ideas = [_idea(proposal) for proposal in report.proposals if proposal.file not in old]
        n_read += len(ideas)
        found |= dict.fromkeys(ideas)
        unreadable |= {f"{thread.name}/{name}": reason for name, reason in report.unreadable.items()}
    if not found:
        names = ", ".join(Path(folder).name for folder in folders)
        raise NoThreadError(f"no song proposal in {names}; give folders of threads with YAML proposals")
    return Corpus(tuple(found), len(threads), n_read - len(found), unreadable)


def _threads(folder: Path) -> list[Path]:
    """Return the shrink-wrapped threads in a folder; where there are none, the threads as they grew."""
    wrapped = [path.parent for path in sorted(folder.glob(f"*/{MANIFEST_FILE}")) if _is_wrapped(path)]
    return wrapped or find_threads(folder)


def _is_wrapped(path: Path) -> bool:
    try:
        return read_manifest(path) is not None
    except WhitelightError:
        return False


def _superseded(thread: Path) -> set[str]:
    """File names of old versions in a shrink-wrapped thread, none elsewhere."""
    path = thread / MANIFEST_FILE
    manifest = read_manifest(path) if _is_wrapped(path) else None
    return {entry.file for entry in manifest.entries if entry.state == SUPERSEDED} if manifest is not None else set()


def _idea(proposal: Proposal) -> Idea:
    """Take the reader's defaults out again: a tempo nobody named must not count as a habit."""
    codes = {problem.code for problem in proposal.problems}
    return Idea(
        title=proposal.title,
        concept=proposal.concept,
        key=proposal.musical_key,
        tempo_bpm=None if "tempo-missing" in codes else proposal.tempo_bpm,
        meter=None if codes & {"meter-missing", "meter-unreadable"} else proposal.meter,
        class_name=proposal.class_name,
    )
