"""Time, tempo maps, meters, keys, chords and notes; MIDI in and out; slices and rolls."""

from whitelight.music.bars import BarGrid, BarPosition
from whitelight.music.chord import Chord, InvalidChordError, diatonic_chord
from whitelight.music.chord_symbol import read_symbol
from whitelight.music.columns import NoteError
from whitelight.music.controls import PITCH_BEND, SUSTAIN_PEDAL, Controls
from whitelight.music.key import SCALES, InvalidKeyError, Key, KeyChange
from whitelight.music.meter import Meter, MeterChange, MeterError, ticks_per_beat_for
from whitelight.music.midi import MidiError, read_midi, write_midi
from whitelight.music.note_columns import NoteColumns, columns_of, read_columns
from whitelight.music.notes import Notes, TextEvent
from whitelight.music.piece import MidiTrack, Piece, PieceError
from whitelight.music.roll import NoteCells, note_cells, piano_roll, roll_channels
from whitelight.music.roman import from_roman, to_roman
from whitelight.music.slicing import slice_notes, slice_piece, slice_seconds
from whitelight.music.tempo import TempoError, TempoMap

__all__ = [
    "PITCH_BEND",
    "SCALES",
    "SUSTAIN_PEDAL",
    "BarGrid",
    "BarPosition",
    "Chord",
    "Controls",
    "InvalidChordError",
    "InvalidKeyError",
    "Key",
    "KeyChange",
    "Meter",
    "MeterChange",
    "MeterError",
    "MidiError",
    "MidiTrack",
    "NoteCells",
    "NoteColumns",
    "NoteError",
    "Notes",
    "Piece",
    "PieceError",
    "TempoError",
    "TempoMap",
    "TextEvent",
    "columns_of",
    "diatonic_chord",
    "from_roman",
    "note_cells",
    "piano_roll",
    "read_columns",
    "read_midi",
    "read_symbol",
    "roll_channels",
    "slice_notes",
    "slice_piece",
    "slice_seconds",
    "ticks_per_beat_for",
    "to_roman",
    "write_midi",
]
