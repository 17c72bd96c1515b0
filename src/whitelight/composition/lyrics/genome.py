"""The genome of the words of a section: stanzas of lines, one line a phrase, and the note every syllable is sung on."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from whitelight.composition.lyrics.repeats import RepeatKind


@dataclass(frozen=True, slots=True)
class SungLine:
    """The words of a phrase.

    Attributes
    ----------
    words : as they are written, stops with them; empty where nothing is sung.
    notes : per syllable, the place in the phrase of the note it begins on; a note left out prolongs the one before.
    """

    words: tuple[str, ...]
    notes: tuple[int, ...]

    @property
    def text(self) -> str:
        """The line as it is read."""
        joined = " ".join(self.words)
        return joined[:1].upper() + joined[1:]


@dataclass(frozen=True, slots=True)
class LyricGenome:
    """One candidate.

    Attributes
    ----------
    kind : see `RepeatKind`. stanzas : for the first time the section is sung, the second, ...; each a line per phrase.
    plan : per line its rhyme, equal numbers rhyme, −1 need not. grain : seed of the small differences of the voice.
    """

    kind: RepeatKind
    stanzas: tuple[tuple[SungLine, ...], ...]
    plan: tuple[int, ...]
    grain: int

    def with_line(self, stanza: int, place: int, line: SungLine) -> "LyricGenome":
        """The same with another line; a refrain changes in all stanzas."""
        is_refrain = self.kind is RepeatKind.REFRAIN and place == len(self.plan) - 1
        stanzas = tuple(
            tuple(line if k == place and (s == stanza or is_refrain) else old for k, old in enumerate(lines))
            for s, lines in enumerate(self.stanzas)
        )
        return replace(self, stanzas=stanzas)

    def to_json(self) -> str:
        """One canonical line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def genome_from_dict(value: dict[str, Any]) -> LyricGenome:
    """Rebuild a genome from the plain data of `LyricGenome.to_json`."""
    stanzas = tuple(
        tuple(SungLine(tuple(line["words"]), tuple(line["notes"])) for line in lines) for lines in value["stanzas"]
    )
    return LyricGenome(RepeatKind(value["kind"]), stanzas, tuple(value["plan"]), int(value["grain"]))


def stanza_text(lines: tuple[SungLine, ...]) -> str:
    """A stanza as it is read, phrases without words left out."""
    return "\n".join(line.text for line in lines if line.words)


def candidate_text(genome: LyricGenome) -> str:
    """All stanzas as people read and edit them, an empty line between two; ends with a line break."""
    return "\n\n".join(stanza_text(lines) for lines in genome.stanzas) + "\n"
