"""Real songs as the descriptors read them: melody and piano of POP909 on the grid, key and chords of POP909-CL.

The corrected set has one piano track; which of its notes are the melody's is told by the original, whose notes are the same
ones a constant number of ticks away. Songs where that does not hold (changing tempo, lacking tracks), or with several
meters or keys, are passed over. The bar line is looked for where chords change, since tick 0 is none in a third of songs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from whitelight.composition.meter_grid import MeterGrid, meter_grid
from whitelight.composition.song_descriptors import SongReading, read_song
from whitelight.composition.sounding import SoundingChord, read_harmony
from whitelight.music import Key, Meter, MidiTrack, Notes, Piece, TempoMap, read_midi

FOUR_FOUR, C_MAJOR = Meter(4, 4), Key(0, "major")
CHORD_TRACKS = ("chords", "midi 01")
CLEAR = 60  # middle C: the piano's lowest note at a time is the bass when it lies below
MAX_APART_TICKS = 60  # between a note and its corrected twin


@dataclass(frozen=True)
class _Tracks:
    melody: Notes
    piano: Notes
    chords: Notes


def read_songs(originals: Path, corrected: Path, limit: int | None = None) -> Iterator[tuple[str, SongReading]]:
    """Every song that can be read, at most so many."""
    found = 0
    for file in sorted(corrected.glob("*.mid")):
        original = originals / file.stem / f"{file.stem}.mid"
        if limit is not None and found == limit:
            return
        song = read_pair(original, file) if original.exists() and file.stat().st_size else None
        if song is not None:
            found += 1
            yield file.stem, song


def read_pair(original: Path, corrected: Path) -> SongReading | None:
    """One song; None where it is passed over."""
    first, second = read_midi(original), read_midi(corrected)
    if (
        len(second.keys) != 1
        or {change.meter for change in second.meters} != {FOUR_FOUR}
        or first.ticks_per_beat != 480
    ):
        return None
    tracks = _tracks(first, second)
    if tracks is None or not len(tracks.melody) or not len(tracks.chords):
        return None
    tempo_bpm = 6e7 / float(np.median(first.tempo_map.us_per_beat))
    grid, shift = meter_grid(FOUR_FOUR, tempo_bpm), bar_shift(tracks.chords)
    parts = {"Melody": tracks.melody, "Chords": tracks.piano, "Bass": lowest(tracks.piano), "named": tracks.chords}
    piece = Piece(
        480,
        TempoMap.constant(tempo_bpm, 480),
        midi_tracks=tuple(MidiTrack(name, notes=notes.shifted(shift)) for name, notes in parts.items()),
    )
    key = second.keys[0].key
    chords = chords_of(piece, grid)
    return read_song(piece, chords, key=key, grid=grid) if chords else None


def _tracks(first: Piece, second: Piece) -> _Tracks | None:
    by_name = {part.name.casefold(): part.notes for part in first.midi_tracks}
    named = next((part.notes for part in second.midi_tracks if part.name.casefold() in CHORD_TRACKS), None)
    piano = next((part.notes for part in second.midi_tracks if part.name.casefold() == "piano"), None)
    both = first.all_notes()
    if named is None or piano is None or not {"melody", "piano"} <= set(by_name) or len(both) != len(piano):
        return None
    offset = int(np.median(piano.onset_tick - both.onset_tick))
    melody = twins(by_name["melody"], piano, offset)
    accompaniment = twins(by_name["piano"], piano, offset)
    return None if melody is None or accompaniment is None else _Tracks(melody, accompaniment, named)


def twins(notes: Notes, corrected: Notes, offset: int) -> Notes | None:
    """The corrected notes that are these; None when fewer than nine in ten have one nearby."""
    chosen: list[int] = []
    for onset, _, pitch, _ in notes.to_rows():
        same = np.flatnonzero(corrected.pitch == pitch)
        if len(same):
            apart = np.abs(corrected.onset_tick[same] - onset - offset)
            if apart.min() <= MAX_APART_TICKS:
                chosen.append(int(same[apart.argmin()]))
    return None if len(chosen) < 0.9 * len(notes) else corrected.select(np.unique(chosen))


def bar_shift(chords: Notes) -> int:
    """Ticks by which to move everything so that chords change on bar lines."""
    changes = np.unique(chords.onset_tick)
    shifts = range(0, 1920, 240)
    return max(
        shifts,
        key=lambda shift: 2 * int(((changes + shift) % 1920 == 0).sum()) + int(((changes + shift) % 1920 == 960).sum()),
    )


def lowest(piano: Notes) -> Notes:
    """Notes below middle C under which nothing sounds when they begin."""
    kept: list[tuple[int, int, int, int]] = []
    for onset, duration, pitch, velocity in piano.to_rows():
        is_covered = any(low < pitch and end > onset for low, end in ((row[2], row[0] + row[1]) for row in kept[-8:]))
        if pitch < CLEAR and not is_covered:
            kept.append((onset, duration, pitch, velocity))
    return Notes.from_rows(kept)


def chords_of(piece: Piece, grid: MeterGrid) -> tuple[SoundingChord, ...]:
    """Every chord of the annotation, named from its notes."""
    notes = piece.midi_tracks[-1].notes
    pulse_ticks = 1920 // grid.bar_pulses
    starts = sorted({round(onset / pulse_ticks) for onset in notes.onset_tick.tolist()})
    found = []
    for start in starts:
        here = notes.select(np.rint(notes.onset_tick / pulse_ticks).astype(int) == start)
        end = min([later for later in starts if later > start] + [round(here.last_tick / pulse_ticks)])
        found.append(replace(_named(tuple(here.pitch.tolist()), grid), start=start, duration=max(end - start, 1)))
    return tuple(found)


def _named(pitches: tuple[int, ...], grid: MeterGrid) -> SoundingChord:
    rows = [(0, 1920, pitch, 80) for pitch in sorted(set(pitches))]
    piece = Piece(480, TempoMap.constant(120, 480), midi_tracks=(MidiTrack(notes=Notes.from_rows(rows)),))
    return read_harmony(piece, grid, C_MAJOR, n_pulses=grid.bar_pulses)[0]
