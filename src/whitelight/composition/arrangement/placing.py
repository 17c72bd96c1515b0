"""From an approved file to notes in the song: counted in the song's ticks, cut to bars, repeated, clipped at the seams."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from whitelight.composition.arrangement.model import ArrangementError
from whitelight.music import (
    Controls,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    TextEvent,
    read_midi,
    slice_piece,
)

_PEDALS = range(64, 70)  # controller numbers; 64 is the sustain pedal


@dataclass(frozen=True, slots=True)
class LoadedPart:
    """An approved file at the resolution of the song; after `n_bars` it begins again."""

    piece: Piece
    n_bars: int


def load_part(path: Path, *, ticks_per_beat: int, bar_ticks: int, section_bars: int) -> LoadedPart:
    """Read an approved file; it repeats after as many bars as fit evenly into its section.

    Raises
    ------
    ArrangementError : missing. MidiError : not MIDI.
    """
    if not path.is_file():
        raise ArrangementError(
            f"{path.parent.parent.name}/approved/{path.name}: not there; promote it again, or take it out of the arrangement"
        )
    return loaded(read_midi(path), ticks_per_beat=ticks_per_beat, bar_ticks=bar_ticks, section_bars=section_bars)


def loaded(piece: Piece, *, ticks_per_beat: int, bar_ticks: int, section_bars: int) -> LoadedPart:
    """The same for a piece that was read already."""
    piece = recounted(piece, ticks_per_beat)
    n_sounding = max(-(-piece.end_tick // bar_ticks), 1)
    fitting = [n for n in (1, 2, 4, 8) if n >= n_sounding and section_bars % n == 0]
    return LoadedPart(piece, fitting[0] if fitting else max(n_sounding, section_bars))


def recounted(piece: Piece, ticks_per_beat: int) -> Piece:
    """The piece in other ticks, its tempo and meters left out: those of the song hold."""
    ratio = ticks_per_beat / piece.ticks_per_beat
    return Piece(
        ticks_per_beat=ticks_per_beat,
        tempo_map=TempoMap(ticks_per_beat),
        markers=_moved(piece.markers, ratio),
        midi_tracks=tuple(
            replace(
                part,
                notes=_recounted_notes(part.notes, ratio),
                lyrics=_moved(part.lyrics, ratio),
                controls=_recounted_controls(part.controls, ratio),
            )
            for part in piece.midi_tracks
        ),
        end_tick=round(piece.end_tick * ratio),
    )


def _moved(events: tuple[TextEvent, ...], ratio: float) -> tuple[TextEvent, ...]:
    return tuple(TextEvent(round(event.tick * ratio), event.text) for event in events)


def _recounted_notes(notes: Notes, ratio: float) -> Notes:
    if ratio == 1.0 or not len(notes):
        return notes
    onset = np.rint(notes.onset_tick * ratio).astype(np.int64)
    end = np.rint(notes.end_tick * ratio).astype(np.int64)
    return Notes(onset, np.maximum(end - onset, 1), notes.pitch, notes.velocity)


def _recounted_controls(controls: Controls, ratio: float) -> Controls:
    if ratio == 1.0 or not len(controls):
        return controls
    return Controls(np.rint(controls.tick * ratio).astype(np.int64), controls.number, controls.value)


def play_block(part: LoadedPart, *, from_bar: int, n_bars: int, bar_ticks: int) -> Piece:
    """Bars of a part from tick 0 on, begun again where it ends; no note, pedal or syllable passes the last bar line."""
    stretches: list[tuple[int, Piece]] = []
    bar, done = from_bar % part.n_bars, 0
    while done < n_bars:
        n = min(part.n_bars - bar, n_bars - done)
        stretches.append((done * bar_ticks, slice_piece(part.piece, bar * bar_ticks, (bar + n) * bar_ticks)))
        done, bar = done + n, 0
    length = n_bars * bar_ticks
    midi_tracks = tuple(
        joined([(start, piece.midi_tracks[index], piece.end_tick) for start, piece in stretches], original)
        for index, original in enumerate(part.piece.midi_tracks)
    )
    markers = tuple(TextEvent(start + m.tick, m.text) for start, piece in stretches for m in piece.markers)
    return Piece(
        part.piece.ticks_per_beat, part.piece.tempo_map, markers=markers, midi_tracks=midi_tracks, end_tick=length
    )


def joined(stretches: list[tuple[int, MidiTrack, int]], original: MidiTrack) -> MidiTrack:
    """One track of stretches (start tick, what sounds there, its length); pedals are let go where a stretch ends."""
    rows: list[tuple[int, int, int]] = []
    for start, midi_track, length in stretches:
        controls = midi_track.controls
        columns = (controls.tick + start, controls.number, controls.value)
        rows += list(zip(*(column.tolist() for column in columns), strict=True))
        held = controls.state_at(length + 1)
        rows += [(start + length, number, 0) for number, value in sorted(held.items()) if value and number in _PEDALS]
    return replace(
        original,
        notes=Notes.concatenate(midi_track.notes.shifted(start) for start, midi_track, _ in stretches),
        lyrics=tuple(
            TextEvent(start + event.tick, event.text)
            for start, midi_track, _ in stretches
            for event in midi_track.lyrics
        ),
        controls=Controls.from_rows(sorted(rows, key=lambda row: row[0])),
    )


def untangled(notes: Notes) -> Notes:
    """The notes without two of one pitch at once: the earlier one ends where the later begins, twins become one."""
    order = np.lexsort((notes.onset_tick, notes.pitch))
    onset, end, pitch = notes.onset_tick[order], notes.end_tick[order], notes.pitch[order]
    follows = np.append(pitch[1:] == pitch[:-1], False)
    following = np.append(onset[1:], 0)
    if not (follows & (end > following)).any():
        return notes
    end = np.where(follows, np.minimum(end, following), end)
    heard = order[end > onset]
    ends = np.empty_like(end)
    ends[order] = end
    heard.sort()
    return Notes(
        notes.onset_tick[heard], ends[heard] - notes.onset_tick[heard], notes.pitch[heard], notes.velocity[heard]
    )


def scaled(notes: Notes, *, gain_db: float, more: float) -> Notes:
    """The notes louder by a gain (velocity counts by its square) and by `more` steps of velocity."""
    if (not gain_db and not more) or not len(notes):
        return notes
    velocity = np.clip(np.rint(notes.velocity * 10 ** (gain_db / 40) + more), 1, 127).astype(np.int16)
    return Notes.from_checked(notes.onset_tick, notes.duration_ticks, notes.pitch, velocity)
