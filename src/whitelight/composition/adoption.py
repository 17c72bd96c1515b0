"""Hand-made MIDI in `candidates/`: a file that no entry names is adopted, so that it can be judged like the others."""

from pathlib import Path
from typing import Any

from whitelight.composition.approved import context_of
from whitelight.composition.judging import Judge
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.review import read_review
from whitelight.composition.review_writing import append_entries
from whitelight.composition.song_sheet import SongSheet
from whitelight.composition.stage_writing import HEADER, one_line
from whitelight.composition.stages import find_stage
from whitelight.music import MidiError, read_midi


def adopt(
    folder: Path, stage: str, sheet: SongSheet, judge: Judge | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List files of `candidates/` that the review does not know; return their ids, and what could not be adopted.

    A file belongs to the section its name begins with ("verse-by-hand.mid"), or to the only one there is; what follows
    the section and is the label of approved chords says which variant it goes with ("verse-a-by-hand.mid").

    Parameters
    ----------
    judge : scores them; without one they stand without a score.
    """
    path = folder / stage / REVIEW_FILE
    files = sorted((folder / stage / "candidates").glob("*.mid"))
    known = {name for e in read_review(path).entries for name in (f"candidates/{e.candidate_id}.mid", e.file)}
    entries, problems = list[dict[str, Any]](), list[str]()
    for file in files:
        if f"candidates/{file.name}" in known:
            continue
        try:
            entries.append(_entry(folder, stage, sheet, file, judge))
        except (MidiError, _NoSectionError) as err:
            problems.append(f"{stage}/candidates/{file.name}: {err}; not adopted")
    header = HEADER.format(stage=find_stage(stage).title, title=one_line(sheet.title))
    return append_entries(path, entries, header=header), tuple(problems)


class _NoSectionError(Exception):
    """A file name that says no section."""


def _entry(folder: Path, stage: str, sheet: SongSheet, file: Path, judge: Judge | None) -> dict[str, Any]:
    section, variant = _place(folder, stage, sheet, file.stem)
    piece = read_midi(file)
    context = context_of(sheet, sheet.section(section), {"chords": piece} if stage == "chords" else {}, variant)
    verdict = judge.hear([file.read_bytes()], view=stage)[0] if judge is not None and judge.goal is not None else None
    machine: dict[str, Any] = {"adopted": True, "notes": piece.n_notes}
    if context.chords:
        machine["chords"] = " ".join(chord.symbol for chord in context.chords)
    if verdict is not None and verdict.error is None:
        machine |= {
            "fitness": round(verdict.fitness, 4),
            "match": round(verdict.match, 4),
            "novelty": round(verdict.novelty, 4),
        }
    return {
        "id": file.stem,
        "section": section,
        **({"variant": variant} if variant else {}),
        "file": f"candidates/{file.name}",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": machine,
    }


def _place(folder: Path, stage: str, sheet: SongSheet, stem: str) -> tuple[str, str]:
    """Section and variant that a file name speaks of."""
    sections = sorted(sheet.form.sections, key=lambda section: -len(section.name))
    name = slug(stem)
    section = next((s for s in sections if name.startswith(slug(s.name))), None)
    if section is None and len(sections) > 1:
        known = ", ".join(slug(s.name) for s in sheet.form.sections)
        raise _NoSectionError(
            f"its name begins with no section; call it {slug(sheet.form.sections[0].name)}-{stem}.mid or so ({known})"
        )
    section = section or sections[0]
    if stage == "chords":
        return section.name, ""
    prefix = f"{slug(section.name)}_"
    labels = [file.stem[len(prefix) :] for file in sorted((folder / "chords" / "approved").glob(f"{prefix}*.mid"))]
    rest = name[len(slug(section.name)) :].lstrip("-_")
    return section.name, next((label for label in labels if rest.split("-")[0] == label), labels[0] if labels else "")
