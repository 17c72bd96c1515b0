"""What stands in `approved/`: the parts a song is made of, by stage, section and label, whoever put them there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import SongSheet
from whitelight.composition.stage import Stage
from whitelight.composition.stages import STAGE_NAMES
from whitelight.errors import WhitelightError
from whitelight.music import Piece, read_midi


class NothingApprovedError(WhitelightError):
    """A stage that cannot begin before another has something approved."""


@dataclass(frozen=True, slots=True)
class ApprovedPart:
    """One file of `<stage>/approved/`, "verse_a.mid": section and label are slugs."""

    stage: str
    section: str
    label: str
    file: Path


Parts = Mapping[str, Sequence[ApprovedPart]]


def approved_parts(folder: Path, sections: Sequence[SectionPlan]) -> dict[str, tuple[ApprovedPart, ...]]:
    """Approved parts of every stage, in order of their names; files of no section of the song are passed over."""
    names = sorted((slug(section.name) for section in sections), key=len, reverse=True)
    found: dict[str, tuple[ApprovedPart, ...]] = {}
    for stage in STAGE_NAMES:
        files = sorted((folder / stage / "approved").glob("*.mid"))
        placed = ((file, next((n for n in names if file.stem.startswith(f"{n}_")), None)) for file in files)
        found[stage] = tuple(ApprovedPart(stage, n, f.stem[len(n) + 1 :], f) for f, n in placed if n is not None)
    return found


def part_for(parts: Parts, stage: str, section: str, label: str) -> ApprovedPart | None:
    """The approved part of a section with a label, else the section's first one, else None."""
    there = [part for part in parts.get(stage, ()) if part.section == slug(section)]
    return next((part for part in there if part.label == label), there[0] if there else None)


def contexts_for(sheet: SongSheet, parts: Parts, stage: Stage, sections: Sequence[str] = ()) -> list[SectionContext]:
    """What a stage composes for: every section, in as many variants as have approved chords.

    Parameters
    ----------
    sections : sections or parts ("verse", "verse a") to compose for; all when empty.

    Raises
    ------
    NothingApprovedError : nothing is approved of a stage that this one needs.
    """
    contexts = [context for section in sheet.form.sections for context in _variants(sheet, section, parts, stage)]
    if sections:
        names = {slug(name) for name in sections}
        for name in names - {slug(part_of(context)) for context in contexts}:
            sheet.section(name)  # refuses what is neither a part nor a section
        contexts = [c for c in contexts if {slug(c.section.name), slug(part_of(c))} & names]
    if not contexts:
        missing = next((name for name in stage.needs if not parts.get(name)), "parts")
        raise NothingApprovedError(
            f"stage '{stage.name}' follows approved {missing}, and none is approved; set status: approved in "
            f"{missing}/review.yml, then whitelight compose promote"
        )
    return contexts


def part_of(context: SectionContext) -> str:
    """Section and variant: "verse", "verse a"."""
    return f"{context.section.name} {context.label}".strip()


def _variants(sheet: SongSheet, section: SectionPlan, parts: Parts, stage: Stage) -> Iterator[SectionContext]:
    labels = [part.label for part in parts.get("chords", ()) if part.section == slug(section.name)]
    for label in labels if stage.name != "chords" and labels else [""]:
        heard: dict[str, Piece] = {}
        for name in stage.hears:
            part = part_for(parts, name, section.name, label)
            if part is not None:
                heard[name] = read_midi(part.file)
        if set(stage.needs) <= set(heard):
            yield context_of(sheet, section, heard, label)


def context_of(sheet: SongSheet, section: SectionPlan, heard: Mapping[str, Piece], label: str) -> SectionContext:
    """A section of the song with what is heard in it."""
    return make_context(section, key=sheet.key, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm, heard=heard, label=label)
