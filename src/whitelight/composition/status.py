"""Where a song stands: phases, the arc of its form, and what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts
from whitelight.composition.automatic_choice import chosen_by_machine
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.review import read_review
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.stages import STAGE_NAMES, find_stage

_STEPS = "▁▂▃▄▅▆▇█"
OPEN, COMPOSED, PARTLY, DONE = "open", "composed", "partly approved", "approved"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stage of a song.

    Attributes
    ----------
    n_candidates : listed in the review. n_marked : of these, with a mark of the human.
    n_approved, n_auto : files in `approved/`, and those of them that `--auto` chose.
    missing : sections without an approved part.
    """

    stage: str
    n_candidates: int
    n_marked: int
    n_approved: int
    n_auto: int
    missing: tuple[str, ...]

    @property
    def state(self) -> str:
        """One of open, composed, partly approved, approved."""
        if self.n_approved and not self.missing:
            return DONE
        return PARTLY if self.n_approved else COMPOSED if self.n_candidates else OPEN


@dataclass(frozen=True, slots=True)
class SongStatus:
    """Everything `compose status` shows."""

    folder: Path
    sheet: SongSheet
    phases: tuple[Phase, ...]
    files: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What to do now, as commands."""
        where = self.folder
        for phase in self.phases:
            if phase.state == OPEN:
                return (f"whitelight compose run {where} --stage {phase.stage} --model MODEL",)
            if phase.state in (COMPOSED, PARTLY):
                review = f"{where}/{phase.stage}/{REVIEW_FILE}"
                missing = ", ".join(phase.missing)
                listen = (
                    f"listen to {where}/{phase.stage}/candidates, set status: approved in {review} (missing: {missing})"
                )
                return listen, f"whitelight compose promote {where}"
        if "song.mid" not in self.files:
            return (f"whitelight compose assemble {where}", f"whitelight compose export {where}")
        return (f"open {where}/song.mid, or whitelight compose export {where}",)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight compose status --json``."""
        return {
            "folder": str(self.folder),
            "title": self.sheet.title,
            "key": str(self.sheet.key),
            "meter": str(self.sheet.meter),
            "tempo_bpm": self.sheet.tempo_bpm,
            "class": self.sheet.class_name or None,
            "form": [
                {"name": b.name, "section": b.section, "bars": b.n_bars, "energy": b.energy}
                for b in self.sheet.form.blocks
            ],
            "phases": [
                {
                    "stage": p.stage,
                    "state": p.state,
                    "candidates": p.n_candidates,
                    "marked": p.n_marked,
                    "approved": p.n_approved,
                    "auto": p.n_auto,
                    "missing": list(p.missing),
                }
                for p in self.phases
            ],
            "files": list(self.files),
            "problems": list(self.problems),
            "next": list(self.next_steps),
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        sheet = self.sheet
        what = f"{sheet.key}, {sheet.meter}, {sheet.tempo_bpm:g} bpm"
        yield f"{sheet.title} ({', '.join(filter(None, (sheet.target or sheet.class_name, what)))})"
        yield from arc_lines(sheet)
        width = max(len(phase.stage) for phase in self.phases)
        for phase in self.phases:
            chosen = f", {phase.n_auto} of them by --auto" if phase.n_auto else ""
            counts = (
                f"{phase.n_candidates} candidates, {phase.n_approved} approved{chosen}"
                if phase.n_candidates or phase.n_approved
                else ""
            )
            yield f"  {phase.stage:<{width}}  {phase.state:<15}  {counts}".rstrip()
        if self.files:
            yield f"  files: {', '.join(self.files)}"
        yield from self.problems
        yield from (f"next: {step}" for step in self.next_steps)


def song_status(folder: Path) -> SongStatus:
    """Look at a production folder; nothing is written.

    Raises
    ------
    SongSheetError, ReviewError : a file of the human's that cannot be read.
    """
    sheet = read_song_sheet(folder)
    parts = approved_parts(folder, sheet.form.sections)
    phases, problems = list[Phase](), list[str]()
    for name in STAGE_NAMES:
        review = read_review(folder / name / REVIEW_FILE)
        problems += review.problems
        there = {part.section for part in parts[name]}
        phases.append(
            Phase(
                stage=name,
                n_candidates=len(review.entries),
                n_marked=sum(entry.is_marked for entry in review.entries),
                n_approved=len(parts[name]),
                n_auto=len(chosen_by_machine(folder / name)),
                missing=tuple(s.name for s in sheet.form.sections if slug(s.name) not in there),
            )
        )
        problems += _orphans(parts, name)
    files = tuple(name for name in EXPORTED if (folder / name).exists())
    return SongStatus(folder, sheet, tuple(phases), files, (*sheet.problems, *problems))


EXPORTED = ("arrangement.yml", "song.mid", "song.musicxml", "song.dawproject", "lyrics.lrc", "preview.wav")


def _orphans(parts: Mapping[str, Any], name: str) -> list[str]:
    """Approved parts that follow chords which are no longer approved."""
    if "chords" not in find_stage(name).needs:
        return []
    chords = {(part.section, part.label) for part in parts["chords"]}
    sections = {section for section, _ in chords}
    return [
        f"{name}/approved/{part.file.name}: no approved chords of that name; it is played over the first of its section"
        for part in parts[name]
        if part.section not in sections
    ]


def arc_lines(sheet: SongSheet, width: int = 72) -> Iterator[str]:
    """The arc of a song drawn in blocks as wide as they last, their names below."""
    n_bars = max(sheet.form.n_bars, 1)
    heights, names = "", ""
    for block in sheet.form.blocks:
        cells = max(round(block.n_bars * width / n_bars), 3)
        step = _STEPS[min(int(block.energy * len(_STEPS)), len(_STEPS) - 1)]
        heights += step * (cells - 1) + " "
        names += f"{block.name[: cells - 1]:<{cells}}"
    bar_s = float(sheet.meter.beats_per_bar) * 60.0 / sheet.tempo_bpm
    minutes, seconds = divmod(round(n_bars * bar_s), 60)
    yield f"  {heights}"
    yield f"  {names.rstrip()}"
    yield f"  {n_bars} bars, {minutes}:{seconds:02d}"
