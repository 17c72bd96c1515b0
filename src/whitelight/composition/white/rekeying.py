"""From one key and mode to another: degree to degree, in the nearest register.

A note of the source's scale becomes the same degree of the target's, so a major tune sung in dorian has the dorian third
and seventh. A note outside the scale keeps its distance to the tonic: the raised leading tone of a minor key leads on
in major, a lowered third stays a lowered third. (Keeping degree and accidental instead would make the leading tone of
minor the octave of major.) Drums have no key.
"""

from functools import lru_cache

from whitelight.music import Key

OCTAVE = 12
_PITCHES = 128


def tonic_shift(source: Key, target: Key) -> int:
    """Semitones from tonic to nearest tonic, −6 to 5."""
    return (target.tonic - source.tonic + 6) % OCTAVE - 6


def rekey_pitch(pitch: int, source: Key, target: Key) -> int:
    """Return a pitch in the other key; it moves by 7 semitones at most, save where MIDI ends."""
    octaves, above = divmod(pitch - source.tonic, OCTAVE)
    degrees = source.scale_intervals
    if above in degrees:
        above = target.scale_intervals[degrees.index(above)]
    moved = source.tonic + tonic_shift(source, target) + OCTAVE * octaves + above
    while moved < 0:
        moved += OCTAVE
    while moved >= _PITCHES:
        moved -= OCTAVE
    return moved


@lru_cache(maxsize=256)
def rekey_table(source: Key, target: Key) -> tuple[int, ...]:
    """Every pitch 0–127 in the other key."""
    return tuple(rekey_pitch(pitch, source, target) for pitch in range(_PITCHES))


def mapping_text(source: Key, target: Key) -> str:
    """What was done, for people: "C major → D dorian"."""
    return f"{source} → {target}"
