"""The musical grammars of the demo albums as typed values, read from `albums.yml` beside this file.

The file explains its own notation. Everything that makes an album sound like itself is in the data; the code in this
room knows how to play a grammar, not which album it belongs to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

PARTS = ("chords", "bass", "drums", "melody")


class GrammarError(WhitelightError):
    """`albums.yml` does not say what an album needs."""


@dataclass(frozen=True, slots=True)
class Harmony:
    """Progressions of one scale; `songs` says how many songs of the album use it."""

    scale: str
    songs: int
    verse: tuple[str, ...]
    chorus: tuple[str, ...]
    cadence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One way to play a chord: when (`rhythm`) and which of its notes (`order`)."""

    order: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class ChordPart:
    """How an album plays chords; `center` is the middle of the voicing as a MIDI pitch, `gate` a share of the step."""

    program: int
    sound: str
    voicings: tuple[str, ...]
    center: int
    figures: tuple[Figure, ...]
    velocity: int
    gate: float
    strum_ticks: int


@dataclass(frozen=True, slots=True)
class BassPart:
    """How an album plays bass."""

    program: int
    sound: str
    center: int
    patterns: tuple[str, ...]
    velocity: int
    gate: float


@dataclass(frozen=True, slots=True)
class DrumPart:
    """How an album plays drums: grooves by instrument, and fills over half a bar."""

    sound: str
    grooves: tuple[Mapping[str, str], ...]
    fills: tuple[str, ...]
    velocity: int


@dataclass(frozen=True, slots=True)
class MelodyPart:
    """How an album sings: register, rhythms, interval habits and contours (weights)."""

    program: int
    sound: str
    center: int
    span: int
    notes: str
    rhythms: tuple[str, ...]
    intervals: Mapping[str, float]
    contours: Mapping[str, float]
    velocity: int
    gate: float


@dataclass(frozen=True, slots=True)
class Album:
    """The grammar of one album, `letter` being its class in the ontology."""

    letter: str
    tempo_bpm: tuple[int, int]
    meters: Mapping[str, int]
    tonics: tuple[str, ...]
    time_codes: str
    lrc_two_lines: bool
    swing: float
    drumless: int
    bars_per_chord: Mapping[float, float]
    harmony: tuple[Harmony, ...]
    colors: Mapping[str, float]
    chords: ChordPart
    bass: BassPart
    drums: DrumPart
    melody: MelodyPart


@dataclass(frozen=True, slots=True)
class Grammars:
    """All albums of the demo, the ontology they belong to, and how often a song borrows a part."""

    ontology: str
    guests: float
    albums: tuple[Album, ...]


def load_grammars() -> Grammars:
    """Read the shipped `albums.yml`.

    Raises
    ------
    GrammarError : a field is missing, unknown or of the wrong kind; the message names the album.
    """
    data = load_packaged("albums.yml")
    albums = tuple(_album(letter, entry) for letter, entry in data["albums"].items())
    return Grammars(data["ontology"], float(data["guests"]), albums)


def load_packaged(name: str) -> Any:
    """Return the YAML of a file of this package."""
    return load_yaml(Path(name), (files("whitelight.demo") / name).read_text(encoding="utf-8"))


def _album(letter: str, entry: Mapping[str, Any]) -> Album:
    """Build one album; constructors refuse unknown and missing fields by name."""
    try:
        fields: dict[str, Any] = {**entry, "letter": letter}
        fields["tempo_bpm"] = tuple(entry["tempo_bpm"])
        fields["tonics"] = tuple(entry["tonics"])
        fields["harmony"] = tuple(Harmony(**_tuples(harmony)) for harmony in entry["harmony"])
        chords = _tuples(entry["chords"])
        fields["chords"] = ChordPart(**{**chords, "figures": tuple(Figure(**figure) for figure in chords["figures"])})
        fields["bass"] = BassPart(**_tuples(entry["bass"]))
        fields["drums"] = DrumPart(**_tuples(entry["drums"]))
        fields["melody"] = MelodyPart(**_tuples(entry["melody"]))
        return Album(**fields)
    except (KeyError, TypeError) as err:
        raise GrammarError(f"albums.yml, album '{letter}': {err}; compare it with another album") from err


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry with lists as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
