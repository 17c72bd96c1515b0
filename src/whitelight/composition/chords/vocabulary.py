"""Chords as plain numbers: a root in semitones above the tonic and a quality; their names and what a scale offers.

Conventions: `function` is a Roman numeral against the major scale of the tonic ("bVI", "iv", "V"), as chord tables
write it, capital when the third is major. Qualities are named in Harte's shorthand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whitelight.errors import WhitelightError


class UnknownChordError(WhitelightError):
    """A chord function or quality that the vocabulary does not have."""


QUALITIES: dict[str, tuple[int, ...]] = {  # semitones above the root, in the order inversions count them
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "minmaj7": (0, 3, 7, 11),
    "hdim7": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "maj6": (0, 4, 7, 9),
    "min6": (0, 3, 7, 9),
    "maj(9)": (0, 4, 7, 2),
    "min(9)": (0, 3, 7, 2),
    "9": (0, 4, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "min9": (0, 3, 7, 10, 2),
}
_TRIADS = {QUALITIES[name]: name for name in ("maj", "min", "dim", "aug")}
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_FUNCTION = re.compile(r"([b#]*)([IViv]+)(°|\+)?")
# In-scale enrichments of a triad with their shares (POP909: 7ths .02-.04 of time, sus2 .03, sus4 .01-.02; the added
# ninths are not annotated there and are kept as rare as sus chords).
ENRICHMENTS: dict[str, dict[str, float]] = {
    "maj": {"maj7": 3.0, "7": 3.0, "maj(9)": 2.0, "sus2": 1.4, "sus4": 1.2, "maj6": 0.8, "maj9": 0.6, "9": 0.6},
    "min": {"min7": 5.0, "min(9)": 1.2, "min9": 0.8, "sus2": 0.7, "sus4": 0.7, "min6": 0.5, "minmaj7": 0.2},
    "dim": {"hdim7": 3.0, "dim7": 1.5},
    "aug": {},
}


@dataclass(frozen=True, slots=True)
class Function:
    """A chord function relative to the tonic.

    Attributes
    ----------
    root : semitones above the tonic, 0–11.
    degree : scale degree its name counts, 0 (tonic) to 6.
    quality : triad, one of "maj", "min", "dim", "aug".
    """

    root: int
    degree: int
    quality: str


def parse_function(name: str) -> Function:
    """Read a Roman numeral such as "bVI", "ii", "vii°".

    Raises
    ------
    UnknownChordError : not a numeral from I to VII.
    """
    match = _FUNCTION.fullmatch(name)
    if match is None or match[2].upper() not in _NUMERALS or match[2] not in (match[2].upper(), match[2].lower()):
        raise UnknownChordError(f"chord function '{name}': expected a Roman numeral such as 'bVI' or 'ii'")
    degree = _NUMERALS.index(match[2].upper())
    root = (_MAJOR_SCALE[degree] + match[1].count("#") - match[1].count("b")) % 12
    plain = "maj" if match[2].isupper() else "min"
    return Function(root, degree, {"°": "dim", "+": "aug", None: plain}[match[3]])


def pitch_class_offsets(root: int, quality: str) -> tuple[int, ...]:
    """Semitones above the tonic (0–11) of the chord's tones, root first."""
    return tuple((root + interval) % 12 for interval in QUALITIES[quality])


def diatonic_triads(scale: Sequence[int]) -> tuple[Function, ...]:
    """Thirds stacked on each degree of a seven-note scale (semitones above the tonic), degree order.

    Raises
    ------
    UnknownChordError : a degree carries no triad the vocabulary names (a scale that is not one of the usual ones).
    """
    triads = []
    for degree, root in enumerate(scale):
        intervals = tuple((scale[(degree + step) % 7] - root) % 12 for step in (0, 2, 4))
        if intervals not in _TRIADS:
            raise UnknownChordError(f"degree {degree + 1} of scale {tuple(scale)} carries no usual triad: {intervals}")
        triads.append(Function(root, degree, _TRIADS[intervals]))
    return tuple(triads)


def in_scale(root: int, quality: str, scale: Sequence[int]) -> bool:
    """Whether every tone of the chord belongs to the scale."""
    return set(pitch_class_offsets(root, quality)) <= set(scale)


def enrichments(root: int, triad: str, scale: Sequence[int]) -> dict[str, float]:
    """Qualities that can stand for a triad on `root` without leaving the scale, with their weights."""
    return {name: weight for name, weight in ENRICHMENTS[triad].items() if in_scale(root, name, scale)}
