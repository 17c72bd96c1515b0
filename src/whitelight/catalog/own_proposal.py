"""A proposal from a few words instead of a file, or a file's proposal with some of its values said anew."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from whitelight.catalog.proposal import Proposal, proposal_from
from whitelight.music.key import Key
from whitelight.music.meter import Meter
from whitelight.ontology import Ontology

_FIELDS = {  # what is said → field of a proposal file, attribute of a proposal, problems that it settles
    "title": ("title", "title", "title-"),
    "color": ("color", "class_name", "class-"),
    "key": ("key", "musical_key", "key-"),
    "bpm": ("bpm", "tempo_bpm", "tempo-"),
    "meter": ("tempo", "meter", "meter-"),
    "concept": ("concept", "concept", "concept-"),
}


def propose_from_words(said: Mapping[str, Any], ontology: Ontology) -> Proposal:
    """Propose a song from title, color, key, bpm, meter and concept; what is left open is noted as in a file.

    Raises
    ------
    InvalidKeyError, MeterError : a key or a meter that cannot be understood.
    """
    _checked(said)
    data = {_FIELDS[name][0]: value for name, value in said.items() if value is not None}
    data["iteration_id"] = "_".join(str(said["title"]).casefold().split())
    return proposal_from(data, (), Path("command line"), "", ontology)


def say_anew(proposal: Proposal, said: Mapping[str, Any], ontology: Ontology) -> Proposal:
    """The proposal with the values that are given in place of its own; raises like `propose_from_words`."""
    if all(value is None for value in said.values()):
        return proposal
    given = {name: value for name, value in said.items() if value is not None}
    again = propose_from_words({"title": proposal.title, **given}, ontology)
    changes = {_FIELDS[name][1]: getattr(again, _FIELDS[name][1]) for name in given}
    settled = tuple(_FIELDS[name][2] for name in given)
    kept = tuple(problem for problem in proposal.problems if not problem.code.startswith(settled))
    doubts = tuple(problem for problem in again.problems if problem.code.startswith(settled))
    return replace(proposal, **changes, problems=(*kept, *doubts))


def with_preferences(
    proposal: Proposal, *, key: Key | None, tempo_bpm: float | None, stated: Mapping[str, Any]
) -> Proposal:
    """Fill what a proposal leaves open, and nothing that it states."""
    open_fields = {problem.code for problem in proposal.problems}
    changes: dict[str, Any] = {}
    if key is not None and proposal.musical_key is None and stated.get("key") is None:
        changes["musical_key"] = key
    if tempo_bpm is not None and "tempo-missing" in open_fields and stated.get("bpm") is None:
        changes["tempo_bpm"] = round(tempo_bpm)
    return replace(proposal, **changes) if changes else proposal


def _checked(said: Mapping[str, Any]) -> None:
    """Words of a command are refused where a file's would be guessed at."""
    if said.get("key") is not None:
        Key.parse(str(said["key"]))
    if said.get("meter") is not None:
        Meter.parse(str(said["meter"]))
