"""How the iterations of a thread follow each other, which grew out of which, and which one was chosen.

The order is that of the file that lists them; proposals it does not list follow by their number and name. A parent is
what a file states, else the earlier version of the same name ("…_v1" of "…_v2"), else the iteration before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whitelight.catalog import Proposal
from whitelight.ideas.artifacts import CHOICE, LISTING, Artifact
from whitelight.ideas.naming import natural

_VERSION = re.compile(r"(?P<stem>.+?)[_\-. ]?v0*(?P<version>\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Iteration:
    """One step of a thread.

    Attributes
    ----------
    place : from 1, in the order of the thread.
    parent : iteration it grew out of, "" for the first. parent_by : "stated", "version" or "order", "" for the first.
    """

    iteration_id: str
    title: str
    place: int
    parent: str
    parent_by: str
    children: tuple[str, ...]
    is_final: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """All iterations in order; `final_by` is "choice" when a file of the thread says so, else "order"."""

    iterations: tuple[Iteration, ...]
    final_by: str

    def get(self, iteration_id: str) -> Iteration | None:
        """Return an iteration by its id, None when there is no such."""
        return next((one for one in self.iterations if one.iteration_id == iteration_id), None)

    @property
    def final(self) -> Iteration | None:
        """The chosen one, None in a thread without proposals."""
        return next((one for one in self.iterations if one.is_final), None)


def link_thread(artifacts: Sequence[Artifact]) -> Thread:
    """Order the iterations of a thread and link them."""
    known = _in_order(artifacts)
    ids = list(known)
    stated = {name: said for artifact in artifacts for name, said in (artifact.stated or {}).items() if said[1]}
    parents = {name: _parent(name, place, ids, stated.get(name, (None, ""))[1]) for place, name in enumerate(ids)}
    final, final_by = _final(artifacts, known)
    iterations = tuple(
        Iteration(
            name,
            known[name].title,
            place,
            *parents[name],
            children=tuple(child for child in ids if parents[child][0] == name),
            is_final=name == final,
        )
        for place, name in enumerate(ids, 1)
    )
    return Thread(iterations, final_by)


def _in_order(artifacts: Sequence[Artifact]) -> dict[str, Proposal]:
    """Iteration id → proposal; the longest list leads, the chosen one is no iteration of its own."""
    listings = sorted(
        (artifact for artifact in artifacts if artifact.kind == LISTING),
        key=lambda artifact: (-len(artifact.proposals), natural(artifact.source)),
    )
    singles = [artifact for artifact in artifacts if artifact.proposals and artifact.kind not in (LISTING, CHOICE)]
    singles.sort(key=lambda artifact: (_number(artifact), natural(artifact.proposals[0].iteration_id), artifact.source))
    ordered: dict[str, Proposal] = {}
    for artifact in (*listings, *singles):
        for proposal in artifact.proposals:
            ordered.setdefault(proposal.iteration_id, proposal)
    ordered |= {artifact.proposals[0].iteration_id: artifact.proposals[0] for artifact in singles}  # the file itself
    chosen = (artifact.proposals[0] for artifact in artifacts if artifact.kind == CHOICE)
    return ordered or {proposal.iteration_id: proposal for proposal in chosen}


def _number(artifact: Artifact) -> float:
    number = (artifact.stated or {}).get(artifact.proposals[0].iteration_id, (None, ""))[0]
    return float("inf") if number is None else number


def _parent(name: str, place: int, ids: Sequence[str], stated: str) -> tuple[str, str]:
    if stated in ids and stated != name:
        return stated, "stated"
    version = _VERSION.fullmatch(name)
    if version is not None:
        earlier = [
            (int(match["version"]), other)
            for other in ids
            if (match := _VERSION.fullmatch(other)) is not None
            and match["stem"].casefold() == version["stem"].casefold()
            and int(match["version"]) < int(version["version"])
        ]
        if earlier:
            return max(earlier)[1], "version"
    return (ids[place - 1], "order") if place else ("", "")


def _final(artifacts: Sequence[Artifact], known: dict[str, Proposal]) -> tuple[str, str]:
    """Return the iteration the thread's manifest repeats, else the last."""
    for artifact in artifacts:
        if artifact.kind == CHOICE:
            chosen = artifact.proposals[0]
            alike = [name for name, one in known.items() if one.title == chosen.title]
            exact = [name for name in alike if known[name].concept == chosen.concept]
            if exact or alike:
                return (exact or alike)[-1], CHOICE
    return (list(known)[-1] if known else ""), "order"
