"""The search of one section: generate, render, score exactly those bytes, breed, keep a diverse few.

Deterministic for a `rng`; every genome is scored once (memo by content). The scorer stays outside: `ask` gives genomes,
`tell` takes verdicts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from whitelight.composition.archive import Archive
from whitelight.composition.fitness import FitnessWeights, Terms, weigh
from whitelight.composition.genome import ChordGenome
from whitelight.composition.operators import cross, mutate
from whitelight.composition.playing import compose_genome, regrain
from whitelight.composition.randomness import Rng
from whitelight.composition.rendering import render
from whitelight.composition.scorer import BatchScorer, Chromatic, score_in_order
from whitelight.composition.setting import Setting
from whitelight.composition.theory import MEASURES, hear, measures, theory_terms
from whitelight.music import write_midi

N_PLAYED_AGAIN = 6  # candidates played twice to measure the noise of every term
SHARE_CROSSED, SHARE_FRESH = 0.25, 0.1
DIVERSITY = 0.6  # fitness a candidate loses per unit of likeness to one that is kept already


@dataclass(frozen=True, slots=True, eq=False)
class ScoredGenome:
    """A candidate with everything measured on it."""

    genome: ChordGenome
    midi: bytes
    terms: Terms
    measures: Mapping[str, float]
    chromatic: Chromatic
    fitness: float
    generation: int
    parents: tuple[ChordGenome, ...]

    @property
    def progression(self) -> tuple[tuple[int, str], ...]:
        """Roots and qualities in order: what makes two candidates different songs rather than playings."""
        return tuple((chord.root, chord.quality) for chord in self.genome.chords)


@dataclass(frozen=True, slots=True)
class _Unscored:
    genome: ChordGenome
    midi: bytes
    terms: Terms
    measures: Mapping[str, float]
    parents: tuple[ChordGenome, ...]


@dataclass(slots=True)
class ChordSearch:
    """Search state of one section.

    Attributes
    ----------
    known : genome → scored candidate, in order of arrival.
    weights : frozen after the first generation.
    """

    setting: Setting
    rng: Rng
    archive: Archive[ScoredGenome] = field(default_factory=lambda: Archive(MEASURES))
    known: dict[ChordGenome, ScoredGenome] = field(default_factory=dict)
    weights: FitnessWeights | None = None
    generation: int = 0

    def ask(self, n_genomes: int) -> list[tuple[ChordGenome, tuple[ChordGenome, ...]]]:
        """Return new genomes with their parents; fresh ones have none."""
        found: dict[ChordGenome, tuple[ChordGenome, ...]] = {}
        for _ in range(20 * n_genomes):  # children that are known already are asked for again
            if len(found) == n_genomes:
                break
            genome, parents = self._child() if self.archive.elites else (compose_genome(self.setting, self.rng), ())
            if genome not in self.known:
                found.setdefault(genome, parents)
        return list(found.items())

    def _child(self) -> tuple[ChordGenome, tuple[ChordGenome, ...]]:
        fate = self.rng.random()
        if fate < SHARE_FRESH:
            return compose_genome(self.setting, self.rng), ()
        first, second = (parent.genome for parent in self.archive.ask(2, self.rng))
        if fate < SHARE_FRESH + SHARE_CROSSED and first != second:
            child = mutate(cross(first, second, self.setting, self.rng), self.setting, self.rng)
            return child, (first, second)
        return mutate(first, self.setting, self.rng), (first,)

    def tell(self, batch: Sequence[_Unscored], verdicts: Sequence[Chromatic]) -> list[ScoredGenome]:
        """Weigh (the first time), compute fitness, fill the archive."""
        if self.weights is None:
            noise = measure_noise([candidate.genome for candidate in batch[:N_PLAYED_AGAIN]], self.setting)
            self.weights = weigh(
                [candidate.terms for candidate in batch],
                noise,
                [verdict.fitness for verdict in verdicts],
                [verdict.novelty for verdict in verdicts],
            )
        scored = [
            ScoredGenome(
                genome=candidate.genome,
                midi=candidate.midi,
                terms=candidate.terms,
                measures=candidate.measures,
                chromatic=verdict,
                fitness=self.weights.fitness(candidate.terms, verdict.fitness, verdict.novelty),
                generation=self.generation,
                parents=candidate.parents,
            )
            for candidate, verdict in zip(batch, verdicts, strict=True)
            if verdict.error is None
        ]
        self.known |= {candidate.genome: candidate for candidate in scored}
        self.archive.tell(scored)
        self.generation += 1
        return scored


def run_generation(search: ChordSearch, scorer: BatchScorer, target: Any, n_genomes: int) -> list[ScoredGenome]:
    """One turn: ask, play, score, tell."""
    batch = [play(genome, search.setting, parents) for genome, parents in search.ask(n_genomes)]
    return search.tell(batch, score_in_order(scorer, [candidate.midi for candidate in batch], target))


def play(genome: ChordGenome, setting: Setting, parents: tuple[ChordGenome, ...] = ()) -> _Unscored:
    """Render a genome to the bytes that will be scored and written, and measure it."""
    rendered = render(genome, setting)
    heard = hear(genome, setting, rendered)
    return _Unscored(genome, write_midi(rendered.piece), theory_terms(heard), measures(heard), parents)


def measure_noise(genomes: Sequence[ChordGenome], setting: Setting) -> dict[str, float]:
    """Standard deviation of each term between two playings of the same music."""
    changes: dict[str, list[float]] = {}
    for genome in genomes:
        first, again = (
            theory_terms(hear(g, setting, render(g, setting)))
            for g in (genome, regrain(genome, genome.touch.grain + 1))
        )
        for name, value in first.items():
            other = again[name]
            if value is not None and other is not None:
                changes.setdefault(name, []).append(value - other)
    return {name: float(np.sqrt(np.mean(np.square(values)) / 2.0)) for name, values in changes.items()}


def keep_diverse(
    candidates: Sequence[ScoredGenome], n_keep: int, taken: Sequence[ScoredGenome] = ()
) -> list[ScoredGenome]:
    """Choose a few that are good and unlike each other (greedy; likeness costs fitness, it never forbids).

    Parameters
    ----------
    taken : candidates of other sections, whose material is avoided as well.
    """
    left, kept = list(candidates), list[ScoredGenome]()
    closest = [max((likeness(c, other) for other in taken), default=0.0) for c in left]
    while left and len(kept) < n_keep:
        allowed: Sequence[int] = range(len(left))
        if len(kept) == 1:  # the second is another progression whenever there is one
            allowed = [i for i in allowed if left[i].progression != kept[0].progression] or allowed
        best = max(allowed, key=lambda i: left[i].fitness - DIVERSITY * 4.0 * closest[i] ** 2)
        kept.append(left.pop(best))
        closest.pop(best)
        closest = [max(near, likeness(c, kept[-1])) for near, c in zip(closest, left, strict=True)]
    return kept


def likeness(first: ScoredGenome, second: ScoredGenome) -> float:
    """Share of what two candidates have in common: chord pairs, then place on the measures; 1 is the same progression."""
    pairs_first, pairs_second = (set(pairwise(c.progression)) for c in (first, second))
    chords = len(pairs_first & pairs_second) / max(len(pairs_first | pairs_second), 1)
    apart = [
        min(abs(first.measures[name] - second.measures[name]) / (high - low), 1.0)
        for name, (low, high) in MEASURES.items()
    ]
    return 0.7 * chords + 0.3 * (1.0 - float(np.mean(apart)))
