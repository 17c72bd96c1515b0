"""Lineages: the ways a section may go, and the beam that leads them through the stages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from whitelight.composition.approved import ApprovedPart, Parts, context_of, part_for
from whitelight.composition.composing import part_seed
from whitelight.composition.context import SectionContext
from whitelight.composition.form import SectionPlan
from whitelight.composition.judging import Judge, choose_judge
from whitelight.composition.material import Material
from whitelight.composition.production import slug
from whitelight.composition.scorer import BatchScorer
from whitelight.composition.search import Scored
from whitelight.composition.section_search import Effort, SectionResult, search_section
from whitelight.composition.song_sheet import SongSheet
from whitelight.composition.stage import Stage
from whitelight.composition.workshop import Workshop
from whitelight.music import Piece, read_midi, write_midi
from whitelight.scoring.taste import Taste

WIDTH, N_VARIANTS = 3, 2
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


@dataclass(slots=True, eq=False)
class Beam:
    """The search of a song, section by section.

    Attributes
    ----------
    by_hand : approved parts that stand. standing : all approved parts, those that `--auto` chose before among them.
    judges, doubts : by stage, filled as the stages come up.
    """

    shop: Workshop
    scorer: BatchScorer
    effort: Effort
    by_hand: Parts
    standing: Parts
    force: bool
    taste: Taste | None = None
    judges: dict[str, Judge] = field(default_factory=dict)
    others: dict[str, tuple[Material, ...]] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def sheet(self) -> SongSheet:
        """What is composed."""
        return self.shop.sheet

    def begin(self, section: SectionPlan, stage: Stage, before: Sequence[Lineage]) -> list[Lineage]:
        """Start a section: one lineage for each approved chord part, else one for each of the first few that are kept.

        Chords that `--auto` chose earlier stand too as soon as the human has approved something over them.
        """
        chords = self._approved(stage.name, section)
        if not chords and any(self._approved(name, section) for name in self.by_hand):
            chords = [part for part in self.standing.get(stage.name, ()) if part.section == slug(section.name)]
        if chords:
            self.judges.setdefault(stage.name, Judge(self.scorer, None))
            return [Lineage(section, p.label, heard={stage.name: read_midi(p.file)}, is_labeled=True) for p in chords]
        result = self._search(Lineage(section, ""), stage, before)
        lineages = []
        for label, best in zip(LABELS, result.kept[:WIDTH], strict=False):
            lineage = Lineage(section, label)
            lineage.take(stage.name, result, best, best.fitness)
            lineages.append(lineage)
        return lineages

    def lead(self, lineages: Sequence[Lineage], stages: Sequence[Stage]) -> list[Lineage]:
        """Lead the lineages of one section through the stages; return its variants, best first."""
        for stage in stages:
            for lineage in lineages:
                self._go_on(lineage, stage, lineages)
        if any(lineage.is_labeled for lineage in lineages):
            return list(lineages)
        best = sorted(lineages, key=lambda lineage: -lineage.value)[:N_VARIANTS]
        return [_named(lineage, label) for lineage, label in zip(best, LABELS, strict=False)]

    def _approved(self, stage: str, section: SectionPlan) -> list[ApprovedPart]:
        return [part for part in self.by_hand.get(stage, ()) if part.section == slug(section.name)]

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
            judge = choose_judge(
                self.scorer,
                class_name=self.sheet.class_name,
                target=target,
                probe=probe,
                view=craft.view,
                force=self.force,
            )
            self.judges[stage.name] = judge.with_taste(self.taste, stage.name)
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
