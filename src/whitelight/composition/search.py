"""The search of one section: generate, render, score exactly those bytes, breed, keep a diverse few.

Deterministic for a `rng`; every genome is scored once (memo by content). The scorer stays outside: `ask` gives genomes,
`tell` takes verdicts. What a genome is, the stage's craft knows.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic

import numpy as np

from whitelight.composition.archive import Archive
from whitelight.composition.craft import Craft, G, Played
from whitelight.composition.fitness import FitnessWeights, Terms, weigh
from whitelight.composition.judging import Judge
from whitelight.composition.material import Kinship, Material, closest
from whitelight.composition.randomness import Rng
from whitelight.composition.scorer import Chromatic
from whitelight.composition.surrogate import Surrogate

N_PLAYED_AGAIN = 6  # candidates played twice to measure the noise of every term
SHARE_CROSSED, SHARE_FRESH = 0.3, 0.05
SHARE_CROSSED_AND_CHANGED = 0.5  # of the crossed
BATCH = 10  # children before parents are chosen anew: many short steps go further than few long ones
N_SIBLINGS = 6  # children drawn for every one that is scored: the one whose traits promise most
DIVERSITY = 0.6  # fitness a candidate loses per unit of likeness to one that is kept already


@dataclass(frozen=True, slots=True, eq=False)
class Scored(Generic[G]):
    """A candidate with everything measured on it.

    Attributes
    ----------
    place : measure → share of its range, 0 to 1. idea : what makes two candidates different songs.
    kin : another song that has most of it, None when none has anything. taste : log-odds of the human's taste, NaN without.
    """

    genome: G
    played: Played
    place: Mapping[str, float]
    idea: Sequence[Hashable]
    chromatic: Chromatic
    fitness: float
    generation: int
    parents: tuple[G, ...]
    kin: Kinship | None = None
    taste: float = math.nan

    @property
    def midi(self) -> bytes:
        """The file that is scored and written."""
        return self.played.midi

    @property
    def terms(self) -> Terms:
        """Theory terms."""
        return self.played.terms

    @property
    def measures(self) -> Mapping[str, float]:
        """Where it lies in the archive."""
        return self.played.measures


@dataclass(slots=True)
class Search(Generic[G]):
    """Search state of one section.

    Attributes
    ----------
    known : genome → scored candidate, in order of arrival.
    weights : frozen after the first generation.
    others : material of other songs, which costs fitness. seeds : genomes the first generation begins with.
    """

    craft: Craft[G]
    rng: Rng
    others: Sequence[Material] = ()
    seeds: Sequence[G] = ()
    archive: Archive[Scored[G]] = field(init=False)
    known: dict[G, Scored[G]] = field(default_factory=dict)
    weights: FitnessWeights | None = None
    generation: int = 0
    surrogate: Surrogate = field(default_factory=Surrogate)

    def __post_init__(self) -> None:
        self.archive = Archive(self.craft.ranges)

    def ask(self, n_genomes: int) -> list[tuple[G, tuple[G, ...]]]:
        """Return new genomes with their parents; fresh ones have none."""
        found: dict[G, tuple[G, ...]] = {genome: () for genome in self.seeds if not self.known}
        guess = self.surrogate.guess() if self.archive.elites else None
        while len(found) < n_genomes:
            siblings = self._siblings(1 if guess is None else N_SIBLINGS, found)
            if not siblings:
                break
            chosen = list(siblings)[guess.best(list(siblings)) if guess and len(siblings) > 1 else 0]
            found[chosen] = siblings[chosen]
        return list(found.items())

    def _siblings(self, n_genomes: int, taken: Mapping[G, tuple[G, ...]]) -> dict[G, tuple[G, ...]]:
        """Return genomes that are neither known nor taken, with their parents."""
        found: dict[G, tuple[G, ...]] = {}
        for _ in range(20 * n_genomes):  # children that are known already are asked for again
            if len(found) >= n_genomes:
                break
            genome, parents = self._child() if self.archive.elites else (self.craft.compose(self.rng), ())
            if genome not in self.known and genome not in taken:
                found.setdefault(genome, parents)
        return found

    def _child(self) -> tuple[G, tuple[G, ...]]:
        fate = self.rng.random()
        if fate < SHARE_FRESH:
            return self.craft.compose(self.rng), ()
        first, second = (parent.genome for parent in self.archive.ask(2, self.rng))
        if fate < SHARE_FRESH + SHARE_CROSSED and first != second:
            child = self.craft.cross(first, second, self.rng)
            is_changed = self.rng.random() < SHARE_CROSSED_AND_CHANGED
            return (self.craft.mutate(child, self.rng) if is_changed else child), (first, second)
        return self.craft.mutate(first, self.rng), (first,)

    def tell(
        self,
        asked: Sequence[tuple[G, tuple[G, ...]]],
        played: Sequence[Played],
        verdicts: Sequence[Chromatic],
        tastes: Sequence[float] | None = None,
    ) -> list[Scored[G]]:
        """Weigh (the first time), compute fitness, fill the archive; `tastes` are log-odds, None without a taste."""
        if self.weights is None:
            self.weights = weigh(
                [one.terms for one in played],
                measure_noise(self.craft, [genome for genome, _ in asked[:N_PLAYED_AGAIN]]),
                [verdict.fitness for verdict in verdicts],
                [verdict.novelty for verdict in verdicts],
                tastes,
            )
        scored = [
            self._weighed(genome, parents, one, verdict, taste=taste, weights=self.weights)
            for (genome, parents), one, verdict, taste in zip(
                asked, played, verdicts, [math.nan] * len(played) if tastes is None else tastes, strict=True
            )
            if verdict.error is None
        ]
        self.known |= {candidate.genome: candidate for candidate in scored}
        self.archive.tell(scored)
        self.surrogate.learn([one.genome for one in scored], [one.fitness for one in scored])
        return scored

    def _weighed(
        self,
        genome: G,
        parents: tuple[G, ...],
        played: Played,
        verdict: Chromatic,
        *,
        taste: float,
        weights: FitnessWeights,
    ) -> Scored[G]:
        idea = tuple(self.craft.idea(genome))
        kin = closest(idea, self.others)
        fitness = weights.fitness(played.terms, verdict.fitness, verdict.novelty, taste)
        return Scored(
            genome=genome,
            played=played,
            place=self.archive.place(played.measures),
            idea=idea,
            chromatic=verdict,
            fitness=fitness - (kin.penalty if kin else 0.0),
            generation=self.generation,
            parents=parents,
            kin=kin,
            taste=taste,
        )


def run_generation(search: Search[G], judge: Judge, n_genomes: int) -> list[Scored[G]]:
    """One generation: ask, play, score, tell; the first at once, later ones in batches of `BATCH`."""
    scored: list[Scored[G]] = []
    n_left, size = n_genomes, BATCH if search.archive.elites else n_genomes
    while n_left > 0:
        asked = search.ask(min(size, n_left))
        n_left -= size
        if not asked:
            break
        played = [search.craft.play(genome) for genome, _ in asked]
        verdicts = judge.hear(
            [one.midi for one in played], view=search.craft.view, lyrics=[one.lyrics for one in played]
        )
        scored += search.tell(asked, played, verdicts, judge.likes(played))
    search.generation += 1
    return scored


def measure_noise(craft: Craft[G], genomes: Sequence[G]) -> dict[str, float]:
    """Standard deviation of each term between two playings of the same music."""
    changes: dict[str, list[float]] = {}
    for genome in genomes:
        first, again = (craft.play(one).terms for one in (genome, craft.again(genome)))
        for name, value in first.items():
            other = again[name]
            if value is not None and other is not None:
                changes.setdefault(name, []).append(value - other)
    return {name: float(np.sqrt(np.mean(np.square(values)) / 2.0)) for name, values in changes.items()}


def keep_diverse(candidates: Sequence[Scored[G]], n_keep: int, taken: Sequence[Scored[G]] = ()) -> list[Scored[G]]:
    """Choose a few that are good and unlike each other (greedy; likeness costs fitness, it never forbids).

    Parameters
    ----------
    taken : candidates of other sections, whose material is avoided as well.
    """
    left, kept = list(candidates), list[Scored[G]]()
    closest = [max((likeness(c, other) for other in taken), default=0.0) for c in left]
    while left and len(kept) < n_keep:
        allowed: Sequence[int] = range(len(left))
        if len(kept) == 1:  # the second is another idea whenever there is one
            allowed = [i for i in allowed if left[i].idea != kept[0].idea] or allowed
        best = max(allowed, key=lambda i: left[i].fitness - DIVERSITY * 4.0 * closest[i] ** 2)
        kept.append(left.pop(best))
        closest.pop(best)
        closest = [max(near, likeness(c, kept[-1])) for near, c in zip(closest, left, strict=True)]
    return kept


def likeness(first: Scored[G], second: Scored[G]) -> float:
    """Share of what two candidates have in common: steps of the idea, then place in the archive; 1 is the same idea."""
    steps_first, steps_second = (set(pairwise(c.idea)) for c in (first, second))
    steps = len(steps_first & steps_second) / max(len(steps_first | steps_second), 1)
    apart = [min(abs(first.place[name] - second.place[name]), 1.0) for name in first.place]
    return 0.7 * steps + 0.3 * (1.0 - float(np.mean(apart)))
