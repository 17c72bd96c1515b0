"""Keys by pitch class, with the spelling kept: "F# minor" and "Gb minor" sound alike and are written apart.

The tonic is always the tonic of the named scale. (A minor key is not stored as its relative major: doing so, and
reading the number as a minor tonic later, puts every minor key three semitones low.)
Spelling follows the line of fifths: … Bb −2, F −1, C 0, G 1, D 2 …; a signature of n sharps is n, of n flats −n.
"""

import re
from dataclasses import dataclass
from typing import Self

from whitelight.errors import WhitelightError

SCALES: dict[str, tuple[int, ...]] = {  # semitones above the tonic
    "major": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),  # ascending
}
_SIGNATURE = {  # fifths of the signature above those of the tonic
    "major": 0,
    "dorian": -2,
    "phrygian": -4,
    "lydian": 1,
    "mixolydian": -1,
    "minor": -3,
    "locrian": -5,
    "harmonic minor": -3,
    "melodic minor": -3,
}
_SCALE_WORDS = {
    "": "major",
    "maj": "major",
    "major": "major",
    "ionian": "major",
    "M": "major",
    "m": "minor",
    "min": "minor",
    "minor": "minor",
    "-": "minor",
    "aeolian": "minor",
    "eolian": "minor",
    "natural minor": "minor",
    "dor": "dorian",
    "phryg": "phrygian",
    "lyd": "lydian",
    "mixo": "mixolydian",
    "loc": "locrian",
    "harmonic": "harmonic minor",
    "harm minor": "harmonic minor",
    "harm min": "harmonic minor",
    "minor harmonic": "harmonic minor",
    "melodic": "melodic minor",
    "mel minor": "melodic minor",
    "mel min": "melodic minor",
    "minor melodic": "melodic minor",
} | {name: name for name in SCALES}
_LETTERS = "CDEFGAB"
_LETTER_PITCH = dict(zip(_LETTERS, (0, 2, 4, 5, 7, 9, 11), strict=True))
_LETTER_FIFTHS = dict(zip("FCGDAEB", range(-1, 6), strict=True))
_ACCIDENTALS = str.maketrans({"♯": "#", "♭": "b", "𝄪": "##", "𝄫": "bb", "♮": "", "＃": "#"})
_KEY = re.compile(
    r"(?P<letter>[A-Ga-g])\s*(?P<accidental>-?\s*(?:[Ss]harp|[Ff]lat)\b|#{0,2}|b{0,2})(?![#b])[\s_:\-]*(?P<scale>.*)",
    re.DOTALL,
)


class InvalidKeyError(WhitelightError):
    """A text names no key, or a value is no note name."""


def note_pitch_class(name: str) -> int:
    """Pitch class 0–11 of a note name such as "F#", "Ebb" or "B♭"."""
    plain = name.strip().translate(_ACCIDENTALS)
    if not re.fullmatch(r"[A-G](#*|b*)", plain):
        raise InvalidKeyError(f"note name '{name}': expected a letter A–G with sharps or flats")
    return (_LETTER_PITCH[plain[0]] + plain.count("#") - plain[1:].count("b")) % 12


def note_fifths(name: str) -> int:
    """Place of a note name on the line of fifths: C 0, G 1, F −1, F# 6, Bb −2."""
    return _LETTER_FIFTHS[name[0]] + 7 * (name.count("#") - name[1:].count("b"))


def fifths_name(fifths: int) -> str:
    """Note name at a place on the line of fifths."""
    sharps, letter = divmod(fifths + 1, 7)
    return "FCGDAEB"[letter] + ("#" * sharps if sharps > 0 else "b" * -sharps)


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic and a scale.

    Parameters
    ----------
    tonic : pitch class 0–11, C is 0.
    scale_name : one of `SCALES`; "ionian" and "aeolian" are stored as "major" and "minor".
    spelling : name of the tonic, "" for the one with the fewest accidentals in the signature.
    """

    tonic: int
    scale_name: str
    spelling: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.tonic <= 11:
            raise InvalidKeyError(f"tonic {self.tonic}: expected a pitch class 0 to 11")
        scale_name = _SCALE_WORDS.get(self.scale_name)
        if scale_name is None or not self.scale_name:
            raise InvalidKeyError(f"scale '{self.scale_name}': expected one of {', '.join(SCALES)}")
        object.__setattr__(self, "scale_name", scale_name)
        if not self.spelling:
            object.__setattr__(self, "spelling", _plainest_tonic(self.tonic, scale_name))
        elif note_pitch_class(self.spelling) != self.tonic:
            raise InvalidKeyError(f"spelling '{self.spelling}' is not pitch class {self.tonic}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as people write it: "A#", "B ♭ major", "F# minor", "a minor", "Am", "D dorian", "C♯ min".

        A lone small letter ("a") is minor, as musicians write; with a scale named the case of the letter says nothing.

        Raises
        ------
        InvalidKeyError : no tonic, or a scale that is not known.
        """
        match = _KEY.fullmatch(" ".join(text.translate(_ACCIDENTALS).split()))
        scale = None if match is None else _scale_from(match["scale"], is_small=match["letter"].islower())
        if match is None or scale is None:
            raise InvalidKeyError(
                f"key '{text}': expected a tonic and a scale such as 'F# minor', 'Bb' or 'D dorian'; "
                f"scales are {', '.join(SCALES)}"
            )
        accidental = match["accidental"].strip(" -").lower()
        spelling = match["letter"].upper() + {"sharp": "#", "flat": "b"}.get(accidental, accidental)
        return cls(note_pitch_class(spelling), scale, spelling)

    @classmethod
    def from_signature(cls, fifths: int, scale_name: str) -> Self:
        """Key of a signature: `fifths` sharps (negative: flats) and a scale."""
        spelling = fifths_name(fifths - _SIGNATURE[scale_name])
        return cls(note_pitch_class(spelling), scale_name, spelling)

    def __str__(self) -> str:
        return f"{self.spelling} {self.scale_name}"

    @property
    def scale_intervals(self) -> tuple[int, ...]:
        """Semitones of the seven degrees above the tonic."""
        return SCALES[self.scale_name]

    @property
    def scale_pitch_classes(self) -> tuple[int, ...]:
        """Pitch classes of the seven degrees, tonic first."""
        return tuple((self.tonic + interval) % 12 for interval in self.scale_intervals)

    @property
    def is_minor(self) -> bool:
        """Whether the third of the scale is minor (dorian, phrygian and locrian too)."""
        return self.scale_intervals[2] == 3

    @property
    def signature_fifths(self) -> int:
        """Sharps of the key signature, flats negative; may pass ±7 for remote spellings such as G# major (8)."""
        return note_fifths(self.spelling) + _SIGNATURE[self.scale_name]

    @property
    def scale_names(self) -> tuple[str, ...]:
        """Note names of the seven degrees, each letter once."""
        start = _LETTERS.index(self.spelling[0])
        letters = [_LETTERS[(start + step) % 7] for step in range(7)]
        return tuple(spelled(letter, pc) for letter, pc in zip(letters, self.scale_pitch_classes, strict=True))

    def spell(self, pitch_class: int) -> str:
        """Note name of a pitch class in this key: degrees by their letter, others between b2 and #4 of the tonic."""
        pitch_class %= 12
        degrees = self.scale_pitch_classes
        if pitch_class in degrees:
            return self.scale_names[degrees.index(pitch_class)]
        lowest = note_fifths(self.spelling) - 5
        return fifths_name(lowest + (pitch_class * 7 - lowest) % 12)

    def transposed(self, semitones: int) -> "Key":
        """The same scale on another tonic, in its plainest spelling."""
        return Key((self.tonic + semitones) % 12, self.scale_name)

    def parallel(self, scale_name: str) -> "Key":
        """Another scale on the same tonic, same spelling."""
        return Key(self.tonic, scale_name, self.spelling)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """From `tick` on, `key` holds."""

    tick: int
    key: Key


def spelled(letter: str, pitch_class: int) -> str:
    """Return `letter` with the sharps or flats that make it `pitch_class`."""
    sharps = (pitch_class - _LETTER_PITCH[letter] + 6) % 12 - 6
    return letter + ("#" * sharps if sharps > 0 else "b" * -sharps)


def _plainest_tonic(tonic: int, scale_name: str) -> str:
    """Spelling of `tonic` whose signature has the fewest accidentals; sharps when even (F# major, D# minor)."""
    near_zero = (tonic * 7) % 12
    places = (near_zero - 12, near_zero, near_zero + 12)
    return fifths_name(min(places, key=lambda place: (abs(place + _SIGNATURE[scale_name]), -place)))


def _scale_from(words: str, *, is_small: bool) -> str | None:
    """Scale named by what follows the tonic, None when unknown; "m" and "M" differ, other case does not."""
    words = " ".join(words.strip(" .()-_").replace("_", " ").replace("-", " ").split())
    if words in ("m", "M"):
        return _SCALE_WORDS[words]
    if not words and is_small:
        return "minor"
    return _SCALE_WORDS.get(words.lower().removesuffix(" mode").removesuffix(" scale").rstrip("."))
