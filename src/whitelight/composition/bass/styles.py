"""Bass styles, from `bass.yml`, and what a catalog teaches the stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.randomness import Rng
from whitelight.files import load_yaml

SHIPPED_FILE = Path(__file__).with_name("bass.yml")
OWN_SHARE = 0.8  # of candidates that play as the catalog does; the others keep the search open


@dataclass(frozen=True, slots=True, eq=False)
class LineStyle:
    """One way to play.

    Attributes
    ----------
    share : how often beside the others. energy : where it is usual. density : notes against the default. approach : share of changes that are led into.
    gate : (low, high) share of its time that a note sounds. programs : General MIDI program → weight.
    """

    name: str
    share: float
    energy: tuple[float, float]
    density: float
    approach: float
    gate: tuple[float, float]
    programs: Mapping[int, float]

    def usual(self, energy: float) -> float:
        """How usual it is at an energy, above 0 and at most 1."""
        beyond = max(self.energy[0] - energy, energy - self.energy[1], 0.0)
        return self.share * float(np.exp(-7.0 * beyond)) + 1e-3


@dataclass(frozen=True, slots=True)
class Habit:
    """How one bass part of a catalog is played.

    Attributes
    ----------
    style : nearest name in `bass.yml`. notes_per_s : while it plays. center : median MIDI pitch.
    gate : share of the time to the next onset that a note sounds. program : General MIDI.
    meter, onsets : share of bars with an onset at each pulse of this meter.
    """

    style: str
    notes_per_s: float
    center: float
    gate: float
    program: int
    meter: str
    onsets: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BassStyle:
    """How bass is to be played.

    Attributes
    ----------
    habits : one per part that was heard. n_bars : the evidence. style : a name in `bass.yml` that is asked for, or "".
    """

    habits: tuple[Habit, ...] = ()
    n_bars: int = 0
    style: str = ""

    def draw(self, meter: str, rng: Rng) -> int:
        """Draw one part, of this meter when there is one; its place in `habits`."""
        near = [i for i, habit in enumerate(self.habits) if habit.meter == meter] or list(range(len(self.habits)))
        return near[int(rng.integers(len(near)))]


@lru_cache(maxsize=1)
def shipped_styles() -> Mapping[str, LineStyle]:
    """Return the styles the package ships, by name."""
    return {name: _style(name, entry) for name, entry in load_yaml(SHIPPED_FILE)["styles"].items()}


@lru_cache(maxsize=1)
def shipped_onsets() -> tuple[float, ...]:
    """Return the share of bars with an onset per sixteenth of 4/4."""
    return tuple(float(value) / 100.0 for value in load_yaml(SHIPPED_FILE)["onsets"])


@lru_cache(maxsize=1)
def tone_shares() -> Mapping[str, float]:
    """Return what notes are to the chord: share of "root", "fifth", "third" and "other"."""
    return {name: float(value) for name, value in load_yaml(SHIPPED_FILE)["tones"].items()}


def _style(name: str, entry: Mapping[str, Any]) -> LineStyle:
    (low, high), (short, long) = entry["energy"], entry["gate"]
    return LineStyle(
        name=name,
        share=float(entry["share"]),
        energy=(float(low), float(high)),
        density=float(entry["density"]),
        approach=float(entry["approach"]),
        gate=(float(short), float(long)),
        programs={int(program): float(weight) for program, weight in entry["programs"].items()},
    )
