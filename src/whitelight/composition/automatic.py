"""A whole song without stopping: a beam over the stages, where the human has not chosen.

Every section keeps three lineages, one for each of three different chord candidates. At each later stage fifty
candidates are generated for each lineage, and bred; of the three that are kept the one that sounds best together with
what the lineage has already goes on. At the end the best two lineages become the variants "a" and "b": different at
every stage, since they follow different chords. Whatever the human approved stands, and its own labels are the variants
then. Chords are composed section by section, which keep away from each other; then sections go on by themselves, in
several processes if asked, to the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts
from whitelight.composition.automatic_choice import chosen_by_machine, write_choice
from whitelight.composition.lineages import Beam, Lineage
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.report import StageReport
from whitelight.composition.review import read_review
from whitelight.composition.scorer import BatchScorer
from whitelight.composition.section_search import Effort, SectionResult
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stage import Stage
from whitelight.composition.stage_writing import candidate_id, section_report, write_stage
from whitelight.composition.stages import find_stage, stages_through
from whitelight.composition.workshop import Styles, Workshop
from whitelight.progress import Progress, silent
from whitelight.scoring.taste import Taste
from whitelight.workers import map_in_processes

EFFORT = Effort(n_candidates=50, n_generations=1, n_keep=8, n_written=12)


@dataclass(frozen=True, slots=True)
class Said:
    """What a stage was composed for, and doubts about it."""

    target: str | None
    doubts: tuple[str, ...]
    taste: str = ""


def compose_song(
    folder: Path,
    *,
    scorer: BatchScorer,
    through: str = "lyrics",
    styles: Styles | None = None,
    effort: Effort = EFFORT,
    taste: Taste | None = None,
    force: bool = False,
    jobs: int = 1,
    progress: Progress = silent,
) -> list[StageReport]:
    """Compose every stage up to `through` and choose where the human has not; write candidates, choices and reviews.

    Parameters
    ----------
    taste : a human's, which takes part in the fitness of the stages it knows.
    jobs : processes; with more than one the scorer is opened again in each.

    Raises
    ------
    SongSheetError, GateError, NoCandidatesError, ReviewError, UnwritableFolderError : nothing was written before any
        of the first four.
    """
    sheet = read_song_sheet(folder)
    stages = stages_through(through)
    for stage in stages:
        read_review(folder / stage.name / REVIEW_FILE)
    beam = _beam(Workshop(folder, sheet, styles or {}), scorer, effort, taste=taste, force=force)
    begun: list[list[Lineage]] = []
    n_steps = 2 * len(sheet.form.sections) + len(stages)
    for section in sheet.form.sections:
        begun.append(beam.begin(section, stages[0], [one for other in begun for one in other]))
        progress(len(begun), n_steps)
    said = {stages[0].name: _said(beam, stages[0])}
    lineages: list[Lineage] = []
    names = tuple(stage.name for stage in stages[1:])
    tasks = [_Task(beam, tuple(each), names) for each in begun]
    for n_led, (led, what) in enumerate(map_in_processes(_lead, tasks, jobs), start=1):
        lineages += led
        said |= {name: one for name, one in what.items() if name not in said or one.target}
        progress(len(begun) + n_led, n_steps)
    reports = []
    for place, stage in enumerate(stages):
        reports.append(_write(folder, sheet.title, stage, lineages, said[stage.name], seed=sheet.seed))
        progress(n_steps - len(stages) + place + 1, n_steps)
    return [_with_problems(report, sheet.problems) for report in reports]


def _beam(shop: Workshop, scorer: BatchScorer, effort: Effort, *, taste: Taste | None, force: bool) -> Beam:
    """A beam that lets stand what the human chose, made or changed."""
    standing = approved_parts(shop.folder, shop.sheet.form.sections)
    machine = {stage: chosen_by_machine(shop.folder / stage) for stage in standing}
    by_hand = {s: tuple(part for part in found if part.file.stem not in machine[s]) for s, found in standing.items()}
    return Beam(shop, scorer, effort, by_hand, standing, force, taste)


@dataclass(frozen=True, slots=True)
class _Task:
    """A section to be led through the later stages, perhaps in another process."""

    beam: Beam
    lineages: tuple[Lineage, ...]
    stages: tuple[str, ...]


def _lead(task: _Task) -> tuple[list[Lineage], dict[str, Said]]:
    stages = [find_stage(name) for name in task.stages]
    led = task.beam.lead(task.lineages, stages)
    return led, {stage.name: _said(task.beam, stage) for stage in stages}


def _said(beam: Beam, stage: Stage) -> Said:
    judge = beam.judges.get(stage.name)
    if judge is None:
        return Said(None, beam.doubts.get(stage.name, ()))
    taste = judge.taste.name if judge.taste else ""
    return Said(judge.target, (*judge.doubts, *beam.doubts.get(stage.name, ())), taste)


def _write(
    folder: Path, title: str, stage: Stage, lineages: Sequence[Lineage], said: Said, *, seed: int
) -> StageReport:
    """Write a stage's candidates and review, then what was chosen."""
    results = list(_results(stage, lineages))
    run = f"auto, seed {seed}, target {said.target or 'none'}{f', taste {said.taste}' if said.taste else ''}"
    added = write_stage(folder, stage, results, title=title, run=run, seed=seed) if results else ()
    write_choice(folder / stage.name, dict(_choices(stage, lineages)))
    reports = tuple(section_report(result) for result in results)
    return StageReport(
        stage=stage.name, out=folder, sections=reports, added=added, problems=said.doubts, target=said.target
    )


def _with_problems(report: StageReport, problems: Sequence[str]) -> StageReport:
    return replace(report, problems=(*problems, *report.problems))


def _results(stage: Stage, lineages: Sequence[Lineage]) -> Iterator[SectionResult[Any]]:
    """Searches of a stage, each once; what was chosen is among what is written."""
    seen: list[int] = []
    for lineage in lineages:
        result = lineage.results.get(stage.name)
        if result is not None and id(result.search) not in seen:
            seen.append(id(result.search))
            yield result


def _choices(stage: Stage, lineages: Sequence[Lineage]) -> Iterator[tuple[str, str]]:
    for lineage in lineages:
        if stage.name in lineage.chosen:
            variant = lineage.results[stage.name].variant
            name = f"{slug(lineage.section.name)}_{slug(lineage.label)}"
            yield name, candidate_id(lineage.chosen[stage.name], lineage.section, variant)
