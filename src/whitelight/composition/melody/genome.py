"""The genome of a melody: phrases as ideas, turns that sing them, and how they are sung.

Conventions: time is pulses of the `MeterGrid`; heights are scale steps above a tonic in the middle of the voice, so that
one idea fits every key, mode and borrowed chord. Rendering bends heights to the chords; it never changes the rhythm.
A genome is plain data: equal genomes sound equal, and it can be written as JSON and read back.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Phrase:
    """One melodic idea; the columns are of equal length.

    Attributes
    ----------
    onsets : pulses from the start of its span, rising; negative ones are a pick-up into it.
    lengths : pulses each note sounds, ≥ 1. heights : scale steps above the tonic of the voice.
    leans : whether the note may lean beside the chord on a strong place (9th, 6th, suspension).
    """

    onsets: tuple[int, ...]
    lengths: tuple[int, ...]
    heights: tuple[int, ...]
    leans: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.onsets)


@dataclass(frozen=True, slots=True)
class Turn:
    """One singing of a phrase in its span of the section.

    Attributes
    ----------
    phrase : index of the phrase. close : scale degree 0–6 on which it ends, if the chord has it.
    shift : scale steps by which it is moved.
    """

    phrase: int
    close: int
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Touch:
    """How it is sung.

    Attributes
    ----------
    level, accent, swell : mean velocity; how much strong places stand out; arch of a phrase.
    gate : share of the time to the next note that a note sounds. late_ms : behind the beat, negative before it.
    grain : seed of the small differences in time and loudness.
    """

    level: int
    accent: int
    swell: int
    gate: float
    late_ms: int
    grain: int


@dataclass(frozen=True, slots=True)
class MelodyGenome:
    """One candidate of a section.

    Attributes
    ----------
    phrases : ideas. turns : who sings when; they share the section in equal spans (see `spans.section_spans`).
    low : lowest MIDI pitch; the line keeps to `RANGE_ST` semitones above it.
    """

    phrases: tuple[Phrase, ...]
    turns: tuple[Turn, ...]
    low: int
    touch: Touch

    def with_phrase(self, place: int, phrase: Phrase) -> "MelodyGenome":
        """The same with another idea at one place."""
        return replace(self, phrases=(*self.phrases[:place], phrase, *self.phrases[place + 1 :]))

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def genome_from_dict(value: dict[str, Any]) -> MelodyGenome:
    """Rebuild a genome from the plain data of `MelodyGenome.to_json`."""
    phrases = tuple(Phrase(**{name: tuple(column) for name, column in one.items()}) for one in value["phrases"])
    turns = tuple(Turn(**turn) for turn in value["turns"])
    return MelodyGenome(phrases, turns, value["low"], Touch(**value["touch"]))
