"""Chord symbols of a stretch after re-keying: the chords of the source, root and tones carried over and named anew."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from whitelight.composition.chords.vocabulary import QUALITIES
from whitelight.composition.meter_grid import meter_grid, ticks_per_beat
from whitelight.composition.sounding import SoundingChord, read_harmony
from whitelight.composition.white.sources import SourcePart
from whitelight.music import Chord, Key, MidiTrack, Notes, Piece, TempoMap, TextEvent
from whitelight.music.meter import MeterChange

_LIKE_ENOUGH = 0.6  # share of tones a name must have in common with what sounds


def chord_marks(
    part: SourcePart, start: Fraction, length: Fraction, *, table: Sequence[int], key: Key, resolution: int
) -> tuple[tuple[int, str], ...]:
    """Return (tick, symbol) of every chord that sounds in a stretch; the one held into it is named at its beginning.

    Parameters
    ----------
    start, length : quarter notes. table : pitch → re-keyed pitch. key : of the song. resolution : its ticks per quarter.
    """
    marks: list[tuple[int, str]] = []
    pulse = _pulse(part)
    for chord in _source_chords(part):
        first, last = chord.start * pulse, chord.end * pulse
        if first < start + length and last > start:
            symbol = renamed(chord, table, key)
            if symbol is not None:
                marks.append((round(max(first - start, Fraction(0)) * resolution), symbol))
    return tuple(marks)


def renamed(chord: SoundingChord, table: Sequence[int], key: Key) -> str | None:
    """Name a chord after re-keying; None when no name is near what sounds."""
    root, bass = (table[60 + pitch_class] % 12 for pitch_class in (chord.root, chord.bass))
    tones = {table[60 + tone] % 12 for tone in chord.tones}
    best, most = None, 0.0
    for quality, intervals in QUALITIES.items():
        named = {(root + interval) % 12 for interval in intervals}
        like = len(named & tones) / len(named | tones)
        if like > most + 1e-9:
            best, most = quality, like
    if best is None or most < _LIKE_ENOUGH:
        return None
    symbol = Chord.parse(f"{key.spell(root)}:{best}").symbol()
    return symbol if bass == root else f"{symbol}/{key.spell(bass)}"


@lru_cache(maxsize=512)
def _pulse(part: SourcePart) -> Fraction:
    return part.meter.beats_per_bar / meter_grid(part.meter, 120.0).bar_pulses


@lru_cache(maxsize=512)
def _source_chords(part: SourcePart) -> tuple[SoundingChord, ...]:
    """What sounds in a part, in pulses of its own meter."""
    grid = meter_grid(part.meter, 120.0)
    resolution = ticks_per_beat(part.meter, grid)
    ratio = resolution / part.piece.ticks_per_beat
    notes = part.piece.all_notes(drums="exclude")
    onset, end = np.rint(notes.onset_tick * ratio), np.rint(notes.end_tick * ratio)
    counted = Notes(onset, np.maximum(end - onset, 1), notes.pitch, notes.velocity)
    piece = Piece(
        resolution,
        TempoMap.constant(120.0, resolution),
        meters=(MeterChange(0, part.meter),),
        markers=tuple(TextEvent(round(marker.tick * ratio), marker.text) for marker in part.piece.markers),
        midi_tracks=(MidiTrack(notes=counted),),
        end_tick=round(part.piece.end_tick * ratio),
    )
    n_pulses = round(piece.end_tick / (part.meter.bar_ticks(resolution) // grid.bar_pulses))
    return read_harmony(piece, grid, part.key, n_pulses=n_pulses)
