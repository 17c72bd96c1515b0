"""Writing a stage: candidates, genomes, search record, and the review last.

Every write is atomic and follows from seed and proposal alone, so a run that was killed is finished by running again.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic

from whitelight.composition.craft import G
from whitelight.composition.form import SectionPlan
from whitelight.composition.production import (
    GENOMES_FILE,
    REVIEW_FILE,
    SEARCH_FILE,
    record_run,
    remember_genomes,
    slug,
    update_song,
    write_when_new,
)
from whitelight.composition.report import SectionReport, StageReport
from whitelight.composition.review_writing import append_entries
from whitelight.composition.search import Scored, Search
from whitelight.errors import WhitelightError

STAGES = {"chords": "Chord"}  # folder → how its candidates are called
N_WRITERS = 8  # files in flight: a disk takes 1 to 10 ms to confirm each
HEADER = """\
# {stage} candidates of "{title}". This file is yours: what you write here survives every run; new candidates are added
# at the end. A status is undecided, approved or rejected; a label is a name of your choice, once per section; rating and
# notes are free. The best and most different ones of each section come first (kept: true).
# Then: whitelight compose promote
"""


class UnwritableFolderError(WhitelightError):
    """The production folder cannot be written."""


@dataclass(frozen=True, slots=True)
class SectionResult(Generic[G]):
    """A finished search: what is written, kept ones first."""

    search: Search[G]
    first_batch: tuple[Scored[G], ...]
    kept: tuple[Scored[G], ...]
    written: tuple[Scored[G], ...]


def write_stage(
    out: Path, name: str, results: Sequence[SectionResult[G]], facts: Mapping[str, Any], *, seed: int
) -> StageReport:
    """Write the folder of the stage `name`, review last, and return the report.

    Raises
    ------
    UnwritableFolderError : the folder cannot be written; what was there is complete as it was.
    """
    stage = out / name
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
        added = append_entries(
            stage / REVIEW_FILE, entries, header=HEADER.format(stage=STAGES[name], title=one_line(facts["title"]))
        )
    except OSError as err:
        raise UnwritableFolderError(
            f"{err.filename or out}: {err.strerror or err}; make room or choose another folder, then run again"
        ) from err
    return StageReport(out=out, sections=sections, added=added, problems=tuple(facts["problems"]))


def one_line(text: str) -> str:
    """Text that cannot end the comment it stands in."""
    return " ".join(str(text).split())


def candidate_id(candidate: Scored[G], section: SectionPlan) -> str:
    """Stable id: section, generation, and a hash of the very bytes that are written."""
    return f"{slug(section.name)}-g{candidate.generation}-{sha256(candidate.midi).hexdigest()[:8]}"


def review_entry(candidate: Scored[G], search: Search[G], *, seed: int, is_kept: bool) -> dict[str, Any]:
    """One entry of `review.yml`: room for the human, then what was measured."""
    section = search.craft.section
    name = candidate_id(candidate, section)
    return {
        "id": name,
        "section": section.name,
        "file": f"candidates/{name}.mid",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": {
            "kept": is_kept,
            **search.craft.facts(candidate.genome),
            "fitness": _rounded(candidate.fitness),
            "match": _rounded(candidate.chromatic.match),
            "novelty": _rounded(candidate.chromatic.novelty),
            "terms": {term: _rounded(value, 2) for term, value in candidate.terms.items() if value is not None},
            "measures": {measure: _rounded(value, 2) for measure, value in candidate.measures.items()},
            "seed": seed,
            "generation": candidate.generation,
            "parents": [candidate_id(search.known[p], section) for p in candidate.parents if p in search.known],
        },
    }


def _rounded(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _report(result: SectionResult[G]) -> SectionReport:
    assert result.search.weights is not None
    section = result.search.craft.section
    return SectionReport(
        name=section.name,
        n_scored=len(result.search.known),
        n_written=len(result.written),
        kept=tuple(candidate_id(candidate, section) for candidate in result.kept),
        match_first=tuple(candidate.chromatic.match for candidate in result.first_batch),
        match_written=tuple(candidate.chromatic.match for candidate in result.written),
        match_kept=tuple(candidate.chromatic.match for candidate in result.kept),
        weights=result.search.weights,
    )
