"""Chords in Harte syntax, "F#:min7/b7": spelled root, shorthand or list of degrees, bass as a degree.

Source: C. Harte, M. Sandler, S. Abdallah, E. Gómez, "Symbolic representation of musical chords", ISMIR 2005; the
longer shorthands (11, 13, 5, …) are those of the MIREX and JAMS vocabularies. Degrees count the major scale above
the root: "b7" is ten semitones up whatever the chord; "*3" takes a degree out. "N" is no chord.
"""

import re
from dataclasses import dataclass, replace
from typing import Self

from whitelight.errors import WhitelightError
from whitelight.music.key import InvalidKeyError, Key, fifths_name, note_fifths, note_pitch_class, spelled

NO_CHORD = "N"
SHORTHANDS: dict[str, tuple[str, ...]] = {
    "maj": ("1", "3", "5"),
    "min": ("1", "b3", "5"),
    "dim": ("1", "b3", "b5"),
    "aug": ("1", "3", "#5"),
    "maj7": ("1", "3", "5", "7"),
    "min7": ("1", "b3", "5", "b7"),
    "7": ("1", "3", "5", "b7"),
    "dim7": ("1", "b3", "b5", "bb7"),
    "hdim7": ("1", "b3", "b5", "b7"),
    "minmaj7": ("1", "b3", "5", "7"),
    "maj6": ("1", "3", "5", "6"),
    "min6": ("1", "b3", "5", "6"),
    "9": ("1", "3", "5", "b7", "9"),
    "maj9": ("1", "3", "5", "7", "9"),
    "min9": ("1", "b3", "5", "b7", "9"),
    "11": ("1", "3", "5", "b7", "9", "11"),
    "maj11": ("1", "3", "5", "7", "9", "11"),
    "min11": ("1", "b3", "5", "b7", "9", "11"),
    "13": ("1", "3", "5", "b7", "9", "11", "13"),
    "maj13": ("1", "3", "5", "7", "9", "11", "13"),
    "min13": ("1", "b3", "5", "b7", "9", "11", "13"),
    "sus2": ("1", "2", "5"),
    "sus4": ("1", "4", "5"),
    "5": ("1", "5"),
    "1": ("1",),
}
_SYMBOLS = {  # how people write the shorthand after the root
    "maj": "",
    "min": "m",
    "min7": "m7",
    "hdim7": "m7b5",
    "minmaj7": "m(maj7)",
    "maj6": "6",
    "min6": "m6",
    "min9": "m9",
    "min11": "m11",
    "min13": "m13",
    "aug": "+",
    "1": "(no3,no5)",
}
_HARTE = re.compile(
    r"(?P<root>[A-G](?:#*|b*))(?::(?P<shorthand>[a-z0-9]+)?(?:\((?P<degrees>[^()]*)\))?)?(?:/(?P<bass>[#b]*\d+))?"
)
_DEGREE = re.compile(r"(#{1,3}|b{1,3})?([1-9]|1[0-3])")
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_INVERSIONS = {1: 0, 3: 1, 2: 1, 4: 1, 5: 2, 6: 3, 7: 3}  # 2 and 4 stand for the third of a suspended chord


class InvalidChordError(WhitelightError):
    """A text names no chord, or a chord's parts contradict each other."""


def degree_semitones(degree: str) -> int:
    """Semitones of a degree above the root: "b3" is 3, "9" is 14, "#11" is 18."""
    match = _DEGREE.fullmatch(degree)
    if match is None:
        raise InvalidChordError(f"degree '{degree}': expected 1 to 13 with sharps or flats before it, such as b7")
    octave, step = divmod(int(match[2]) - 1, 7)
    accidental = match[1] or ""
    return 12 * octave + _MAJOR_SCALE[step] + accidental.count("#") - accidental.count("b")


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord with its spelling.

    Parameters
    ----------
    root : pitch class 0–11; 0 for no chord.
    quality : one of `SHORTHANDS`, "" when `added` lists the degrees above the root, "N" for no chord.
    bass : degree in the bass, "1" in root position; need not be a tone of the chord.
    added, omitted : degrees beyond the shorthand, and taken out of it.
    spelling : name of the root, "" for the plainest.
    """

    root: int
    quality: str = "maj"
    bass: str = "1"
    added: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    spelling: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.root <= 11:
            raise InvalidChordError(f"root {self.root}: expected a pitch class 0 to 11")
        if self.quality not in SHORTHANDS and self.quality not in ("", NO_CHORD):
            raise InvalidChordError(f"chord quality '{self.quality}': expected one of {', '.join(SHORTHANDS)}")
        for degree in (*self.added, *self.omitted, self.bass):
            degree_semitones(degree)
        if not self.spelling:
            object.__setattr__(self, "spelling", fifths_name((self.root * 7 + 4) % 12 - 4))  # Ab … C#
        elif note_pitch_class(self.spelling) != self.root:
            raise InvalidChordError(f"spelling '{self.spelling}' is not pitch class {self.root}")

    @classmethod
    def none(cls) -> Self:
        """No chord sounds: "N"."""
        return cls(0, NO_CHORD)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read Harte syntax: "C", "F#:min7", "G:sus4(b7)/5", "D:(1,b3,5)", "A:maj(*3,9)", "N".

        Raises
        ------
        InvalidChordError : not Harte syntax; the message says which part.
        """
        if text.strip() == NO_CHORD:
            return cls.none()
        match = _HARTE.fullmatch(text.strip())
        if match is None:
            raise InvalidChordError(f"chord '{text}': expected Harte syntax such as C, F#:min7/b7, G:sus4(b7) or N")
        degrees = [degree.strip() for degree in (match["degrees"] or "").split(",") if degree.strip()]
        quality = match["shorthand"] or ("" if degrees else "maj")
        if quality and quality not in SHORTHANDS:
            raise InvalidChordError(f"chord '{text}': unknown shorthand '{quality}'; known are {', '.join(SHORTHANDS)}")
        omitted = tuple(degree[1:] for degree in degrees if degree.startswith("*"))
        added = tuple(degree for degree in degrees if not degree.startswith("*"))
        root = match["root"]
        return cls(note_pitch_class(root), quality, match["bass"] or "1", added, omitted, root)

    @property
    def is_none(self) -> bool:
        """Whether this is "N", no chord."""
        return self.quality == NO_CHORD

    def __str__(self) -> str:
        """Harte syntax; `Chord.parse` reads it back."""
        if self.is_none:
            return NO_CHORD
        extra = ",".join((*self.added, *(f"*{degree}" for degree in self.omitted)))
        text = f"{self.spelling}:{self.quality}" + (f"({extra})" if extra else "")
        return text + (f"/{self.bass}" if self.bass != "1" else "")

    @property
    def degrees(self) -> tuple[str, ...]:
        """Degrees of the chord, root first, rising; the bass is not counted unless it belongs to the chord."""
        if self.is_none:
            return ()
        base = SHORTHANDS[self.quality] if self.quality else ("1",)
        present = {*base, *self.added} - set(self.omitted)
        return tuple(sorted(present, key=lambda degree: (degree_semitones(degree), degree)))

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones of the degrees above the root, rising; ninths and above exceed an octave."""
        return tuple(sorted({degree_semitones(degree) for degree in self.degrees}))

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Pitch classes, those of the degrees first (root first), then a bass that is no degree; each once."""
        if self.is_none:
            return ()
        found = [(self.root + interval) % 12 for interval in self.intervals]
        return tuple(dict.fromkeys([*found, self.bass_pitch_class]))

    @property
    def bass_pitch_class(self) -> int:
        """Pitch class of the lowest tone."""
        return (self.root + degree_semitones(self.bass)) % 12

    @property
    def interval_vector(self) -> tuple[int, int, int, int, int, int]:
        """How often each interval class 1–6 occurs between the pitch classes."""
        counts = [0] * 6
        tones = self.pitch_classes
        for index, low in enumerate(tones):
            for high in tones[index + 1 :]:
                counts[min((high - low) % 12, (low - high) % 12) - 1] += 1
        return (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5])

    @property
    def inversion(self) -> int | None:
        """0 root position, 1 third (or suspension) in the bass, 2 fifth, 3 sixth or seventh; None: a foreign bass."""
        tones = {(self.root + interval) % 12 for interval in self.intervals}
        if self.is_none or self.bass_pitch_class not in tones:
            return None
        number = int(self.bass.lstrip("#b"))
        return _INVERSIONS[(number - 1) % 7 + 1]

    @property
    def third(self) -> int | None:
        """Semitones of the third above the root: 3, 4, or None without one."""
        return next((interval for interval in self.intervals if interval in (3, 4)), None)

    @property
    def tone_names(self) -> tuple[str, ...]:
        """Note names of the degrees, spelled from the root ("Ab:min" has a Cb)."""
        return tuple(self._tone_name(degree) for degree in self.degrees)

    def _tone_name(self, degree: str) -> str:
        letter = "CDEFGAB"[("CDEFGAB".index(self.spelling[0]) + int(degree.lstrip("#b")) - 1) % 7]
        return spelled(letter, (self.root + degree_semitones(degree)) % 12)

    def symbol(self) -> str:
        """Chord symbol for people: "F#m7/C#", "G7sus4", "Cadd9", "N.C."."""
        if self.is_none:
            return "N.C."
        quality, added = self.quality, self.added
        if quality in ("sus2", "sus4") and "b7" in added:
            text, added = f"7{quality}", tuple(degree for degree in added if degree != "b7")
        elif quality:
            text = _SYMBOLS.get(quality, quality)
        else:
            text, added = f"({','.join(added)})", ()
        text += "".join(f"add{degree}" for degree in added) + "".join(f"(no{degree})" for degree in self.omitted)
        return self.spelling + text + (f"/{self._tone_name(self.bass)}" if self.bass != "1" else "")

    def transposed(self, semitones: int) -> "Chord":
        """The same chord `semitones` higher, with at most eight sharps or flats away from C on the line of fifths."""
        if self.is_none:
            return self
        fifths = note_fifths(self.spelling) + (semitones * 7 + 5) % 12 - 5
        fifths += 12 * ((fifths < -8) - (fifths > 8))
        return replace(self, root=(self.root + semitones) % 12, spelling=fifths_name(fifths))

    def spelled_in(self, key: Key) -> "Chord":
        """The same chord with its root spelled as `key` spells it."""
        return self if self.is_none else replace(self, spelling=key.spell(self.root))

    def fits(self, key: Key) -> bool:
        """Whether every tone belongs to the scale of `key`."""
        return set(self.pitch_classes) <= set(key.scale_pitch_classes)

    def roman(self, key: Key) -> str:
        """Roman numeral in `key`; see `whitelight.music.roman`."""
        from whitelight.music.roman import to_roman  # noqa: PLC0415  roman numerals are built from chords

        return to_roman(self, key)


def diatonic_chord(key: Key, degree: int, *, n_tones: int = 3) -> Chord:
    """Return the chord in thirds on a degree (1–7) of `key`, of 3 tones or 4."""
    if not 1 <= degree <= 7 or n_tones not in (3, 4):
        raise InvalidKeyError(f"degree {degree} with {n_tones} tones: expected degree 1 to 7 and 3 or 4 tones")
    scale = key.scale_pitch_classes
    root = scale[degree - 1]
    intervals = tuple((scale[(degree - 1 + 2 * third) % 7] - root) % 12 for third in range(n_tones))
    spelling = key.scale_names[degree - 1]
    for quality, degrees in SHORTHANDS.items():
        if tuple(degree_semitones(each) for each in degrees) == intervals:
            return Chord(root, quality, spelling=spelling)
    assert intervals == (0, 4, 8, 11), intervals  # the one stack of thirds in these scales without a shorthand
    return Chord(root, "aug", added=("7",), spelling=spelling)
