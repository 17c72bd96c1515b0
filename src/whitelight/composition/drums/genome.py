"""The genome of a drum part: everything that is struck is in it, and nothing else decides a hit.

Conventions: places in a bar are pulses of the `MeterGrid`; a bar holds its lanes in the order of `voices.LANES`. A
genome is plain data: equal genomes sound equal, and it can be written as JSON and read back.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from whitelight.composition.drums.voices import LANES

Pulses = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of groove: of every lane the pulses at which it is struck, in order."""

    lanes: tuple[Pulses, ...]

    def lane(self, name: str) -> Pulses:
        """Where a lane is struck."""
        return self.lanes[LANES.index(name)]

    def with_lane(self, name: str, pulses: Pulses) -> "Bar":
        """The same bar with another lane."""
        place = LANES.index(name)
        return Bar((*self.lanes[:place], tuple(sorted(set(pulses))), *self.lanes[place + 1 :]))

    @property
    def n_hits(self) -> int:
        """Hits of all lanes."""
        return sum(map(len, self.lanes))


EMPTY_BAR = Bar(((),) * len(LANES))


@dataclass(frozen=True, slots=True)
class Fill:
    """What takes the place of the groove from `start` to the end of a bar: hits as (pulse, voice)."""

    bar: int
    start: int
    hits: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Feel:
    """How the hits are played.

    Attributes
    ----------
    level : velocity of an ordinary hit. accent : how far the backbeat stands out. depth : what keeps time is louder on
        the beat than off it. swell : rise over the section; a fill rises by itself.
    swing : where the second half of a unit falls, 1/2 is straight.
    sway_ms, spread_ms : standard deviation of the slow wander and of each hit's own part.
    grain : seed of the small differences between hits.
    """

    level: int
    accent: int
    depth: int
    swell: int
    swing: float
    sway_ms: float
    spread_ms: float
    grain: int


@dataclass(frozen=True, slots=True)
class DrumGenome:
    """One candidate of a section.

    Attributes
    ----------
    family : of the kit, see `drums.yml`; "own" for a habit of the catalog.
    snare, time, color : voices that play these lanes, color may be "". layer : in which layer of the meter time is kept.
    fullness : 0–1, how much is played. backbeat : pulses that carry the snare. bars : one per bar. crashes : bars that begin with a crash.
    """

    family: str
    snare: str
    time: str
    color: str
    layer: str
    fullness: float
    backbeat: Pulses
    bars: tuple[Bar, ...]
    fills: tuple[Fill, ...]
    crashes: tuple[int, ...]
    feel: Feel

    def with_bar(self, place: int, bar: Bar) -> "DrumGenome":
        """The same part with another bar."""
        return replace(self, bars=(*self.bars[:place], bar, *self.bars[place + 1 :]))

    def with_bars(self, bars: tuple[Bar, ...]) -> "DrumGenome":
        """The same kit and feel with other bars."""
        return replace(self, bars=bars)

    def with_fills(self, fills: tuple[Fill, ...], crashes: tuple[int, ...]) -> "DrumGenome":
        """The same groove with other fills and crashes."""
        return replace(self, fills=fills, crashes=crashes)

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def genome_from_dict(value: dict[str, Any]) -> DrumGenome:
    """Rebuild a genome from the plain data of `DrumGenome.to_json`."""
    bars = tuple(Bar(tuple(map(tuple, bar["lanes"]))) for bar in value["bars"])
    fills = tuple(
        Fill(fill["bar"], fill["start"], tuple((pulse, voice) for pulse, voice in fill["hits"]))
        for fill in value["fills"]
    )
    made: dict[str, Any] = {
        "backbeat": tuple(value["backbeat"]),
        "crashes": tuple(value["crashes"]),
        "bars": bars,
        "fills": fills,
        "feel": Feel(**value["feel"]),
    }
    return DrumGenome(**(value | made))
