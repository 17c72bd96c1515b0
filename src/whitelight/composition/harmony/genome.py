"""The genome of what supports chords and melody: a pad, a counter-line or a string quartet.

Conventions: positions and lengths are pulses of the `MeterGrid`; steps are degrees of the scale counted from the tonic
nearest the center; velocities are MIDI 1–127. Pitches are not written here: they follow from the chords, the melody and
the bass that were approved, by rules that leave nothing to chance, so equal genomes in one section sound equal.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

PAD, COUNTER_LINE, QUARTET = FAMILIES = ("pad", "counter-line", "quartet")
HELD, PULSED, OFF_BEAT, INNER = FIGURES = ("held", "pulsed", "off-beat", "inner")  # inner: outer voices hold
SILENT = -1  # in `bar_rhythms`: nothing sounds in this bar


@dataclass(frozen=True, slots=True)
class LineNote:
    """One note of a counter-line.

    Attributes
    ----------
    start, duration : pulses. step : wished degree of the scale, counted from the tonic nearest the center.
    """

    start: int
    duration: int
    step: int


@dataclass(frozen=True, slots=True)
class Touch:
    """How it is played.

    Attributes
    ----------
    gate : share of its time that a note sounds; 1 is bound to the next.
    level, accent, swell : mean velocity; how much strong places stand out; rise towards the middle of a phrase.
    grain : seed of the small differences in time and velocity.
    """

    gate: float
    level: int
    accent: int
    swell: int
    grain: int


@dataclass(frozen=True, slots=True)
class EnsembleGenome:
    """One candidate of a section.

    Attributes
    ----------
    family : one of `FAMILIES`.
    program : General MIDI program of a pad or counter-line; a quartet has its own four.
    n_voices : 2–4 of a pad, 4 of a quartet, 1 of a counter-line.
    center : MIDI pitch around which it lies, of a quartet the middle of its upper three.
    openness : 0 close, 1 open, 2 wide; a line does not use it.
    figure : one of `FIGURES`; rhythms : patterns of one bar, each a tuple of stroke positions;
        bar_rhythms : which pattern each bar plays, `SILENT` for none. A line has none of them.
    line : notes of a counter-line in order, without overlaps; empty in the other families.
    """

    family: str
    program: int
    n_voices: int
    center: int
    openness: int
    figure: str
    rhythms: tuple[tuple[int, ...], ...]
    bar_rhythms: tuple[int, ...]
    line: tuple[LineNote, ...]
    touch: Touch

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def genome_from_dict(value: dict[str, Any]) -> EnsembleGenome:
    """Rebuild a genome from the plain data of `EnsembleGenome.to_json`."""
    plain = {field.name: value[field.name] for field in fields(EnsembleGenome)}
    plain["rhythms"] = tuple(tuple(rhythm) for rhythm in value["rhythms"])
    plain["bar_rhythms"] = tuple(value["bar_rhythms"])
    plain["line"] = tuple(LineNote(**note) for note in value["line"])
    plain["touch"] = Touch(**value["touch"])
    return EnsembleGenome(**plain)
