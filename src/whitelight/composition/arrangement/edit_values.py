"""What a change of an arrangement means for the values of `arrangement.yml`, as plain data.

Only what the human really changed is said anew; everything else stays as it was written. Where a part says more than a
name, silence is `mute: true`, so that nothing of it is gone when the part comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whitelight.composition.arrangement.model import STAGES, ArrangedBlock, Arrangement, PartUse, StageMix

BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class BlockEdit:
    """A block as it is to be.

    Attributes
    ----------
    place : which block of the text it is, from 0; None: a new one.
    parts : stage → part that is heard, None for silence; a stage that is left out stays as it is.
    """

    place: int | None
    name: str
    section: str
    n_bars: int
    energy: float
    parts: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArrangementEdit:
    """An arrangement as it is to be; a stage that `mix` leaves out stays as it is."""

    blocks: tuple[BlockEdit, ...]
    mix: Mapping[str, StageMix]
    ending: str


def heard_part(block: ArrangedBlock, stage: str) -> str | None:
    """The part that stands for a stage in a block: the first that is not muted."""
    return next(iter(block.parts(stage)), None)


def says_more(block: ArrangedBlock) -> bool:
    """Whether a part of it is more than a name: louder, muted, from another bar, or one of two."""
    plain = [use for use in block.uses if use == PartUse(use.stage, use.part)]
    return len(plain) < len(block.uses) or len({use.stage for use in plain}) < len(plain)


def wanted_content(content: Mapping[str, Any], before: Arrangement, edit: ArrangementEdit) -> dict[str, Any]:
    """Return what the file is to say.

    Parameters
    ----------
    content : what it says, as plain data; it is left as it is. before : the same as it was understood.
    """
    wanted = dict(content)
    wanted[BLOCKS] = [
        _new_block(block)
        if block.place is None
        else _wanted_block(content[BLOCKS][block.place], before.blocks[block.place], block)
        for block in edit.blocks
    ]
    if edit.ending != before.ending:
        wanted["ending"] = edit.ending
    changed = {stage: mix for stage, mix in edit.mix.items() if mix != before.mix.get(stage, StageMix())}
    if changed:
        given = dict(content.get("mix") or {})
        wanted["mix"] = given | {stage: _wanted_mix(given.get(stage), mix) for stage, mix in changed.items()}
    return wanted


def _wanted_mix(given: Any, mix: StageMix) -> Any:
    """Level of a stage as the file writes it: a number stays a number while it says it all."""
    if isinstance(given, int | float) and not mix.mute:
        return mix.gain_db
    known = dict(given) if isinstance(given, Mapping) else {}
    if mix.gain_db or "gain_db" in known:
        known["gain_db"] = mix.gain_db
    if mix.mute or "mute" in known:
        known["mute"] = mix.mute
    return known


def _new_block(block: BlockEdit) -> dict[str, Any]:
    parts = {stage: block.parts.get(stage) for stage in STAGES}
    return {
        "name": block.name,
        "section": block.section,
        "bars": block.n_bars,
        "energy": block.energy,
        "parts": parts,
    }


def _wanted_block(item: Mapping[str, Any], before: ArrangedBlock, block: BlockEdit) -> dict[str, Any]:
    wanted = dict(item)
    facts = {"name": block.name, "section": block.section, "bars": block.n_bars, "energy": block.energy}
    known = {"name": before.name, "section": before.section, "bars": before.n_bars, "energy": before.energy}
    wanted |= {key: value for key, value in facts.items() if value != known[key]}
    changed = {stage: part for stage, part in block.parts.items() if part != heard_part(before, stage)}
    if changed:
        parts = dict(item.get("parts") or {})
        for stage, part in changed.items():
            uses = [use for use in before.uses if use.stage == stage]
            parts[stage] = _wanted_part(parts.get(stage), uses, part)
        wanted["parts"] = parts
    return wanted


def _wanted_part(given: Any, uses: Sequence[PartUse], part: str | None) -> Any:
    """What a stage plays in a block, as the file writes it; `uses` are the parts it names now."""
    if not isinstance(given, list | Mapping):
        return part
    items = given if isinstance(given, list) else [given]
    places = [place for place, item in enumerate(items) if item not in (None, "", False)]
    if not places:
        return part
    made = list(items)
    if part is None:
        for place in places:
            made[place] = _said(made[place], mute=True)
    else:
        chosen = next((n for n, use in enumerate(uses) if use.part == part), None)
        heard = next((n for n, use in enumerate(uses) if not use.mute), 0)
        if chosen is None:
            made[places[heard]] = _said(made[places[heard]], part=part, mute=False)
        else:
            made[places[chosen]] = _said(made[places[chosen]], mute=False)
            for place in places[:chosen]:
                made[place] = _said(made[place], mute=True)
    return made if isinstance(given, list) else made[0]


def _said(item: Any, *, mute: bool, part: str | None = None) -> Any:
    """One part of a stage, muted or heard, another one where `part` is given."""
    if isinstance(item, Mapping):
        said = dict(item) if part is None else {**item, "part": part}
        return said | {"mute": mute} if mute or "mute" in item else said
    named = item if part is None else part
    return {"part": named, "mute": True} if mute else named
