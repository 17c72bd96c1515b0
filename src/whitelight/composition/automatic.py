"""A whole song without stopping: a beam over the stages, where the human has not chosen.

Every section keeps three lineages, one for each of three different chord candidates. At each later stage fifty
candidates are generated for each lineage; three are kept, and the one that sounds best together with what the lineage
has already goes on. At the end the best two lineages become the variants "a" and "b": different at every stage, since
they follow different chords. Whatever the human approved stands, and its own labels are the variants then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.approved import ApprovedPart, Parts, approved_parts, context_of, part_for
from whitelight.composition.automatic_choice import chosen_by_machine, write_choice
from whitelight.composition.composing import part_seed
from whitelight.composition.context import SectionContext
from whitelight.composition.form import SectionPlan
from whitelight.composition.judging import Judge, choose_judge
from whitelight.composition.material import Material
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.report import StageReport
from whitelight.composition.review import read_review
from whitelight.composition.scorer import BatchScorer
from whitelight.composition.search import Scored
from whitelight.composition.section_search import Effort, SectionResult, search_section
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.stage import Stage
from whitelight.composition.stage_writing import candidate_id, section_report, write_stage
from whitelight.composition.stages import stages_through
from whitelight.composition.workshop import Styles, Workshop
from whitelight.music import Piece, read_midi, write_midi
from whitelight.progress import Progress, silent

WIDTH, N_VARIANTS = 3, 2
EFFORT = Effort(n_candidates=50, n_generations=1, n_keep=8, n_written=12)
TOGETHER_WEIGHT = 0.5  # standard deviations of fitness that one standard deviation of the whole sound is worth
LABELS = "abcdefgh"


@dataclass(slots=True, eq=False)
class Lineage:
    """One way a section may go: what sounds in it, what was found for it, how good it is."""

    section: SectionPlan
    label: str
    is_labeled: bool = False  # by the human
    heard: dict[str, Piece] = field(default_factory=dict)
    results: dict[str, SectionResult[Any]] = field(default_factory=dict)
    chosen: dict[str, Scored[Any]] = field(default_factory=dict)
    value: float = 0.0

    def context(self, sheet: SongSheet, stage: Stage) -> SectionContext:
        """The section as a stage meets it in this lineage."""
        heard = {name: piece for name, piece in self.heard.items() if name in stage.hears}
        return context_of(sheet, self.section, heard, self.label)

    def take(self, stage: str, result: SectionResult[Any], best: Scored[Any], worth: float) -> None:
        """Go on with a candidate."""
        self.results[stage], self.chosen[stage] = result, best
        self.heard[stage] = read_midi(best.midi)
        self.value += worth


def compose_song(
    folder: Path,
    *,
    scorer: BatchScorer,
    through: str = "lyrics",
    styles: Styles | None = None,
    effort: Effort = EFFORT,
    force: bool = False,
    progress: Progress = silent,
) -> list[StageReport]:
    """Compose every stage up to `through` and choose where the human has not; write candidates, choices and reviews.

    Raises
    ------
    SongSheetError, GateError, NoCandidatesError, ReviewError, UnwritableFolderError : nothing was written before any
        of the first four.
    """
    sheet = read_song_sheet(folder)
    stages = stages_through(through)
    for stage in stages:
        read_review(folder / stage.name / REVIEW_FILE)
    beam = _Beam(Workshop(folder, sheet, styles or {}), scorer, effort, _by_hand(folder, sheet), force)
    lineages: list[Lineage] = []
    n_steps = len(sheet.form.sections) * len(stages) + len(stages)
    for place, section in enumerate(sheet.form.sections):
        tell = _after(progress, place * len(stages), n_steps)
        lineages += beam.section(section, stages, lineages, tell)
    reports = []
    for place, stage in enumerate(stages):
        reports.append(_write(folder, sheet, stage, lineages, beam))
        progress(n_steps - len(stages) + place + 1, n_steps)
    return reports


def _after(progress: Progress, before: int, n_steps: int) -> Progress:
    return lambda done, _: progress(before + done, n_steps)


def _by_hand(folder: Path, sheet: SongSheet) -> Parts:
    """Approved parts that the human chose, made or changed."""
    parts = approved_parts(folder, sheet.form.sections)
    machine = {stage: chosen_by_machine(folder / stage) for stage in parts}
    return {stage: tuple(p for p in found if p.file.stem not in machine[stage]) for stage, found in parts.items()}


@dataclass(slots=True, eq=False)
class _Beam:
    """The search of a song, section by section."""

    shop: Workshop
    scorer: BatchScorer
    effort: Effort
    by_hand: Parts
    force: bool
    judges: dict[str, Judge] = field(default_factory=dict)
    others: dict[str, tuple[Material, ...]] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def sheet(self) -> SongSheet:
        """What is composed."""
        return self.shop.sheet

    def section(
        self, section: SectionPlan, stages: Sequence[Stage], before: Sequence[Lineage], progress: Progress
    ) -> list[Lineage]:
        """Lead a section through all stages; return its variants, best first."""
        lineages = [Lineage(section, part.label, True) for part in self._approved("chords", section)]
        for place, stage in enumerate(stages):
            if not lineages:
                lineages = self._begin(section, stage, before)
            else:
                for lineage in lineages:
                    self._go_on(lineage, stage, [*before, *lineages])
            progress(place + 1, len(stages))
        if any(lineage.is_labeled for lineage in lineages):
            return lineages
        best = sorted(lineages, key=lambda lineage: -lineage.value)[:N_VARIANTS]
        return [_named(lineage, label) for lineage, label in zip(best, LABELS, strict=False)]

    def _approved(self, stage: str, section: SectionPlan) -> list[ApprovedPart]:
        return [part for part in self.by_hand.get(stage, ()) if part.section == slug(section.name)]

    def _begin(self, section: SectionPlan, stage: Stage, before: Sequence[Lineage]) -> list[Lineage]:
        """Chords: one search, a lineage for each of the first few that are kept."""
        result = self._search(Lineage(section, ""), stage, before)
        lineages = []
        for label, best in zip(LABELS, result.kept[:WIDTH], strict=False):
            lineage = Lineage(section, label)
            lineage.take(stage.name, result, best, best.fitness)
            lineages.append(lineage)
        return lineages

    def _go_on(self, lineage: Lineage, stage: Stage, others: Sequence[Lineage]) -> None:
        """Take what the human approved for this lineage, else the candidate that sounds best with the rest."""
        approved = part_for(
            {stage.name: self._approved(stage.name, lineage.section)}, stage.name, lineage.section.name, lineage.label
        )
        if approved is not None:
            lineage.heard[stage.name] = read_midi(approved.file)
            self.judges.setdefault(stage.name, Judge(self.scorer, None))
            return
        if not set(stage.needs) <= set(lineage.heard):
            return
        result = self._search(lineage, stage, others)
        worth = self._worth(lineage, stage, result.kept[:WIDTH])
        best = int(np.argmax(worth))
        lineage.take(stage.name, result, result.kept[best], worth[best])

    def _search(self, lineage: Lineage, stage: Stage, others: Sequence[Lineage]) -> SectionResult[Any]:
        craft = self.shop.craft(stage, lineage.context(self.sheet, stage))
        self.doubts[stage.name] = self.shop.doubts(stage, craft)
        judge = self._judge(stage, craft)
        part = f"{lineage.section.name} {lineage.label}".strip()
        return search_section(
            craft,
            judge,
            np.random.default_rng(part_seed(self.sheet, stage, self.sheet.seed, part)),
            self.effort,
            variant=lineage.label,
            taken=[other.chosen[stage.name] for other in others if stage.name in other.chosen],
            others=self._material(stage),
        )

    def _judge(self, stage: Stage, craft: Any) -> Judge:
        if stage.name not in self.judges:
            probe = craft.play(craft.compose(np.random.default_rng(0)))
            target = self.sheet.target or None
            self.judges[stage.name] = choose_judge(
                self.scorer,
                class_name=self.sheet.class_name,
                target=target,
                probe=probe,
                view=craft.view,
                force=self.force,
            )
        return self.judges[stage.name]

    def _material(self, stage: Stage) -> tuple[Material, ...]:
        if stage.name not in self.others:
            self.others[stage.name] = self.shop.others(stage)
        return self.others[stage.name]

    def _worth(self, lineage: Lineage, stage: Stage, kept: Sequence[Scored[Any]]) -> list[float]:
        """Fitness of each, and how well the target is met by everything together."""
        alone = [candidate.fitness for candidate in kept]
        judge = self.judges[stage.name]
        if judge.goal is None or len(kept) < 2 or kept[0].played.lyrics:
            return alone
        context = self.sheet_context(lineage)
        files = [write_midi(context.together(read_midi(candidate.midi))) for candidate in kept]
        heard = np.array([verdict.fitness for verdict in judge.hear(files, view="full")])
        spread = float(np.std(heard))
        if not np.isfinite(heard).all() or spread < 1e-9:
            return alone
        return [one + TOGETHER_WEIGHT * float(z) for one, z in zip(alone, (heard - heard.mean()) / spread, strict=True)]

    def sheet_context(self, lineage: Lineage) -> SectionContext:
        """Everything the lineage has, fitted to the section."""
        return context_of(self.sheet, lineage.section, lineage.heard, lineage.label)


def _named(lineage: Lineage, label: str) -> Lineage:
    """The lineage under its final name."""
    results = {
        stage: result if stage == "chords" else replace(result, variant=label)
        for stage, result in lineage.results.items()
    }
    return replace(lineage, label=label, results=results)


def _write(folder: Path, sheet: SongSheet, stage: Stage, lineages: Sequence[Lineage], beam: _Beam) -> StageReport:
    """Write a stage's candidates and review, then what was chosen."""
    judge = beam.judges[stage.name]
    results = list(_results(stage, lineages))
    run = f"auto, seed {sheet.seed}, target {judge.target or 'none'}"
    added = write_stage(folder, stage, results, title=sheet.title, run=run, seed=sheet.seed) if results else ()
    write_choice(folder / stage.name, dict(_choices(stage, lineages)))
    reports = tuple(section_report(result) for result in results)
    doubts = (*sheet.problems, *judge.doubts, *beam.doubts.get(stage.name, ()))
    return StageReport(
        stage=stage.name, out=folder, sections=reports, added=added, problems=doubts, target=judge.target
    )


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
