"""The chord stage: from a proposal to candidates worth hearing, in a folder that belongs to the human.

generate → play → score exactly those bytes → breed → keep a diverse few → write; see `search` and `production`.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.chords.genome import ChordGenome
from whitelight.composition.chords.setting import ChordStyle, Setting, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.form import DEFAULT_FORM, ImpossibleSectionError, SectionPlan
from whitelight.composition.production import (
    REVIEW_FILE,
    SongProposal,
    slug,
    song_facts,
    understood_plainly,
)
from whitelight.composition.report import StageReport
from whitelight.composition.review import read_review
from whitelight.composition.scorer import VELOCITY, VIEW, BatchScorer, DeafScorer
from whitelight.composition.search import Scored, Search, keep_diverse, run_generation
from whitelight.composition.stage_writing import SectionResult, write_stage
from whitelight.errors import WhitelightError
from whitelight.progress import Progress, silent
from whitelight.scoring.release import refuse_unfit

N_GENERATIONS = 3  # bred after the first one
N_KEEP = 8


class NoCandidatesError(WhitelightError):
    """Nothing could be composed or scored."""


def compose_chords(
    proposal: SongProposal,
    *,
    scorer: BatchScorer,
    out: Path,
    seed: int = 0,
    target: Any = None,
    n_candidates: int = 50,
    progress: Progress | None = None,
    form: Sequence[SectionPlan] = DEFAULT_FORM,
    style: ChordStyle | None = None,
    n_generations: int = N_GENERATIONS,
    n_keep: int = N_KEEP,
    force: bool = False,
) -> StageReport:
    """Compose chord candidates for every section of the form and write them.

    Parameters
    ----------
    scorer : judges MIDI bytes; see `scorer.BatchScorer`.
    out : production folder; made when missing, never emptied.
    target : what to compose for, in the scorer's terms; None takes the proposal's class.
    n_candidates : written per section, at least 2; as many are bred in each of `n_generations`.
    form : sections of 4 or 8 bars with unique names.
    style : chord grammar and manner of playing, see `style_of_classes`; shipped when None.
    n_keep : candidates per section that are put first.
    force : compose with a scorer that did not pass its release gate.

    Raises
    ------
    GateError : the scorer did not pass its release gate, or is a judge.
    NoCandidatesError, ImpossibleSectionError, OtherSongError, ReviewError : what stands in the way.
    """
    out = Path(out)
    _check_request(form, n_candidates)
    read_review(out / "chords" / REVIEW_FILE)  # an unreadable one stops us before any work
    settings = _settings(proposal, form, style or ChordStyle(shipped_rules()))
    crafts = [ChordCraft(setting) for setting in settings]
    probe = crafts[0].play(crafts[0].compose(np.random.default_rng(0))).midi
    ontology = getattr(scorer, "ontology", None)
    scorer, goal, doubts = choose_judge(proposal, scorer, target, probe)
    if goal is not None:  # else nobody asks the scorer
        refuse_unfit(scorer, force=force)
    facts = song_facts(proposal, seed=seed, target=_as_text(goal), ontology=ontology)
    facts["problems"] += doubts
    facts["sections"] = [{"name": s.name, "role": s.role, "bars": s.n_bars, "energy": s.energy} for s in form]
    tell, n_turns = progress or silent, 1 + n_generations
    n_steps = len(form) * n_turns + 1
    results: list[SectionResult[ChordGenome]] = []
    for place, craft in enumerate(crafts):
        rng = np.random.default_rng(song_seed(seed, proposal, craft.section.name))
        search, batches = Search[ChordGenome](craft, rng), []
        for turn in range(n_turns):
            batches.append(run_generation(search, scorer, goal, n_candidates))
            tell(place * n_turns + turn + 1, n_steps)
        taken = [candidate for result in results for candidate in result.kept]
        results.append(_choose(search, batches[0], n_candidates, n_keep, taken))
    report = write_stage(out, "chords", results, facts, seed=seed)
    tell(n_steps, n_steps)
    return report


def _settings(proposal: SongProposal, form: Sequence[SectionPlan], style: ChordStyle) -> list[Setting]:
    """What every section is given: key, meter and tempo of the proposal, grammar and manner of the style."""
    tempo_bpm, meter, key, _ = understood_plainly(proposal)
    try:
        return [make_setting(s, key=key, meter=meter, tempo_bpm=tempo_bpm, style=style) for s in form]
    except ImpossibleSectionError as err:
        where = getattr(proposal, "file", "") or f"proposal '{proposal.title}'"
        raise ImpossibleSectionError(f"{where}: {err}") from err


def _check_request(form: Sequence[SectionPlan], n_candidates: int) -> None:
    names = [slug(section.name) for section in form]
    if not names or len(set(names)) < len(names):
        raise ImpossibleSectionError(f"form {[section.name for section in form]}: expected sections with unique names")
    if n_candidates < 2:
        raise NoCandidatesError(f"{n_candidates} candidates asked for; at least 2, so that there is a choice")


def choose_judge(
    proposal: SongProposal, scorer: BatchScorer, target: Any, probe: bytes
) -> tuple[BatchScorer, Any, list[str]]:
    """Return who judges, what to compose for, and doubts about it.

    A class of the proposal that the scorer cannot judge (it never heard it, or was trained on words alone) is left out,
    and that is said; an explicit `target` that cannot be judged is refused. `probe` is any MIDI file to try it on.

    Raises
    ------
    NoCandidatesError : a target was asked for and the scorer cannot judge music.
    """
    goal = target if target is not None else proposal.class_name or None
    try:
        verdicts = scorer.score_batch([probe, probe], goal, view=VIEW, velocity=VELOCITY)
    except WhitelightError as err:
        if target is not None:
            raise
        return scorer, None, [f"{err}; composed by theory alone"]
    deaf = verdicts[0].error if all(verdict.error for verdict in verdicts) else None
    if deaf and target is not None:
        raise NoCandidatesError(
            f"target '{target}': the scorer cannot judge music ({deaf}); train it on songs with MIDI"
        )
    if deaf:
        return DeafScorer(), None, [f"the scorer cannot judge music ({deaf}); composed by theory alone"]
    return scorer, goal, [] if goal else ["the proposal names no class; composed by theory alone"]


def song_seed(seed: int, proposal: SongProposal, section: str) -> int:
    """Seed of one section: the user's seed, the song's id or title, the section's name (stable across processes)."""
    text = f"{seed}\n{proposal.iteration_id or proposal.title}\n{section}"
    return int.from_bytes(sha256(text.encode()).digest()[:16], "big")


def _choose(
    search: Search[ChordGenome],
    first_batch: Sequence[Scored[ChordGenome]],
    n_candidates: int,
    n_keep: int,
    taken: Sequence[Scored[ChordGenome]],
) -> SectionResult[ChordGenome]:
    """Keep a diverse few of the elites, then fill up with the best of the rest."""
    if not search.known:
        name = search.craft.section.name
        raise NoCandidatesError(f"section '{name}': the scorer could judge none of the candidates; check the model")
    elites = search.archive.ranked()
    kept = keep_diverse(elites, min(n_keep, n_candidates), taken)
    chosen = {candidate.genome: candidate for candidate in (*kept, *elites)}
    for candidate in sorted(search.known.values(), key=lambda c: -c.fitness):
        chosen.setdefault(candidate.genome, candidate)
    return SectionResult(search, tuple(first_batch), tuple(kept), tuple(chosen.values())[:n_candidates])


def _as_text(target: Any) -> str | None:
    return None if target is None else str(getattr(target, "text", target))
