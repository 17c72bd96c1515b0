"""The search of one section from first draw to the few that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from whitelight.composition.craft import Craft, G
from whitelight.composition.judging import Judge, NoCandidatesError
from whitelight.composition.material import Material
from whitelight.composition.randomness import Rng
from whitelight.composition.search import Scored, Search, keep_diverse, run_generation
from whitelight.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class SectionResult(Generic[G]):
    """A finished search: what is written, kept ones first; `variant` says over which approved chords, "" without."""

    search: Search[G]
    first_batch: tuple[Scored[G], ...]
    kept: tuple[Scored[G], ...]
    written: tuple[Scored[G], ...]
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: candidates per generation, generations bred after the first, how many are kept and written.

    Attributes
    ----------
    n_written : candidates written, the kept ones first; as many as a generation has when None.
    """

    n_candidates: int = 50
    n_generations: int = 3
    n_keep: int = 8
    n_written: int | None = None

    def __post_init__(self) -> None:
        if self.n_candidates < 2:
            raise NoCandidatesError(f"{self.n_candidates} candidates asked for; at least 2, so that there is a choice")


def search_section(
    craft: Craft[G],
    judge: Judge,
    rng: Rng,
    effort: Effort,
    *,
    variant: str = "",
    taken: Sequence[Scored[G]] = (),
    others: Sequence[Material] = (),
    seeds: Sequence[G] = (),
    progress: Progress = silent,
) -> SectionResult[G]:
    """Generate, breed and choose.

    Parameters
    ----------
    taken : candidates of other sections, whose material is avoided. others : material of other songs.
    seeds : genomes to begin with, such as those a human liked.

    Raises
    ------
    NoCandidatesError : none of the candidates could be judged.
    """
    search, batches = Search[G](craft, rng, others, seeds), list[list[Scored[G]]]()
    for turn in range(1 + effort.n_generations):
        batches.append(run_generation(search, judge, effort.n_candidates))
        progress(turn + 1, 1 + effort.n_generations)
    if not search.known:
        raise NoCandidatesError(
            f"section '{craft.section.name}': the scorer could judge none of the candidates; check the model"
        )
    elites = search.archive.ranked()
    kept = keep_diverse(elites, min(effort.n_keep, effort.n_candidates), taken)
    chosen: dict[bytes, Scored[G]] = {}  # two genomes may sound the same: the first of them stands for both
    for candidate in (*kept, *elites, *sorted(search.known.values(), key=lambda c: -c.fitness)):
        chosen.setdefault(candidate.played.content, candidate)
    kept = [candidate for candidate in kept if chosen[candidate.played.content] is candidate]
    written = tuple(chosen.values())[: effort.n_written or effort.n_candidates]
    return SectionResult(search, tuple(batches[0]), tuple(kept), written, variant)
