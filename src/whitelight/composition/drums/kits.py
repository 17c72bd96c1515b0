"""Kits by family, from `drums.yml`: what the lanes sound like, when a family is usual, where its hits fall."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.files import load_yaml

SHIPPED_FILE = Path(__file__).with_name("drums.yml")
TABLE_METER = "4/4"

Weights = Mapping[str, float]
Table = Mapping[str, tuple[float, ...]]  # lane → hit probability per pulse of the table's meter


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One family of kits.

    Attributes
    ----------
    words : genres and styles it belongs to. tempo_bpm, energy : where it is usual, (low, high).
    snare, time, color : voice → weight. color_rate : share of candidates that use the color lane.
    layers, backbeat : layer of time, plan of the backbeat → weight; see `accents`.
    meter : whose bars the table counts. steer : how far energy moves the density; 1 from next to nothing to full.
    hits_per_s : of a part of the catalog. fill : size of its fills against the usual. is_own : a part of the catalog, whose feet and color are in its table.
    ghost_share : percentiles of the share of snare hits that are ghosts.
    swing_share, swing : share of swung candidates, and (low, high) of their swing. level : against other families.
    """

    name: str
    words: tuple[str, ...]
    tempo_bpm: tuple[float, float]
    energy: tuple[float, float]
    snare: Weights
    time: Weights
    color: Weights
    color_rate: float
    layers: Weights
    backbeat: Weights
    ghost_share: tuple[float, float, float, float, float]
    swing_share: float
    swing: tuple[float, float]
    level: int
    table: Table
    meter: str = TABLE_METER
    steer: float = 1.0
    hits_per_s: float = 0.0
    fill: float = 1.0
    is_own: bool = False

    def usual(self, tempo_bpm: float, energy: float) -> float:
        """How usual it is at a tempo and an energy, above 0 and at most 1."""
        octaves = max(np.log2(self.tempo_bpm[0] / tempo_bpm), np.log2(tempo_bpm / self.tempo_bpm[1]), 0.0)
        beyond = max(self.energy[0] - energy, energy - self.energy[1], 0.0)
        return float(np.exp(-3.0 * octaves - 8.0 * beyond)) + 1e-3


@lru_cache(maxsize=1)
def shipped_families() -> Mapping[str, Family]:
    """Return the families the package ships, by name."""
    return {name: _family(name, entry) for name, entry in load_yaml(SHIPPED_FILE)["families"].items()}


def family_of(words: str) -> str:
    """Name of the family whose words are among these ("slow indie rock"), "" when none is."""
    text = f" {words.casefold()} "
    found = [(len(word), name) for name, f in shipped_families().items() for word in f.words if word in text]
    return max(found)[1] if found else ""


def _family(name: str, entry: Mapping[str, Any]) -> Family:
    p5, p25, p50, p75, p95 = map(float, entry["ghost_share"])
    return Family(
        name=name,
        words=tuple(map(str, entry["words"])),
        tempo_bpm=_pair(entry["tempo_bpm"]),
        energy=_pair(entry["energy"]),
        snare=dict(entry["snare"]),
        time=dict(entry["time"]),
        color=dict(entry["color"]["voices"]),
        color_rate=float(entry["color"]["rate"]),
        layers=dict(entry["layers"]),
        backbeat=dict(entry["backbeat"]),
        ghost_share=(p5, p25, p50, p75, p95),
        swing_share=float(entry["swing"]["share"]),
        swing=_pair(entry["swing"]["range"]),
        level=int(entry["level"]),
        table={lane: tuple(value / 100.0 for value in row) for lane, row in entry["table"].items()},
    )


def _pair(values: Any) -> tuple[float, float]:
    low, high = map(float, values)
    return low, high
