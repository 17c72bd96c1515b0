"""A first arrangement from the form: which variant in which block, and who plays there.

The energy of a block decides who plays: bass and drums enter as it rises, a first verse has no counter-line, the last
chorus has everything, intros and outros are thin (COMPOSING §7: real arcs are gentle, three bars in four have melody).
What a block of `song.yml` lists as its stages counts more than any of this.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from whitelight.composition.arrangement.model import (
    STAGES,
    ArrangedBlock,
    Arrangement,
    ArrangementError,
    PartUse,
)
from whitelight.composition.arrangement.parts import Approved
from whitelight.composition.form import Block, SectionPlan
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import SongSheet

ENTERS = {"chords": 0.0, "bass": 0.3, "melody": 0.36, "lyrics": 0.36, "drums": 0.38, "harmony": 0.6}  # energy, 0–1
RETURNING_HARMONY = 0.38  # a section that comes back may have its counter-line earlier
UNSUNG_ROLES = ("intro", "interlude", "breakdown", "outro")  # without melody while below this energy:
SUNG_ANYWAY = 0.6
WORDLESS_ROLES = (*UNSUNG_ROLES, "solo")
LEAD_STAGES = ("chords", "melody", "bass")  # a variant is complete when it has these
CLIMAX_ROLE = "chorus"


@dataclass(frozen=True, slots=True)
class _Place:
    """A block where it stands; `occurrence` of its section counts from 0."""

    block: Block
    section: SectionPlan
    role: str
    occurrence: int
    is_last: bool
    is_climax: bool


def plan_arrangement(sheet: SongSheet, approved: Approved) -> Arrangement:
    """Lay the approved parts into the form of the song.

    Parameters
    ----------
    approved : stage → slug of the section → labels in order (`approved_parts`).

    Raises
    ------
    ArrangementError : nothing is approved for any block.
    """
    places = _places(sheet)
    blocks = [_arranged(place, approved) for place in places]
    if not any(block.uses for block in blocks):
        raise ArrangementError(
            f"'{sheet.title}': nothing is approved for its sections; approve candidates, then: whitelight compose promote"
        )
    return Arrangement(tuple(_with_forgotten_stages(blocks, places, approved)))


def _places(sheet: SongSheet) -> list[_Place]:
    blocks = sheet.form.blocks
    sections = {section.name: section for section in sheet.form.sections}
    roles = [_role(index, blocks, sections) for index in range(len(blocks))]
    climax = _climax(blocks, roles)
    seen: Counter[str] = Counter()
    places = []
    for index, (block, role) in enumerate(zip(blocks, roles, strict=True)):
        is_last = index == len(blocks) - 1
        places.append(_Place(block, sections[block.section], role, seen[block.section], is_last, index == climax))
        if block.stages is None and role not in UNSUNG_ROLES:  # a borrowed intro is not the first verse
            seen[block.section] += 1
    return places


def _role(index: int, blocks: Sequence[Block], sections: Mapping[str, SectionPlan]) -> str:
    """Role of a block: that of its section, but bars of a section at the very start or end are an intro or an outro."""
    section = sections[blocks[index].section]
    if blocks[index].n_bars < section.n_bars and index in (0, len(blocks) - 1):
        return "intro" if index == 0 else "outro"
    return section.role


def _climax(blocks: Sequence[Block], roles: Sequence[str]) -> int:
    """The block in which everybody plays: the last chorus, else the last of the highest energy."""
    open_blocks = [index for index, block in enumerate(blocks) if block.stages is None] or list(range(len(blocks)))
    choruses = [index for index in open_blocks if roles[index] == CLIMAX_ROLE]
    return choruses[-1] if choruses else max(open_blocks, key=lambda index: (blocks[index].energy, index))


def _arranged(place: _Place, approved: Approved) -> ArrangedBlock:
    there = [stage for stage in STAGES if _labels(approved, stage, place.section)]
    playing = [stage for stage in there if _plays(stage, place)]
    if not playing and place.block.stages is None:
        playing = there
    uses = tuple(_use(stage, place, approved) for stage in playing)
    block = place.block
    return ArrangedBlock(block.name, block.section, block.n_bars, block.energy, uses)


def _plays(stage: str, place: _Place) -> bool:
    """Whether a stage plays in a block, by role and energy."""
    block, role = place.block, place.role
    if block.stages is not None:
        return stage in block.stages
    if stage == "lyrics" and role in WORDLESS_ROLES:
        return False
    if place.is_climax:
        return True
    if stage == "melody" and role in UNSUNG_ROLES:
        return block.energy >= SUNG_ANYWAY
    if stage == "harmony" and place.occurrence > 0:
        return block.energy >= RETURNING_HARMONY
    return block.energy >= ENTERS.get(stage, 0.0)


def _use(stage: str, place: _Place, approved: Approved) -> PartUse:
    block, section = place.block, place.section
    skipped = section.n_bars - block.n_bars if place.is_last else 0
    label = _label(stage, place, approved)
    return PartUse(stage, f"{slug(section.name)}_{label}", from_bar=max(skipped, 0))


def _label(stage: str, place: _Place, approved: Approved) -> str:
    """Label of the file that a stage plays: that of the block's variant, or round when there are fewer."""
    variants = _variants(approved, place.section)
    variant = variants[place.block.variant % len(variants)]
    labels = _labels(approved, stage, place.section)
    if stage == "lyrics" and place.occurrence > 0 and place.section.role != CLIMAX_ROLE:
        sung = _labels(approved, "melody", place.section)
        other = [label for label in labels if label not in sung]  # other words for a melody that comes back
        if variant in labels and other:
            return [variant, *other][place.occurrence % (1 + len(other))]
    return variant if variant in labels else labels[place.block.variant % len(labels)]


def _variants(approved: Approved, section: SectionPlan) -> tuple[str, ...]:
    """Labels of a section that a block may have: those with chords, and with melody and bass where any have them."""
    labels = next(labels for stage in STAGES if (labels := _labels(approved, stage, section)))
    counts = [sum(label in _labels(approved, stage, section) for stage in LEAD_STAGES) for label in labels]
    return tuple(label for label, count in zip(labels, counts, strict=True) if count == max(counts))


def _labels(approved: Approved, stage: str, section: SectionPlan) -> tuple[str, ...]:
    return approved.get(stage, {}).get(slug(section.name), ())


def _with_forgotten_stages(
    blocks: Sequence[ArrangedBlock], places: Sequence[_Place], approved: Approved
) -> list[ArrangedBlock]:
    """Let every approved stage be heard at least once: where the energy is highest among blocks it has a part for."""
    arranged = list(blocks)
    for stage in STAGES:
        if any(block.parts(stage) for block in arranged):
            continue
        open_places = [
            index
            for index, place in enumerate(places)
            if place.block.stages is None and _labels(approved, stage, place.section)
        ]
        if open_places:
            index = max(open_places, key=lambda i: (places[i].block.energy, i))
            uses = (*arranged[index].uses, _use(stage, places[index], approved))
            arranged[index] = replace(arranged[index], uses=tuple(sorted(uses, key=_stage_order)))
    return arranged


def _stage_order(use: PartUse) -> int:
    return STAGES.index(use.stage)
