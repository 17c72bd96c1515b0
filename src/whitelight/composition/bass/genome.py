"""The genome of a bass line: every note, and how they are played.

Conventions: places and lengths are pulses of the `MeterGrid`, counted from the start of the section; pitches are MIDI
numbers. A genome is plain data: equal genomes sound equal, and it can be written as JSON and read back.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class BassNote:
    """One note.

    Attributes
    ----------
    role : "root" of what sounds below, "tone" of the chord, "step" in the scale that leads on, "chromatic" half step
        that is meant, "pedal" held through a change.
    """

    start: int
    duration: int
    pitch: int
    role: str

    @property
    def end(self) -> int:
        """First pulse after it."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Feel:
    """How the notes are played.

    Attributes
    ----------
    level : mean velocity. accent : how much strong places stand out. swell : rise over the section.
    gate : share of its length that a note sounds; 1 reaches the next.
    swing : where the second half of a unit falls, 1/2 is straight.
    late_ms : behind the drums on average. sway_ms, spread_ms : slow wander and each note's own part.
    grain : seed of the small differences.
    """

    level: int
    accent: int
    swell: int
    gate: float
    swing: float
    late_ms: float
    sway_ms: float
    spread_ms: float
    grain: int


@dataclass(frozen=True, slots=True)
class BassGenome:
    """One candidate of a section.

    Attributes
    ----------
    style : name in `bass.yml`. program : General MIDI, from 0. center : MIDI pitch around which roots lie.
    fullness : 0–1, how much is played. habit : which part of the catalog it plays like, -1 for none.
    notes : one after the other, none over the next.
    """

    style: str
    program: int
    center: int
    fullness: float
    habit: int
    notes: tuple[BassNote, ...]
    feel: Feel

    def with_notes(self, notes: tuple[BassNote, ...]) -> "BassGenome":
        """The same playing of other notes."""
        return replace(self, notes=notes)

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def genome_from_dict(value: dict[str, Any]) -> BassGenome:
    """Rebuild a genome from the plain data of `BassGenome.to_json`."""
    notes = tuple(BassNote(**note) for note in value["notes"])
    return BassGenome(**{**value, "notes": notes, "feel": Feel(**value["feel"])})
