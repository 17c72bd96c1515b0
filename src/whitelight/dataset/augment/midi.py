"""Pieces faster or slower, higher or lower. Ticks never move: bars, beats, markers and lyrics stay on their notes."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from whitelight.music import Key, KeyChange, MidiTrack, Notes, Piece, TempoMap


def stretch_piece(piece: Piece, rate: Fraction) -> Piece:
    """Return the piece `rate` times as fast.

    Tempi are whole microseconds per beat in MIDI: where the result is none, it is rounded, and time is off by at most
    half a microsecond per quarter note. `transforms.exact_rate` finds rates without that.

    Raises
    ------
    TempoError : a tempo leaves what MIDI can write (3.6 to 6,000 bpm).
    """
    tempo_map = piece.tempo_map
    us_per_beat = tuple(round(us / rate) for us in tempo_map.us_per_beat)
    return replace(piece, tempo_map=TempoMap(tempo_map.ticks_per_beat, tempo_map.change_ticks, us_per_beat))


def transpose_piece(piece: Piece, semitones: int) -> Piece:
    """Return the piece higher by `semitones`: pitched tracks and keys; drums stay.

    A note that would leave 0–127 goes to the nearest octave inside, so that no note is lost and pitch classes are right.
    """
    tracks = [t if t.is_drum else _transpose_track(t, semitones) for t in piece.midi_tracks]
    keys = tuple(KeyChange(change.tick, transpose_key(change.key, semitones)) for change in piece.keys)
    return replace(piece, midi_tracks=tuple(tracks), keys=keys)


def transpose_key(key: Key, semitones: int) -> Key:
    """Return the key in its plainest spelling; by whole octaves it keeps the one it has."""
    return key if semitones % 12 == 0 else key.transposed(semitones)


def _transpose_track(track: MidiTrack, semitones: int) -> MidiTrack:
    notes = track.notes
    pitch = notes.pitch + semitones
    pitch = np.where(pitch < 0, pitch % 12, pitch)
    pitch = np.where(pitch > 127, 127 - (127 - pitch) % 12, pitch)
    return track.with_notes(Notes(notes.onset_tick, notes.duration_ticks, pitch, notes.velocity))
