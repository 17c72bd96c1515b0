"""What a chord is called: symbols and Roman numerals, in the words of the music room, bar by bar."""

from functools import lru_cache

from whitelight.composition.chords.genome import ChordGene, ChordGenome
from whitelight.music import Chord, Key

HELD = "%"  # the chord before goes on


def chord_symbol(chord: ChordGene, key: Key) -> str:
    """Symbol such as "F#m7" or "D/F#", spelled in the key."""
    return _chord(chord.root, chord.quality, chord.inversion, key).symbol()


def chord_roman(chord: ChordGene, key: Key) -> str:
    """Roman numeral such as "vi7" or "V/3" (third in the bass)."""
    return _roman(chord.root, chord.quality, chord.inversion, key)


@lru_cache(maxsize=4096)
def _chord(root: int, quality: str, inversion: int, key: Key) -> Chord:
    plain = Chord.parse(f"{key.spell(key.tonic + root)}:{quality}")
    return plain if inversion == 0 else Chord.parse(f"{plain}/{plain.degrees[inversion]}")


@lru_cache(maxsize=4096)
def _roman(root: int, quality: str, inversion: int, key: Key) -> str:
    return _chord(root, quality, inversion, key).roman(key)


def chart(genome: ChordGenome, key: Key, bar_pulses: int, *, is_roman: bool) -> str:
    """One line per section: bars between strokes, "%" where a chord goes on ("C | Am F | % | G")."""
    name = chord_roman if is_roman else chord_symbol
    bars: list[list[str]] = [[] for _ in range(-(-genome.n_pulses // bar_pulses))]
    for start, chord in zip(genome.starts, genome.chords, strict=True):
        bars[start // bar_pulses].append(name(chord, key))
    return " | ".join(" ".join(bar) or HELD for bar in bars)
