"""The seven degrees over a chord: those of the key, but a borrowed tone takes the place of the degree it alters.

Over E7 in C major the fifth degree is G#, over Fm the sixth is Ab: the line keeps its steps and never stands beside a
borrowed tone with the plain one.
"""

from itertools import pairwise

from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key

_LETTERS = (0, 1, 1, 2, 2, 3, 4, 4, 4, 5, 6, 6)  # letter steps above the root, by semitones


def chord_scale(key: Key, chord: SoundingChord) -> tuple[int, ...]:
    """Semitones above the tonic of the seven degrees while a chord sounds; rising, −1 to 12."""
    plain = key.scale_intervals
    degrees = list(plain)
    tones = [(tone - key.tonic) % 12 for tone in chord.tones]
    root = (chord.root - key.tonic) % 12
    for tone in tones:
        if tone in plain:
            continue
        degree = (_degree(root, plain) + _LETTERS[(tone - root) % 12]) % 7
        altered = plain[degree] + (tone - plain[degree] + 6) % 12 - 6
        rest = [*degrees[:degree], altered, *degrees[degree + 1 :]]
        if abs(altered - plain[degree]) <= 2 and all(a < b for a, b in pairwise((*rest, rest[0] + 12))):
            degrees = rest
    return tuple(degrees)


def _degree(root: int, plain: tuple[int, ...]) -> int:
    """Scale degree of a root; one outside the scale is a lowered degree, else a raised one."""
    for semitones in (root, (root + 1) % 12, (root - 1) % 12):
        if semitones in plain:
            return plain.index(semitones)
    return 0
