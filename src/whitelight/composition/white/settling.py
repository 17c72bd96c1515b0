"""Notes of a cut-up that the chords under them have left: a semitone up or down, and they belong again.

A bar comes from a place where its chromatic notes were meant, and its leaps met the chord. Over other chords a note
outside the key that no chord takes in, or one that rubs against the chord on a strong place, is a mistake. Nothing
else of the bar changes, and never the drums or the chords themselves.
"""

from dataclasses import replace

import numpy as np

from whitelight.composition.clashes import ClashFrame, LineJudgment, Mask, judge_line
from whitelight.composition.white.joining import apart
from whitelight.music import MidiTrack, Notes, Piece

SETTLED_STAGES = ("bass", "melody", "harmony")
ONE_VOICE_STAGES = ("bass", "melody")


def settled(piece: Piece, stage: str, frame: ClashFrame) -> Piece:
    """Return the piece with such notes led to the nearest tone of the chord, else of the key."""
    if stage not in SETTLED_STAGES or not frame.has_chords:
        return piece
    parts = [_settled(part, stage, frame) for part in piece.midi_tracks]
    return replace(piece, midi_tracks=tuple(parts))


def _settled(part: MidiTrack, stage: str, frame: ClashFrame) -> MidiTrack:
    notes = part.notes
    if part.is_drum or not len(notes):
        return part
    line = judge_line(notes, frame)
    wrong = _mistakes(notes, line, stage, frame)
    if not wrong.any():
        return part
    pitch = notes.pitch.copy()
    for k in np.flatnonzero(wrong):
        pitch[k] = _led(int(pitch[k]), int(line.chord[k]), frame)
    led = Notes(notes.onset_tick, notes.duration_ticks, pitch, notes.velocity)
    return part.with_notes(Notes.from_rows(apart(led.to_rows())))


def _mistakes(notes: Notes, line: LineJudgment, stage: str, frame: ClashFrame) -> Mask:
    if stage in ONE_VOICE_STAGES:
        return line.is_foreign | (line.is_strong & line.is_clash & ~line.is_prepared)
    outside: Mask = ~frame.scale[notes.pitch % 12]
    return outside & ~line.is_tone_in_the_end


def _led(pitch: int, chord: int, frame: ClashFrame) -> int:
    """The neighbor that the chord has, else one of the key; downward of two that are as good."""

    def worth(other: int) -> tuple[bool, bool]:
        return bool(frame.tones[chord, other % 12]), bool(frame.scale[other % 12])

    best = max((pitch - 1, pitch + 1), key=worth)
    return best if any(worth(best)) and 0 <= best <= 127 else pitch
