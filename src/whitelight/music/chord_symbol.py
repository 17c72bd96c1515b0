"""Chord symbols as people write them, "F#m7/C#", "G7sus4", "Cadd9", read back into chords: the inverse of `Chord.symbol`."""

import re

from whitelight.music.chord import NO_CHORD, SHORTHANDS, Chord, InvalidChordError, degree_semitones
from whitelight.music.key import note_pitch_class

_NAME = re.compile(r"(?P<root>[A-G](?:#{1,2}|b{1,2})?)(?P<rest>[^/]*)(?:/(?P<bass>[A-G](?:#{1,2}|b{1,2})?))?")
_TAIL = re.compile(r"add(?P<added>[#b]*\d+)|\(no(?P<omitted>[#b]*\d+)\)")
_SPELLINGS = {  # beside those that `Chord.symbol` writes
    "": "maj", "M": "maj", "maj": "maj", "m": "min", "min": "min", "-": "min", "dim": "dim", "°": "dim", "o": "dim", "+": "aug", "aug": "aug",
    "m7": "min7", "min7": "min7", "-7": "min7", "maj7": "maj7", "M7": "maj7", "Δ": "maj7", "°7": "dim7", "o7": "dim7", "dim7": "dim7",
    "m7b5": "hdim7", "ø": "hdim7", "ø7": "hdim7", "hdim7": "hdim7", "m(maj7)": "minmaj7", "mM7": "minmaj7", "mmaj7": "minmaj7", "minmaj7": "minmaj7",
    "6": "maj6", "m6": "min6", "m9": "min9", "m11": "min11", "m13": "min13", "sus": "sus4",
}  # fmt: skip
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "#5", "6", "b7", "7")


def read_symbol(text: str) -> Chord:
    """Read a chord symbol.

    Raises
    ------
    InvalidChordError : the text is no chord symbol.
    """
    text = text.strip()
    if text in (NO_CHORD, "N.C."):
        return Chord.none()
    match = _NAME.fullmatch(text)
    if match is None:
        raise InvalidChordError(f"chord symbol '{text}': expected a root and what follows it, such as F#m7/C# or N.C.")
    first = _TAIL.search(match["rest"])
    head, tail = (
        (match["rest"], "") if first is None else (match["rest"][: first.start()], match["rest"][first.start() :])
    )
    parts = list(_TAIL.finditer(tail))
    added = tuple(part["added"] for part in parts if part["added"])
    if head in ("7sus2", "7sus4"):
        head, added = head[1:], ("b7", *added)
    quality = _SPELLINGS.get(head, head)
    if quality not in SHORTHANDS or "".join(part[0] for part in parts) != tail:
        raise InvalidChordError(f"chord symbol '{text}': '{match['rest']}' is no kind of chord that is known")
    omitted = tuple(part["omitted"] for part in parts if part["omitted"])
    root = note_pitch_class(match["root"])
    chord = Chord(root, quality, added=added, omitted=omitted, spelling=match["root"])
    return chord if not match["bass"] else _over(chord, note_pitch_class(match["bass"]))


def _over(chord: Chord, bass: int) -> Chord:
    """The chord with another bass, named by the chord's own degree where it has one."""
    above = (bass - chord.root) % 12
    own = [degree for degree in chord.degrees if degree_semitones(degree) % 12 == above]
    degree = own[0] if own else _DEGREES[above]
    return Chord(chord.root, chord.quality, degree, chord.added, chord.omitted, chord.spelling)
