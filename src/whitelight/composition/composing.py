"""Composing one stage of a song, for the human to choose from.

approved parts → contexts → generate → play → score exactly those bytes → breed → keep a diverse few → write.
Every write follows from the seed and what is approved, so a run that was killed is finished by running it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.approved import Parts, approved_parts, contexts_for, part_of
from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Craft
from whitelight.composition.form import DEFAULT_FORM, ImpossibleSectionError, SectionPlan
from whitelight.composition.judging import Judge, choose_judge
from whitelight.composition.material import Material
from whitelight.composition.new_song import new_song, plain_form, sheet_facts, song_seed
from whitelight.composition.production import REVIEW_FILE, SongProposal, slug
from whitelight.composition.report import StageReport
from whitelight.composition.review import read_review
from whitelight.composition.scorer import BatchScorer
from whitelight.composition.section_search import Effort, SectionResult, search_section
from whitelight.composition.song_sheet import SongSheet, read_song_sheet, song_sheet
from whitelight.composition.stage import Stage
from whitelight.composition.stage_writing import section_report, write_stage
from whitelight.composition.stages import find_stage
from whitelight.composition.workshop import Styles, Workshop
from whitelight.progress import Progress, silent
from whitelight.scoring.taste import Taste


def compose_stage(
    folder: Path,
    name: str,
    *,
    scorer: BatchScorer,
    seed: int | None = None,
    effort: Effort | None = None,
    styles: Styles | None = None,
    sections: Sequence[str] = (),
    seeds: Mapping[str, Sequence[Any]] | None = None,
    avoid: Sequence[Material] = (),
    taste: Taste | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> StageReport:
    """Compose candidates of a stage for every section and variant, and write them.

    Parameters
    ----------
    folder : production folder with a `song.yml`. name : of the stage.
    scorer : judges MIDI bytes; see `scorer.BatchScorer`.
    seed : of the search; the song's own when None. sections : to compose for, all when empty.
    styles : what the catalog taught each stage. seeds : part ("verse a") → genomes to breed from.
    avoid : material to keep away from beside that of the songs `song.yml` lists.
    taste : a human's, which then takes part in the fitness; see `whitelight train taste`.
    force : compose with a scorer that did not pass its release gate.

    Raises
    ------
    SongSheetError, NothingApprovedError, GateError, NoCandidatesError, ReviewError, UnwritableFolderError,
    UnusableTasteError.
    """
    sheet, stage = read_song_sheet(folder), find_stage(name)
    read_review(folder / name / REVIEW_FILE)  # an unreadable one stops us before any work
    shop = Workshop(folder, sheet, styles or {})
    parts = approved_parts(folder, sheet.form.sections)
    bench = set_up(shop, stage, parts, scorer, sections=sections, taste=taste, force=force)
    others = (*shop.others(stage), *avoid)
    used = sheet.seed if seed is None else seed
    results = bench.search(used, effort or Effort(), others=others, seeds=seeds or {}, progress=progress)
    run = run_name(f"seed {used}", bench.judge)
    added = write_stage(folder, stage, results, title=sheet.title, run=run, seed=used)
    reports = tuple(section_report(result) for result in results)
    doubts = (*sheet.problems, *bench.judge.doubts, *shop.doubts(stage, bench.crafts[0]))
    return StageReport(
        stage=name, out=folder, sections=reports, added=added, problems=doubts, target=bench.judge.target
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a stage needs before the first candidate is drawn: nothing was written yet."""

    sheet: SongSheet
    stage: Stage
    contexts: tuple[SectionContext, ...]
    crafts: tuple[Craft[Any], ...]
    judge: Judge

    def search(
        self,
        seed: int,
        effort: Effort,
        *,
        others: Sequence[Material] = (),
        seeds: Mapping[str, Sequence[Any]] | None = None,
        progress: Progress = silent,
    ) -> list[SectionResult[Any]]:
        """Search every section and variant in turn; later ones keep away from what earlier ones keep."""
        results: list[SectionResult[Any]] = []
        n_turns = 1 + effort.n_generations
        for place, (context, craft) in enumerate(zip(self.contexts, self.crafts, strict=True)):
            part = part_of(context)
            result = search_section(
                craft,
                self.judge,
                np.random.default_rng(part_seed(self.sheet, self.stage, seed, part)),
                effort,
                variant=context.label,
                taken=[candidate for result in results for candidate in result.kept],
                others=others,
                seeds=(seeds or {}).get(part, ()),
                progress=_within(progress, place * n_turns, len(self.crafts) * n_turns),
            )
            results.append(result)
        return results


def set_up(
    shop: Workshop,
    stage: Stage,
    parts: Parts,
    scorer: BatchScorer,
    *,
    sections: Sequence[str] = (),
    taste: Taste | None = None,
    force: bool = False,
) -> Bench:
    """Prepare a stage: contexts from what is approved, crafts, and who judges.

    Raises
    ------
    NothingApprovedError, ImpossibleSectionError, GateError, NoCandidatesError, UnusableTasteError.
    """
    sheet = shop.sheet
    contexts = contexts_for(sheet, parts, stage, sections)
    crafts = [shop.craft(stage, context) for context in contexts]
    probe = crafts[0].play(crafts[0].compose(np.random.default_rng(0)))
    judge = choose_judge(
        scorer, class_name=sheet.class_name, target=sheet.target or None, probe=probe, view=crafts[0].view, force=force
    )
    return Bench(sheet, stage, tuple(contexts), tuple(crafts), judge.with_taste(taste, stage.name))


def run_name(begins: str, judge: Judge) -> str:
    """What a run is called in `search.yml`: its seed, its target, and whose taste took part."""
    taste = f", taste {judge.taste.name}" if judge.taste else ""
    return f"{begins}, target {judge.target or 'none'}{taste}"


def _within(progress: Progress, before: int, n_steps: int) -> Progress:
    """Progress of a part of the work as progress of the whole."""
    return lambda done, _: progress(before + done, n_steps)


def part_seed(sheet: SongSheet, stage: Stage, seed: int, part: str) -> int:
    """Seed of one part of one stage."""
    where = part if stage.name == "chords" else f"{stage.name} {part}"
    return song_seed(seed, sheet.iteration_id or sheet.title, where)


def compose_chords(
    proposal: SongProposal,
    *,
    scorer: BatchScorer,
    out: Path,
    seed: int = 0,
    target: Any = None,
    n_candidates: int = 50,
    progress: Progress = silent,
    form: Sequence[SectionPlan] = DEFAULT_FORM,
    style: Any = None,
    n_generations: int = 3,
    n_keep: int = 8,
    force: bool = False,
) -> StageReport:
    """Begin a song and compose its chords in one go: `new_song`, then `compose_stage`.

    Parameters
    ----------
    out : production folder; made when missing, never emptied.
    target : what to compose for, in the scorer's terms; None takes the proposal's class.
    n_candidates : written per section, at least 2; as many are bred in each of `n_generations`.
    form : sections of 4 or 8 bars with unique names, each once. style : see `chords.catalog_rules`.
    """
    out, effort = Path(out), Effort(n_candidates, n_generations, n_keep)
    _refuse_twins(form)
    read_review(out / "chords" / REVIEW_FILE)
    styles = {} if style is None else {"chords": style}
    plan: dict[str, Any] = {"seed": seed, "target": _as_text(target), "form": plain_form(form)}
    plan["ontology"] = getattr(scorer, "ontology", None)
    sheet = song_sheet(sheet_facts(proposal, **plan))
    shop = Workshop(out, sheet, styles, called=getattr(proposal, "file", ""))
    set_up(shop, find_stage("chords"), {}, scorer, force=force)  # refuses before anything is written
    new_song(proposal, out, **plan)
    return compose_stage(out, "chords", scorer=scorer, effort=effort, styles=styles, force=force, progress=progress)


def _refuse_twins(form: Sequence[SectionPlan]) -> None:
    names = [slug(section.name) for section in form]
    if not names or len(set(names)) < len(names):
        raise ImpossibleSectionError(f"form {[section.name for section in form]}: expected sections with unique names")


def _as_text(target: Any) -> str | None:
    return None if target is None else str(getattr(target, "text", target))
