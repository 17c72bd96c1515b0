"""The end of a song: its last chord is struck once more and rings, the melody holds its last note.

When the last chord is the tonic's, it rings from where it comes; otherwise the last bar becomes the tonic chord. Nothing
is added after the last bar line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whitelight.composition.sounding import SoundingChord
from whitelight.music import Key, MidiTrack, Notes

KICK, CRASH = 36, 49  # General MIDI drums
_LAST_STROKE = 100  # velocity

Row = tuple[int, int, int, int]  # onset_tick, duration_ticks, pitch, velocity


@dataclass(frozen=True, slots=True)
class Ring:
    """The last chord.

    Attributes
    ----------
    start_tick, end_tick : from where to where it is held. near_ticks : how early a note may be that belongs to it.
    root : pitch class. tones : pitch classes.
    """

    start_tick: int
    end_tick: int
    near_ticks: int
    root: int
    tones: tuple[int, ...]


def last_ring(
    last_chord: SoundingChord, last_chord_tick: int, *, key: Key, last_bar: tuple[int, int], near_ticks: int
) -> Ring:
    """Decide what rings at the end: the last chord when it is the tonic's, else the tonic chord in the last bar."""
    start, end = last_bar
    if last_chord.root == key.tonic:
        return Ring(max(start, last_chord_tick), end, near_ticks, key.tonic, last_chord.tones)
    scale = key.scale_pitch_classes
    return Ring(start, end, near_ticks, key.tonic, (scale[0], scale[2], scale[4]))


def rung_out(stage: str, midi_track: MidiTrack, ring: Ring) -> MidiTrack:
    """The track with its last bar ringing; one that is silent there stays silent."""
    notes = midi_track.notes
    if not (notes.end_tick > ring.start_tick).any():
        return midi_track
    if midi_track.is_drum:
        return midi_track.with_notes(_drums(notes, ring))
    if stage in ("melody", "lyrics"):
        return midi_track.with_notes(_line(notes, ring))
    return midi_track.with_notes(_held(notes, ring, is_bass=stage == "bass"))


def _before(notes: Notes, ring: Ring) -> list[Row]:
    """What began before the last chord, cut where it comes."""
    cut = ring.start_tick
    return [
        (onset, min(duration, cut - onset), pitch, velocity)
        for onset, duration, pitch, velocity in notes.to_rows()
        if onset < cut - ring.near_ticks
    ]


def _drums(notes: Notes, ring: Ring) -> Notes:
    length = ring.end_tick - ring.start_tick
    struck = [(ring.start_tick, length, pitch, _LAST_STROKE) for pitch in (KICK, CRASH)]
    return Notes.from_rows([*_before(notes, ring), *struck])


def _held(notes: Notes, ring: Ring, *, is_bass: bool) -> Notes:
    """The tones that sound there, led to the nearest ones of the last chord, held to the end."""
    rows = notes.to_rows()
    last = _struck(rows, ring)
    velocity = round(float(np.mean([row[3] for row in last])))
    pitches = {nearest_tone(row[2], ring.tones) for row in last}
    if is_bass:
        pitches = {nearest_tone(min(row[2] for row in last), (ring.root,))}
    length = ring.end_tick - ring.start_tick
    return Notes.from_rows([*_before(notes, ring), *((ring.start_tick, length, p, velocity) for p in sorted(pitches))])


def _struck(rows: Sequence[Row], ring: Ring) -> list[Row]:
    """The notes that bring the last chord; those held into it, or the first after it, when none are struck there."""
    late = ring.start_tick + ring.near_ticks
    at_once = [row for row in rows if ring.start_tick - ring.near_ticks <= row[0] <= late and row[0] + row[1] > late]
    if at_once:
        return at_once
    held = [row for row in rows if row[0] <= ring.start_tick < row[0] + row[1]]
    if held:
        return held
    first = min(row[0] for row in rows if row[0] + row[1] > ring.start_tick)
    return [row for row in rows if first <= row[0] <= first + ring.near_ticks]


def _line(notes: Notes, ring: Ring) -> Notes:
    """A melody keeps its notes; what rubs against the last chord moves by a step, the last note is a tone of it and held.

    A last note that began before the chord is held into it when it fits, and ends where the chord comes when it rubs.
    """
    rows = notes.to_rows()
    last = max(range(len(rows)), key=lambda index: (rows[index][0], rows[index][2]))
    played: list[Row] = []
    for index, (onset, duration, pitch, velocity) in enumerate(rows):
        in_chord = onset >= ring.start_tick - ring.near_ticks
        until = max(ring.end_tick, onset + duration)
        if index == last and in_chord:
            played.append((onset, until - onset, nearest_tone(pitch, ring.tones), velocity))
        elif index == last and pitch % 12 in ring.tones:
            played.append((onset, until - onset, pitch, velocity))
        elif index == last and _rubs(pitch, ring.tones):
            played.append((onset, min(duration, ring.start_tick - onset), pitch, velocity))
        elif in_chord and _rubs(pitch, ring.tones):
            played.append((onset, duration, nearest_tone(pitch, ring.tones), velocity))
        else:
            played.append((onset, duration, pitch, velocity))
    return Notes.from_rows(played)


def _rubs(pitch: int, tones: Sequence[int]) -> bool:
    """Whether a pitch lies a semitone beside a tone and is none itself."""
    above = {(pitch - tone) % 12 for tone in tones}
    return 0 not in above and bool(above & {1, 11})


def nearest_tone(pitch: int, tones: Sequence[int]) -> int:
    """The nearest pitch of some pitch classes; the lower of two."""
    distances = [((tone - pitch + 6) % 12 - 6) for tone in tones]
    moved = pitch + min(distances, key=lambda step: (abs(step), step))
    return moved if 0 <= moved <= 127 else pitch
