"""The genome of a cut-up: which stretches of which bars, and in which order they come and return."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A stretch of one bar of a source.

    Attributes
    ----------
    file : the source part, as `SourcePart.file`. bar : from 0.
    first, n : felt groups of that bar, see `cells`.
    """

    file: str
    bar: int
    first: int
    n: int


Bar = tuple[Cut, ...]  # stretches that make one bar, in order


@dataclass(frozen=True, slots=True)
class CutUpGenome:
    """One candidate of a section.

    Attributes
    ----------
    units : different bars, in order of their first appearance.
    plan : unit of every bar of the section; a unit that comes again is recalled.
    """

    units: tuple[Bar, ...]
    plan: tuple[int, ...]

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Every bar of the section."""
        return tuple(self.units[unit] for unit in self.plan)

    def to_json(self) -> str:
        """One canonical line of JSON."""
        value = {
            "units": [[[c.file, c.bar, c.first, c.n] for c in unit] for unit in self.units],
            "plan": list(self.plan),
        }
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def is_cut_up(value: dict[str, Any]) -> bool:
    """Whether plain data is a genome of this kind and not of a stage's own."""
    return set(value) == {"units", "plan"}


def genome_from_dict(value: dict[str, Any]) -> CutUpGenome:
    """Rebuild a genome from the plain data of `CutUpGenome.to_json`."""
    units = tuple(tuple(Cut(*cut) for cut in unit) for unit in value["units"])
    return CutUpGenome(units, tuple(value["plan"]))


def tidy(units: tuple[Bar, ...], plan: tuple[int, ...]) -> CutUpGenome:
    """Number units by first appearance and forget those that never sound; equal bars are one unit."""
    order: dict[Bar, int] = {}
    for unit in plan:
        order.setdefault(units[unit], len(order))
    return CutUpGenome(tuple(order), tuple(order[units[unit]] for unit in plan))
