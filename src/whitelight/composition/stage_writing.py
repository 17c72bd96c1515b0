"""Writing a stage: candidates, genomes, search record, and the review last.

Every write is atomic and follows from seed and proposal alone, so a run that was killed is finished by running again.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from whitelight.composition.craft import G
from whitelight.composition.form import SectionPlan
from whitelight.composition.material import WORTH_SAYING, runs_of
from whitelight.composition.production import (
    GENOMES_FILE,
    REVIEW_FILE,
    SEARCH_FILE,
    UnwritableFolderError,
    record_run,
    remember_genomes,
    slug,
    write_when_new,
)
from whitelight.composition.report import SectionReport
from whitelight.composition.review_writing import append_entries
from whitelight.composition.scorer import Chromatic
from whitelight.composition.search import Scored
from whitelight.composition.section_search import SectionResult
from whitelight.composition.stage import Stage

N_WRITERS = 8  # files in flight: a disk takes 1 to 10 ms to confirm each
HEADER = """\
# {stage} candidates of "{title}". This file is yours: what you write here survives every run; new candidates are added
# at the end. A status is undecided, approved or rejected; a label is a name of your choice, once per section; rating and
# notes are free. The best and most different ones of each section come first (kept: true).
# Then: whitelight compose promote
"""


def write_stage(
    out: Path, stage: Stage, results: Sequence[SectionResult[G]], *, title: str, run: str, seed: int
) -> tuple[str, ...]:
    """Write the folder of a stage, review last, and return the ids that are new in it.

    Parameters
    ----------
    run : what this run is called in `search.yml`; a run of the same name is replaced.

    Raises
    ------
    UnwritableFolderError : the folder cannot be written; what was there is complete as it was.
    """
    folder = out / stage.name
    entries: list[dict[str, Any]] = []
    genomes: dict[str, dict[str, Any]] = {}
    files: dict[Path, bytes] = {}
    for result in results:
        kept = {candidate.genome for candidate in result.kept}
        for candidate in result.written:
            entry = review_entry(candidate, result, seed=seed, is_kept=candidate.genome in kept)
            files[folder / entry["file"]] = candidate.midi
            if candidate.played.lyrics:
                files[folder / entry["file"].replace(".mid", ".txt")] = (candidate.played.lyrics + "\n").encode()
            genomes[entry["id"]] = {
                "genome": candidate.genome.to_json(),
                "runs": list(dict.fromkeys(runs_of(candidate.idea))),
            }
            entries.append(entry)
    try:
        with ThreadPoolExecutor(N_WRITERS) as writers:
            list(writers.map(write_when_new, files, files.values()))
        remember_genomes(folder / GENOMES_FILE, genomes)
        record_run(folder / SEARCH_FILE, run, {part_name(r): section_report(r).record() for r in results})
        header = HEADER.format(stage=stage.title, title=one_line(title))
        return append_entries(folder / REVIEW_FILE, entries, header=header)
    except OSError as err:
        raise UnwritableFolderError.of(err, out) from err


def part_name(result: SectionResult[G]) -> str:
    """Section and variant: "verse", "verse a"."""
    return f"{result.search.craft.section.name} {result.variant}".strip()


def one_line(text: str) -> str:
    """Text that cannot end the comment it stands in."""
    return " ".join(str(text).split())


def candidate_id(candidate: Scored[G], section: SectionPlan, variant: str = "") -> str:
    """Stable id: section, variant, generation, and a hash of the very bytes that are written, words among them."""
    part = f"{slug(section.name)}-{slug(variant)}" if variant else slug(section.name)
    return f"{part}-g{candidate.generation}-{sha256(candidate.played.content).hexdigest()[:8]}"


def review_entry(candidate: Scored[G], result: SectionResult[G], *, seed: int, is_kept: bool) -> dict[str, Any]:
    """One entry of `review.yml`: room for the human, then what was measured."""
    search = result.search
    section = search.craft.section
    name = candidate_id(candidate, section, result.variant)
    kin = candidate.kin
    return {
        "id": name,
        "section": section.name,
        **({"variant": result.variant} if result.variant else {}),
        "file": f"candidates/{name}.mid",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": {
            "kept": is_kept,
            **(
                {"like": f"{kin.song}, {kin.part}: {kin.share:.0%} of its runs"}
                if kin and kin.share >= WORTH_SAYING
                else {}
            ),
            **search.craft.facts(candidate.genome),
            "fitness": _rounded(candidate.fitness),
            "match": _rounded(candidate.chromatic.match),
            "novelty": _rounded(candidate.chromatic.novelty),
            **_said(candidate.chromatic),
            **({} if math.isnan(candidate.taste) else {"taste": _rounded(candidate.taste, 2)}),
            "terms": {term: _rounded(value, 2) for term, value in candidate.terms.items() if value is not None},
            "measures": {measure: _rounded(value, 2) for measure, value in candidate.measures.items()},
            "seed": seed,
            "generation": candidate.generation,
            "parents": [
                candidate_id(search.known[p], section, result.variant) for p in candidate.parents if p in search.known
            ],
        },
    }


def _said(chromatic: Chromatic) -> dict[str, Any]:
    """What the scorer says of the music whatever the target, as far as it says anything."""
    said: dict[str, Any] = {}
    if chromatic.confidence is not None:
        said["confidence"] = _rounded(chromatic.confidence, 2)
    if chromatic.axes:
        said["axes"] = {
            axis: {mode: _rounded(p, 2) for mode, p in modes.items()} for axis, modes in chromatic.axes.items()
        }
    return said


def _rounded(value: float, digits: int = 4) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def section_report(result: SectionResult[G]) -> SectionReport:
    """What a search found, in numbers."""
    assert result.search.weights is not None
    section = result.search.craft.section
    return SectionReport(
        name=part_name(result),
        n_scored=len(result.search.known),
        n_written=len(result.written),
        kept=tuple(candidate_id(candidate, section, result.variant) for candidate in result.kept),
        match_first=tuple(candidate.chromatic.match for candidate in result.first_batch),
        match_written=tuple(candidate.chromatic.match for candidate in result.written),
        match_kept=tuple(candidate.chromatic.match for candidate in result.kept),
        weights=result.search.weights,
    )
