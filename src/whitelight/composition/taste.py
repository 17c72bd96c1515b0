"""A human's taste as part of the fitness: opened for a stage, or left out with the reason said."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whitelight.composition.craft import Played
from whitelight.scoring.taste import Taste, UnusableTasteError


@dataclass(frozen=True, slots=True)
class TasteOfStage:
    """A taste in one stage. name : which taste it is."""

    taste: Taste
    stage: str

    @property
    def name(self) -> str:
        """Which taste it is, as search records say."""
        return self.taste.name

    def of(self, played: Sequence[Played]) -> list[float]:
        """Log-odds of each candidate against a middling one; NaN where it cannot be read."""
        if not played:
            return []
        files, terms = [one.midi for one in played], [one.terms for one in played]
        return [float(value) for value in np.asarray(self.taste.score(files, self.stage, terms))]


def open_taste(path: Path | None) -> Taste | None:
    """Read a taste that is to be composed with; nothing for None.

    Raises
    ------
    TasteError : it is none. UnusableTasteError : it cannot be told from chance; nothing was composed.
    """
    if path is None:
        return None
    taste = Taste.load(path)
    if not taste.usable:
        raise UnusableTasteError(f"{path.name}: this taste is not to be used: {taste.record['reason']}")
    return taste


def taste_of_stage(taste: Taste | None, stage: str) -> tuple[TasteOfStage | None, tuple[str, ...]]:
    """Return what a taste says in one stage, and what is to be said where it says nothing.

    Raises
    ------
    UnusableTasteError : it cannot be told from chance.
    """
    if taste is None:
        return None, ()
    if taste.usable and stage not in taste.stages:
        return None, (f"the taste has no judgements of {stage}; composed without it",)
    taste.for_stage(stage)
    return TasteOfStage(taste, stage), ()
