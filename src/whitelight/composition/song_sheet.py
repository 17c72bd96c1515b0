"""`song.yml` as the composer understands it: what is to be composed, in which sections, in which order.

The file is the human's as much as the machine's: key, tempo, meter, sections and form may be edited there, and what is
read back counts. Facts that a run adds (seed, target, problems) are written by `production.update_song`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.form import DEFAULT_FORM, ROLE_ENERGY, Block, ImpossibleSectionError, SectionPlan, SongForm
from whitelight.composition.production import DEFAULT_KEY, DEFAULT_METER, DEFAULT_TEMPO_BPM, SONG_FILE, slug
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.music import Key, Meter, MeterError


class SongSheetError(WhitelightError):
    """A `song.yml` that is missing or cannot be understood."""


@dataclass(frozen=True, slots=True)
class SongSheet:
    """A song to be composed.

    Attributes
    ----------
    class_name : class of the ontology it is meant for, "" without. target : what to compose for instead, "" the class.
    neighbors : folder names of the songs beside it whose material this one keeps away from, or is cut from.
    cut_up : whether it is made of approved bars of its neighbors.
    problems : what was odd in the proposal and how it was understood.
    """

    title: str
    iteration_id: str
    key: Key
    meter: Meter
    tempo_bpm: float
    class_name: str
    target: str
    concept: str
    seed: int
    form: SongForm
    neighbors: tuple[str, ...] = ()
    cut_up: bool = False
    problems: tuple[str, ...] = ()

    def section(self, name: str) -> SectionPlan:
        """Section by name, as it is or as a slug.

        Raises
        ------
        SongSheetError : there is none of that name.
        """
        for section in self.form.sections:
            if name in (section.name, slug(section.name)):
                return section
        known = ", ".join(section.name for section in self.form.sections)
        raise SongSheetError(f"section '{name}': not in the song; it has {known}")


def read_song_sheet(folder: Path) -> SongSheet:
    """Read `song.yml` of a production folder.

    Raises
    ------
    SongSheetError : missing, or a value that cannot be understood; the message names it.
    """
    path = folder / SONG_FILE
    if not path.exists():
        raise SongSheetError(f"{folder}: no {SONG_FILE} there; begin a song with: whitelight compose new")
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise SongSheetError(f"{path.name}: expected keys and values, found {type(content).__name__}; restore it")
    try:
        return song_sheet(content)
    except (WhitelightError, ValueError, TypeError, KeyError) as err:
        raise SongSheetError(f"{folder.name}/{SONG_FILE}: {err}; mend it there") from err


def song_sheet(content: Mapping[str, Any]) -> SongSheet:
    """Understand the keys and values of a `song.yml`."""
    sections = tuple(_section(value) for value in content.get("sections") or []) or DEFAULT_FORM
    _refuse_twins(sections)
    blocks = tuple(_block(value, sections) for value in content.get("form") or []) or once_each(sections)
    return SongSheet(
        title=str(content.get("title") or "untitled"),
        iteration_id=str(content.get("iteration_id") or ""),
        key=Key.parse(str(content["key"])) if content.get("key") else DEFAULT_KEY,
        meter=_meter(content.get("meter")),
        tempo_bpm=float(content.get("tempo_bpm") or DEFAULT_TEMPO_BPM),
        class_name=str(content.get("class") or ""),
        target=str(content.get("target") or ""),
        concept=str(content.get("concept") or ""),
        seed=int(content.get("seed") or 0),
        form=SongForm(sections, blocks),
        neighbors=tuple(map(str, content.get("neighbors") or ())),
        cut_up=bool(content.get("cut_up")),
        problems=tuple(map(str, content.get("problems") or ())),
    )


def _meter(value: Any) -> Meter:
    if value is None:
        return DEFAULT_METER
    try:
        return Meter.from_value(value)
    except MeterError as err:
        raise SongSheetError(str(err)) from err


def _section(value: Mapping[str, Any]) -> SectionPlan:
    name = str(value["name"])
    role = str(value.get("role") or name).casefold()
    energy = value.get("energy")
    return SectionPlan(
        name=name,
        role=role,
        n_bars=int(value.get("bars", 8)),
        energy=ROLE_ENERGY.get(role, 0.5) if energy is None else float(energy),
        lift=float(value.get("lift") or 0.0),
    )


def _refuse_twins(sections: Sequence[SectionPlan]) -> None:
    names = [slug(section.name) for section in sections]
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise ImpossibleSectionError(f"two sections are called '{twin}'; expected unique names; rename one")


def _block(value: Mapping[str, Any], sections: Sequence[SectionPlan]) -> Block:
    wanted = str(value["section"])
    section = next((s for s in sections if wanted in (s.name, slug(s.name))), None)
    if section is None:
        known = ", ".join(s.name for s in sections)
        raise SongSheetError(f"form: '{wanted}' is no section; sections are {known}")
    energy, stages = value.get("energy"), value.get("stages")
    return Block(
        name=str(value.get("name") or section.name),
        section=section.name,
        variant=int(value.get("variant") or 0),
        energy=section.energy if energy is None else float(energy),
        n_bars=min(int(value.get("bars") or section.n_bars), section.n_bars),
        stages=None if stages is None else tuple(map(str, stages)),
    )


def once_each(sections: Sequence[SectionPlan]) -> tuple[Block, ...]:
    """Sections one after the other."""
    return tuple(Block(s.name, s.name, 0, s.energy, s.n_bars) for s in sections)


def form_facts(form: SongForm) -> dict[str, Any]:
    """The form as it stands in `song.yml`."""
    return {
        "sections": [
            {"name": s.name, "role": s.role, "bars": s.n_bars, "energy": s.energy, "lift": s.lift}
            for s in form.sections
        ],
        "form": [
            {"name": b.name, "section": b.section, "variant": b.variant, "energy": b.energy, "bars": b.n_bars}
            | ({} if b.stages is None else {"stages": list(b.stages)})
            for b in form.blocks
        ],
    }
