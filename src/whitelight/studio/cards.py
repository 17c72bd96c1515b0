"""A song in the list of songs: what it is, how far each stage is, and what needs a human next."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from whitelight.composition.approved import ApprovedPart, approved_parts
from whitelight.composition.automatic_choice import AUTO_FILE
from whitelight.composition.production import slug
from whitelight.composition.promotion import approved_name
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.stages import STAGE_NAMES
from whitelight.composition.status import EXPORTED, OPEN, Phase
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology, Target
from whitelight.studio.candidates import stage_files
from whitelight.studio.errors import public
from whitelight.studio.library import SongPlace, print_of, version_of
from whitelight.studio.reading import read_stage_review


def song_card(place: SongPlace, ontology: Ontology, version: str = "") -> dict[str, Any]:
    """One song as `SongCard` of `web/src/types.ts`.

    Raises
    ------
    SongSheetError : `song.yml` cannot be read. A review that cannot be read is a problem of the card only.
    """
    folder = place.folder
    sheet = read_song_sheet(folder)
    parts = approved_parts(folder, sheet.form.sections)
    problems = list(sheet.problems)
    told = [_phase(folder, stage, sheet, parts[stage], problems) for stage in STAGE_NAMES]
    phases = [phase for phase, _ in told]
    files = [name for name in EXPORTED if (folder / name).exists()]
    bar_s = float(sheet.meter.beats_per_bar) * 60.0 / sheet.tempo_bpm
    return {
        "id": place.song_id,
        "folder": place.name,
        "title": sheet.title,
        "class": sheet.class_name or None,
        "target": sheet.target or None,
        "hex": color_of(sheet.target or sheet.class_name, ontology),
        "key": str(sheet.key),
        "meter": str(sheet.meter),
        "tempo_bpm": sheet.tempo_bpm,
        "n_bars": sheet.form.n_bars,
        "duration_s": round(sheet.form.n_bars * bar_s, 2),
        "form": [
            {"name": b.name, "section": b.section, "variant": b.variant, "bars": b.n_bars, "energy": b.energy}
            for b in sheet.form.blocks
        ],
        "sections": [
            {
                "name": s.name,
                "slug": slug(s.name),
                "role": s.role,
                "bars": s.n_bars,
                "energy": s.energy,
                "variants": [part.label for part in parts["chords"] if part.section == slug(s.name)],
            }
            for s in sheet.form.sections
        ],
        "phases": [phase_to_dict(phase) for phase in phases],
        "files": files,
        "next": next_step(told, files),
        "problems": [public(problem, folder) for problem in problems],
        "version": version or version_of(print_of(folder)),
    }


def _phase(
    folder: Path, stage: str, sheet: SongSheet, parts: Sequence[ApprovedPart], problems: list[str]
) -> tuple[Phase, tuple[str, ...]]:
    """How far a stage is, and the section of each candidate that is approved but not promoted."""
    try:
        review = read_stage_review(folder / stage).review
        entries = review.entries
        problems += (f"{stage}/{problem}" for problem in review.problems)
    except WhitelightError as err:  # the other stages go on
        entries = ()
        problems.append(f"{stage}: {err}")
    there = {part.section for part in parts}
    files = stage_files(folder / stage) if (folder / stage / AUTO_FILE).exists() else None
    problems += files.problems if files is not None else ()
    phase = Phase(
        stage=stage,
        n_candidates=len(entries),
        n_marked=sum(entry.is_marked for entry in entries),
        n_approved=len(parts),
        n_auto=len(files.chosen) if files is not None else 0,
        missing=tuple(s.name for s in sheet.form.sections if slug(s.name) not in there),
    )
    names = {part.file.stem for part in parts}
    return phase, tuple(e.section for e in entries if e.status == "approved" and approved_name(e) not in names)


def phase_to_dict(phase: Phase) -> dict[str, Any]:
    """Plain data."""
    return {
        "stage": phase.stage,
        "state": phase.state,
        "candidates": phase.n_candidates,
        "marked": phase.n_marked,
        "approved": phase.n_approved,
        "auto": phase.n_auto,
        "missing": list(phase.missing),
    }


def next_step(phases: Sequence[tuple[Phase, Sequence[str]]], files: Sequence[str]) -> dict[str, Any]:
    """What the song needs next, for a button and a sentence.

    Parameters
    ----------
    phases : each with the sections of what is approved but not promoted.
    """
    for phase, waiting in phases:
        if phase.state == OPEN:
            return {"stage": phase.stage, "action": "compose", "text": f"Compose {phase.stage}"}
        if silent := [name for name in phase.missing if slug(name) not in {slug(one) for one in waiting}]:
            text = f"Listen to {phase.stage}: {', '.join(silent)}"
            return {"stage": phase.stage, "action": "listen", "text": text}
        if waiting:
            text = f"Promote what is approved in {phase.stage}: {len(waiting)}"
            return {"stage": phase.stage, "action": "promote", "text": text}
    if "song.mid" not in files:
        return {"stage": None, "action": "arrange", "text": "Arrange the song, then export it"}
    return {"stage": None, "action": "open", "text": "Listen to the song, export it"}


def color_of(goal: str, ontology: Ontology) -> str | None:
    """The swatch of a class, with "#"; of a mixture its classes by weight; None when nobody knows it."""
    known: Mapping[str, str] = {one.name: one.hex for one in ontology.classes if one.hex}
    if goal in known:
        return f"#{known[goal]}"
    try:
        names = Target.parse(goal, ontology).class_names(ontology) if goal else ()
    except WhitelightError:  # a goal of another ontology
        return None
    colors = [known[name] for name in names if name in known]
    if not colors:
        return None
    mixed = (sum(int(one[at : at + 2], 16) for one in colors) // len(colors) for at in (0, 2, 4))
    return "#" + "".join(f"{value:02X}" for value in mixed)
