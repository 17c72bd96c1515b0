"""Roman numerals of chords in a key, both ways.

Notation (one meaning each, so that reading back gives the same chord):
- The numeral counts the degrees of the key's own scale: VI in C minor is Ab, VI in C major is A. An accidental alters
  the degree: bVII in C major is Bb, #VII in C minor is B.
- Capital: major third, or none (sus, 5). Small: minor third. So II and III in a major key are major chords.
- After it: "" triad, "°", "+", "7", "maj7", "°7", "ø7", "9" …, "add6", "sus4", "7sus4", "5"; then extra degrees in
  Harte syntax in parentheses: "I(9)", "V7(*5)".
- After a slash the degree of the chord that lies in the bass: "V7/3", "IV/5". (Figures such as 6 or 64 are not used:
  a "6" could be an added sixth.)
- Reading also takes an applied chord, "V7/V": the numeral in the major key of what follows the slash.
"""

import re
from dataclasses import replace

from whitelight.music.chord import NO_CHORD, Chord, InvalidChordError
from whitelight.music.key import Key, fifths_name, note_fifths, note_pitch_class

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_SUFFIXES = {  # quality: (numeral is capital, suffix)
    "maj": (True, ""),
    "aug": (True, "+"),
    "7": (True, "7"),
    "maj7": (True, "maj7"),
    "9": (True, "9"),
    "maj9": (True, "maj9"),
    "11": (True, "11"),
    "maj11": (True, "maj11"),
    "13": (True, "13"),
    "maj13": (True, "maj13"),
    "maj6": (True, "add6"),
    "sus2": (True, "sus2"),
    "sus4": (True, "sus4"),
    "5": (True, "5"),
    "1": (True, "1"),
    "min": (False, ""),
    "dim": (False, "°"),
    "dim7": (False, "°7"),
    "hdim7": (False, "ø7"),
    "min7": (False, "7"),
    "minmaj7": (False, "maj7"),
    "min9": (False, "9"),
    "min11": (False, "11"),
    "min13": (False, "13"),
    "min6": (False, "add6"),
}
_QUALITIES = {written: quality for quality, written in _SUFFIXES.items()}
_ALIASES = str.maketrans({"♯": "#", "♭": "b", "º": "°", "∆": "Δ", "Ø": "ø"})
_SUFFIX_ALIASES = {"o": "°", "dim": "°", "o7": "°7", "dim7": "°7", "ø": "ø7", "h7": "ø7", "m7b5": "ø7", "aug": "+"} | {
    "Δ": "maj7",
    "Δ7": "maj7",
    "M7": "maj7",
    "sus": "sus4",
}
_ROMAN = re.compile(
    r"(?P<accidental>#{1,2}|b{1,2})?(?P<numeral>VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)"
    r"(?P<suffix>[^()/]*)(?:\((?P<degrees>[^()]*)\))?(?:/(?P<below>.+))?"
)
_EXPLICIT = "*"  # suffix of a chord given by degrees alone: "I*(1,b2,5)"


def to_roman(chord: Chord, key: Key) -> str:
    """Return the numeral of `chord` in `key`; "N" for no chord."""
    if chord.is_none:
        return NO_CHORD
    accidental, degree = _place(key.spell(chord.root), key)
    added = chord.added
    if chord.quality in ("sus2", "sus4") and "b7" in added:
        is_capital, suffix = True, f"7{chord.quality}"
        added = tuple(each for each in added if each != "b7")
    elif chord.quality:
        is_capital, suffix = _SUFFIXES[chord.quality]
    else:
        is_capital, suffix = chord.third != 3, _EXPLICIT
    numeral = _NUMERALS[degree] if is_capital else _NUMERALS[degree].lower()
    extra = ",".join((*added, *(f"*{each}" for each in chord.omitted)))
    below = f"/{chord.bass}" if chord.bass != "1" else ""
    return accidental + numeral + suffix + (f"({extra})" if extra else "") + below


def from_roman(text: str, key: Key) -> Chord:
    """Return the chord a numeral means in `key`, spelled in it.

    Raises
    ------
    InvalidChordError : not a numeral of the notation above.
    """
    plain = text.strip().translate(_ALIASES)
    if plain == NO_CHORD:
        return Chord.none()
    match = _ROMAN.fullmatch(plain)
    if match is None:
        raise InvalidChordError(f"numeral '{text}': expected one such as ii7, bVII, V7/3, vii° or V7sus4")
    bass, home = "1", key
    if below := match["below"]:
        if re.fullmatch(r"[#b]*\d+", below):
            bass = below
        else:
            target = from_roman(below, key)
            home = Key(target.root, "major", target.spelling)
    chord = replace(_chord_of(match, text), bass=bass)
    root = _root_name(match["accidental"] or "", _NUMERALS.index(match["numeral"].upper()), home)
    return replace(chord, root=note_pitch_class(root), spelling=root)


def _chord_of(match: re.Match[str], text: str) -> Chord:
    """Quality and extra degrees of a matched numeral, on C."""
    suffix = match["suffix"].strip()
    suffix = _SUFFIX_ALIASES.get(suffix, suffix)
    degrees = [degree.strip() for degree in (match["degrees"] or "").split(",") if degree.strip()]
    added = tuple(degree for degree in degrees if not degree.startswith("*"))
    omitted = tuple(degree[1:] for degree in degrees if degree.startswith("*"))
    if suffix == _EXPLICIT:
        return Chord(0, "", added=added, omitted=omitted)
    if suffix in ("7sus4", "7sus2"):
        return Chord(0, suffix[1:], added=("b7", *added), omitted=omitted)
    quality = _QUALITIES.get((match["numeral"].isupper(), suffix))
    if quality is None:
        size = "capital" if match["numeral"].isupper() else "small"
        known = ", ".join(sorted(s for (is_capital, s) in _QUALITIES if is_capital == (size == "capital") and s))
        raise InvalidChordError(f"numeral '{text}': '{suffix}' after a {size} numeral; expected nothing or {known}")
    return Chord(0, quality, added=added, omitted=omitted)


def _place(name: str, key: Key) -> tuple[str, int]:
    """Accidental and degree (0–6) of a note name relative to the scale of `key`."""
    degree = next(index for index, tone in enumerate(key.scale_names) if tone[0] == name[0])
    sharps = (note_fifths(name) - note_fifths(key.scale_names[degree])) // 7
    return ("#" * sharps if sharps > 0 else "b" * -sharps), degree


def _root_name(accidental: str, degree: int, key: Key) -> str:
    """Note name of an altered degree; the inverse of `_place`."""
    sharps = accidental.count("#") - accidental.count("b")
    return fifths_name(note_fifths(key.scale_names[degree]) + 7 * sharps)
