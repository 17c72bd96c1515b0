"""The genome of a chord section: everything that sounds is in it, and nothing else decides a note.

Conventions: positions and lengths are pulses of the `MeterGrid`; roots are semitones above the tonic; velocities are
MIDI 1–127. A genome is plain data: equal genomes sound equal, and it can be written as JSON and read back.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from itertools import accumulate
from typing import Any

FIGURES = ("hold", "strum", "broken", "alternate")  # pad, guitar strokes, arpeggio, bass and chord in turn
APPROACHES = ("none", "below", "above")
ARPEGGIOS = ("up", "down", "up-down", "inside-out")


@dataclass(frozen=True, slots=True)
class ChordGene:
    """One chord.

    Attributes
    ----------
    root : semitones above the tonic, 0–11.
    quality : name in `vocabulary.QUALITIES`.
    duration : pulses, ≥ 1.
    degree : scale degree its function counts, 0–6.
    inversion : index of the chord tone in the bass; 0 is root position.
    approach : scale step in the bass that leads from this chord's end into the next chord.
    is_borrowed : the chord is meant to leave the scale.
    """

    root: int
    quality: str
    duration: int
    degree: int
    inversion: int = 0
    approach: str = "none"
    is_borrowed: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """How the chords are played.

    Attributes
    ----------
    figure : one of `FIGURES`; arpeggio : order of the upper voices in "broken".
    rhythms : patterns of one bar, each a tuple of stroke positions; bar_rhythms : which pattern each bar plays.
    gate : share of the time to the next stroke that a stroke sounds; 1 rings on.
    roll : pulses/16 a strum takes from first to last string, 0 is together.
    bass_again, full_again : later strokes of a bar sound the bass too; upstrokes sound all voices.
    swing : where in its beat the second eighth falls, 1/2 (straight) to 0.7.
    level, accent, swell : mean velocity; how much strong places stand out; rise towards the middle of a phrase.
    grain : seed of the small differences between strokes.
    """

    figure: str
    arpeggio: str
    rhythms: tuple[tuple[int, ...], ...]
    bar_rhythms: tuple[int, ...]
    gate: float
    roll: int
    bass_again: bool
    full_again: bool
    swing: float
    level: int
    accent: int
    swell: int
    grain: int


@dataclass(frozen=True, slots=True)
class ChordGenome:
    """One candidate of a section.

    Attributes
    ----------
    chords : durations sum to the section's length.
    center : MIDI pitch around which the upper voices lie.
    openness : 0 close, 1 open, 2 wide.
    n_upper : voices above the bass, 2 to 4.
    floor : MIDI pitch; the bass keeps to an octave that begins there or up to five semitones above.
    touch : rhythm, figure and dynamics.
    """

    chords: tuple[ChordGene, ...]
    center: int
    openness: int
    n_upper: int
    floor: int
    touch: Touch

    @property
    def starts(self) -> tuple[int, ...]:
        """Pulse at which each chord begins."""
        return (0, *accumulate(chord.duration for chord in self.chords))[:-1]

    @property
    def n_pulses(self) -> int:
        """Length of the section in pulses."""
        return sum(chord.duration for chord in self.chords)

    def with_chords(self, chords: tuple[ChordGene, ...]) -> "ChordGenome":
        """The same playing of other chords."""
        return replace(self, chords=chords)

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def genome_from_dict(value: dict[str, Any]) -> ChordGenome:
    """Rebuild a genome from the plain data of `ChordGenome.to_json`."""
    touch = dict(value["touch"])
    touch["rhythms"] = tuple(tuple(rhythm) for rhythm in touch["rhythms"])
    touch["bar_rhythms"] = tuple(touch["bar_rhythms"])
    chords = tuple(ChordGene(**chord) for chord in value["chords"])
    plain = {field.name: value[field.name] for field in fields(ChordGenome) if field.name not in ("chords", "touch")}
    return ChordGenome(chords=chords, touch=Touch(**touch), **plain)
