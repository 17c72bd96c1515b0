"""The chord stage: from a proposal to candidates worth hearing, in a folder that belongs to the human.

generate → play → score exactly those bytes → breed → keep a diverse few → write; see `search` and `production`.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.naming import chart, chord_symbol
from whitelight.composition.playing import compose_genome
from whitelight.composition.production import (
    GENOMES_FILE,
    REVIEW_FILE,
    SEARCH_FILE,
    SongProposal,
    record_run,
    remember_genomes,
    slug,
    song_facts,
    understood_plainly,
    update_song,
    write_when_new,
)
from whitelight.composition.report import SectionReport, StageReport
from whitelight.composition.review import append_entries, read_review
from whitelight.composition.scorer import VELOCITY, VIEW, BatchScorer
from whitelight.composition.search import ChordSearch, ScoredGenome, keep_diverse, play, run_generation
from whitelight.composition.setting import DEFAULT_FORM, ImpossibleSectionError, SectionPlan, Setting, make_setting
from whitelight.composition.transitions import ChordRules, shipped_rules
from whitelight.errors import WhitelightError
from whitelight.progress import Progress, silent

N_GENERATIONS = 3  # bred after the first one
N_KEEP = 8
N_WRITERS = 8  # files in flight: a disk takes 1 to 10 ms to confirm each
HEADER = """\
# Chord candidates of "{title}". This file is yours: what you write here survives every run; new candidates are added
# at the end. status: undecided | approved | rejected. label: a name of your choice, once per section. The best and most
# different ones of each section come first (kept: true). Then: whitelight compose promote
"""


class NoCandidatesError(WhitelightError):
    """Nothing could be composed or scored."""


class UnwritableFolderError(WhitelightError):
    """The production folder cannot be written."""


@dataclass(frozen=True, slots=True)
class SectionResult:
    """A finished search: what is written, kept ones first."""

    search: ChordSearch
    first_batch: tuple[ScoredGenome, ...]
    kept: tuple[ScoredGenome, ...]
    written: tuple[ScoredGenome, ...]


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
    rules: ChordRules | None = None,
    n_generations: int = N_GENERATIONS,
    n_keep: int = N_KEEP,
) -> StageReport:
    """Compose chord candidates for every section of the form and write them.

    Parameters
    ----------
    scorer : judges MIDI bytes; see `scorer.BatchScorer`.
    out : production folder; made when missing, never emptied.
    target : what to compose for, in the scorer's terms; None takes the proposal's class.
    n_candidates : written per section, at least 2; as many are bred in each of `n_generations`.
    form : sections of 4 or 8 bars with unique names.
    rules : chord grammar, shipped when None; `transitions.blend` adds the user's own.
    n_keep : candidates per section that are put first.

    Raises
    ------
    NoCandidatesError, ImpossibleSectionError, OtherSongError, ReviewError : what stands in the way.
    """
    out = Path(out)
    _check_request(form, n_candidates)
    read_review(out / "chords" / REVIEW_FILE)  # an unreadable one stops us before any work
    tempo_bpm, meter, key, _ = understood_plainly(proposal)
    settings = [
        make_setting(s, key=key, meter=meter, tempo_bpm=tempo_bpm, rules=rules or shipped_rules()) for s in form
    ]
    probe = play(compose_genome(settings[0], np.random.default_rng(0)), settings[0]).midi
    goal, doubts = choose_target(proposal, scorer, target, probe)
    facts = song_facts(proposal, seed=seed, target=_as_text(goal), ontology=getattr(scorer, "ontology", None))
    facts["problems"] += doubts
    facts["sections"] = [{"name": s.name, "role": s.role, "bars": s.n_bars, "energy": s.energy} for s in form]
    tell = progress or silent
    n_turns = 1 + n_generations
    results: list[SectionResult] = []
    for place, setting in enumerate(settings):
        rng = np.random.default_rng(song_seed(seed, proposal, setting.section.name))
        search, batches = ChordSearch(setting, rng), []
        for turn in range(n_turns):
            batches.append(run_generation(search, scorer, goal, n_candidates))
            tell(place * n_turns + turn + 1, len(form) * n_turns + 1)
        taken = [candidate for result in results for candidate in result.kept]
        results.append(_choose(search, batches[0], n_candidates, n_keep, taken))
    report = write_stage(out, results, facts, seed=seed)
    tell(len(form) * n_turns + 1, len(form) * n_turns + 1)
    return report


def _check_request(form: Sequence[SectionPlan], n_candidates: int) -> None:
    names = [slug(section.name) for section in form]
    if not names or len(set(names)) < len(names):
        raise ImpossibleSectionError(f"form {[section.name for section in form]}: expected sections with unique names")
    if n_candidates < 2:
        raise NoCandidatesError(f"{n_candidates} candidates asked for; at least 2, so that there is a choice")


def choose_target(proposal: SongProposal, scorer: BatchScorer, target: Any, probe: bytes) -> tuple[Any, list[str]]:
    """Return what to compose for, and doubts about it.

    A class of the proposal that the scorer cannot judge (it never heard it) is left out, and that is said; an explicit
    `target` stands, and is refused by the scorer itself. `probe` is any MIDI file to try it on.
    """
    if target is not None:
        return target, []
    if not proposal.class_name:
        return None, ["the proposal names no class; composed by theory alone"]
    try:
        scorer.score_batch([probe], proposal.class_name, view=VIEW, velocity=VELOCITY)
    except WhitelightError as err:
        return None, [f"{err}; composed by theory alone"]
    return proposal.class_name, []


def song_seed(seed: int, proposal: SongProposal, section: str) -> int:
    """Seed of one section: the user's seed, the song's id or title, the section's name (stable across processes)."""
    text = f"{seed}\n{proposal.iteration_id or proposal.title}\n{section}"
    return int.from_bytes(sha256(text.encode()).digest()[:16], "big")


def _choose(
    search: ChordSearch,
    first_batch: Sequence[ScoredGenome],
    n_candidates: int,
    n_keep: int,
    taken: Sequence[ScoredGenome],
) -> SectionResult:
    """Keep a diverse few of the elites, then fill up with the best of the rest."""
    if not search.known:
        name = search.setting.section.name
        raise NoCandidatesError(f"section '{name}': the scorer could judge none of the candidates; check the model")
    elites = search.archive.ranked()
    kept = keep_diverse(elites, min(n_keep, n_candidates), taken)
    chosen = {candidate.genome: candidate for candidate in (*kept, *elites)}
    for candidate in sorted(search.known.values(), key=lambda c: -c.fitness):
        chosen.setdefault(candidate.genome, candidate)
    return SectionResult(search, tuple(first_batch), tuple(kept), tuple(chosen.values())[:n_candidates])


def write_stage(out: Path, results: Sequence[SectionResult], facts: Mapping[str, Any], *, seed: int) -> StageReport:
    """Write the folder, review last, and return the report.

    Raises
    ------
    UnwritableFolderError : the folder cannot be written; what was there is complete as it was.
    """
    stage = out / "chords"
    try:
        update_song(out, facts)
        entries: list[dict[str, Any]] = []
        genomes: dict[str, str] = {}
        files: dict[Path, bytes] = {}
        for result in results:
            kept = {candidate.genome for candidate in result.kept}
            for candidate in result.written:
                is_kept = candidate.genome in kept
                entry = review_entry(candidate, result.search, seed=seed, is_kept=is_kept)
                files[stage / entry["file"]] = candidate.midi
                genomes[entry["id"]] = candidate.genome.to_json()
                entries.append(entry)
        with ThreadPoolExecutor(N_WRITERS) as writers:
            list(writers.map(write_when_new, files, files.values()))
        sections = tuple(_report(result) for result in results)
        remember_genomes(stage / GENOMES_FILE, genomes)
        run = f"seed {seed}, target {facts['target'] or 'none'}"
        record_run(stage / SEARCH_FILE, run, {section.name: section.record() for section in sections})
        added = append_entries(stage / REVIEW_FILE, entries, header=HEADER.format(title=one_line(facts["title"])))
    except OSError as err:
        raise UnwritableFolderError(
            f"{err.filename or out}: {err.strerror or err}; make room or choose another folder, then run again"
        ) from err
    return StageReport(out=out, sections=sections, added=added, problems=tuple(facts["problems"]))


def one_line(text: str) -> str:
    """Text that cannot end the comment it stands in."""
    return " ".join(str(text).split())


def candidate_id(candidate: ScoredGenome, section: SectionPlan) -> str:
    """Stable id: section, generation, and a hash of the very bytes that are written."""
    return f"{slug(section.name)}-g{candidate.generation}-{sha256(candidate.midi).hexdigest()[:8]}"


def review_entry(candidate: ScoredGenome, search: ChordSearch, *, seed: int, is_kept: bool) -> dict[str, Any]:
    """One entry of `review.yml`: room for the human, then what was measured."""
    setting = search.setting
    name = candidate_id(candidate, setting.section)
    return {
        "id": name,
        "section": setting.section.name,
        "file": f"candidates/{name}.mid",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": {
            "kept": is_kept,
            "chords": _chart(candidate, setting, is_roman=False),
            "roman": _chart(candidate, setting, is_roman=True),
            "borrowed": [chord_symbol(c, setting.key) for c in candidate.genome.chords if c.is_borrowed],
            "fitness": _rounded(candidate.fitness),
            "match": _rounded(candidate.chromatic.match),
            "novelty": _rounded(candidate.chromatic.novelty),
            "terms": {term: _rounded(value, 2) for term, value in candidate.terms.items() if value is not None},
            "measures": {measure: _rounded(value, 2) for measure, value in candidate.measures.items()},
            "seed": seed,
            "generation": candidate.generation,
            "parents": [
                candidate_id(search.known[parent], setting.section)
                for parent in candidate.parents
                if parent in search.known
            ],
        },
    }


def _chart(candidate: ScoredGenome, setting: Setting, *, is_roman: bool) -> str:
    return chart(candidate.genome, setting.key, setting.grid.bar_pulses, is_roman=is_roman)


def _rounded(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _report(result: SectionResult) -> SectionReport:
    assert result.search.weights is not None
    section = result.search.setting.section
    return SectionReport(
        name=section.name,
        n_scored=len(result.search.known),
        n_written=len(result.written),
        kept=tuple(candidate_id(candidate, section) for candidate in result.kept),
        match_first=tuple(candidate.chromatic.match for candidate in result.first_batch),
        match_kept=tuple(candidate.chromatic.match for candidate in result.kept),
        weights=result.search.weights,
    )


def _as_text(target: Any) -> str | None:
    return None if target is None else str(getattr(target, "text", target))
