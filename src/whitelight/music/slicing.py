"""Cutting a piece in time, so that nothing a listener would miss is lost.

A slice starts at tick 0 with the tempo, meter, key, controllers and pedal that were in force there. Notes held over
an edge are clipped to it. Markers and lyrics inside keep their place. The slice ends exactly at its end, sounding or
not. Where it starts inside a bar, the meter is stated at tick 0 and again at the first bar line, so bars stay where
they were (see `whitelight.music.bars`).
Cutting costs what the slice holds, not what the piece holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from whitelight.music.bars import BarGrid
from whitelight.music.controls import PITCH_BEND, Controls
from whitelight.music.key import KeyChange
from whitelight.music.meter import MeterChange
from whitelight.music.notes import Notes, TextEvent
from whitelight.music.piece import NO_NOTES, MidiTrack, Piece, PieceError

_RELEASED_AT_ZERO = {*range(64, 70), PITCH_BEND}  # pedals and pitch wheel: 0 is where everything starts anyway


def slice_piece(piece: Piece, start_tick: int, end_tick: int) -> Piece:
    """Return [start_tick, end_tick) of `piece`, rebased to tick 0 and exactly that long.

    Tracks keep their place, also those silent in the slice. An end past the end of the piece is silence.

    Raises
    ------
    PieceError : the span is empty or starts before tick 0.
    """
    if not 0 <= start_tick < end_tick:
        raise PieceError(f"slice from tick {start_tick} to {end_tick}: expected 0 ≤ start < end")
    return Piece(
        ticks_per_beat=piece.ticks_per_beat,
        tempo_map=piece.tempo_map.cut(start_tick, end_tick),
        meters=_slice_meters(piece, start_tick, end_tick),
        keys=_slice_keys(piece.keys, start_tick, end_tick),
        markers=_slice_texts(piece.markers, start_tick, end_tick),
        midi_tracks=tuple(_slice_track(midi_track, start_tick, end_tick) for midi_track in piece.midi_tracks),
        end_tick=end_tick - start_tick,
    )


def slice_seconds(piece: Piece, start_s: float, end_s: float) -> Piece:
    """Return the piece between two times, edges moved to the nearest tick."""
    return slice_piece(piece, piece.tempo_map.seconds_to_ticks(start_s), piece.tempo_map.seconds_to_ticks(end_s))


def slice_notes(notes: Notes, start_tick: int, end_tick: int) -> Notes:
    """Notes sounding in [start_tick, end_tick), clipped to it and rebased to tick 0."""
    rows = notes.sounding(start_tick, end_tick)
    if rows.start == rows.stop:
        return NO_NOTES
    onset, duration = notes.onset_tick[rows], notes.duration_ticks[rows]
    pitch, velocity = notes.pitch[rows], notes.velocity[rows]
    if int(onset[0]) >= start_tick:  # nothing is held over the start
        onset = onset - start_tick
        return Notes.from_checked(onset, np.minimum(duration, end_tick - start_tick - onset), pitch, velocity)
    stop = np.minimum(onset + duration, end_tick)
    sounds = stop > start_tick
    onset, stop = np.maximum(onset[sounds], start_tick), stop[sounds]
    return Notes.from_checked(onset - start_tick, stop - onset, pitch[sounds], velocity[sounds])


def _slice_track(midi_track: MidiTrack, start_tick: int, end_tick: int) -> MidiTrack:
    return MidiTrack(
        midi_track.name,
        midi_track.program,
        midi_track.is_drum,
        slice_notes(midi_track.notes, start_tick, end_tick) if len(midi_track.notes) else midi_track.notes,
        _slice_texts(midi_track.lyrics, start_tick, end_tick),
        _slice_controls(midi_track.controls, start_tick, end_tick),
    )


def _slice_controls(controls: Controls, start_tick: int, end_tick: int) -> Controls:
    """Control changes in the span, preceded by the state at its start where the span does not set it at once."""
    if not len(controls):
        return controls
    first, stop = controls.tick.searchsorted([start_tick, end_tick]).tolist()
    held = {
        number: value
        for number, value in controls.state_at(start_tick).items()
        if value or number not in _RELEASED_AT_ZERO
    }
    for row in range(first, stop):
        if controls.tick[row] > start_tick:
            break
        held.pop(int(controls.number[row]), None)
    tick, number, value = (
        controls.tick[first:stop] - start_tick,
        controls.number[first:stop],
        controls.value[first:stop],
    )
    if held:
        tick = np.concatenate([np.zeros(len(held), np.int64), tick])
        number = np.concatenate([np.array(list(held), np.int16), number])
        value = np.concatenate([np.array(list(held.values()), np.int16), value])
    return Controls.from_checked(tick, number, value)


def _slice_texts(texts: Sequence[TextEvent], start_tick: int, end_tick: int) -> tuple[TextEvent, ...]:
    if not texts:
        return ()
    first = bisect_left(texts, start_tick, key=lambda event: event.tick)
    stop = bisect_left(texts, end_tick, key=lambda event: event.tick)
    return tuple(TextEvent(event.tick - start_tick, event.text) for event in texts[first:stop])


def _slice_keys(keys: Sequence[KeyChange], start_tick: int, end_tick: int) -> tuple[KeyChange, ...]:
    first = max(bisect_right(keys, start_tick, key=lambda change: change.tick) - 1, 0)
    return tuple(
        KeyChange(max(change.tick - start_tick, 0), change.key) for change in keys[first:] if change.tick < end_tick
    )


def _slice_meters(piece: Piece, start_tick: int, end_tick: int) -> tuple[MeterChange, ...]:
    """Meters in force in the span, and the first bar line where the span starts inside a bar."""
    grid = BarGrid.of(piece)
    index = bisect_right(grid.changes, start_tick, key=lambda change: change.tick) - 1
    following = [
        MeterChange(change.tick - start_tick, change.meter)
        for change in grid.changes[index + 1 :]
        if change.tick < end_tick
    ]
    position = grid.position(start_tick)
    if position.beat == 0:
        is_stated = bool(piece.meters) and piece.meters[0].tick <= start_tick
        at_start = (MeterChange(0, grid.changes[index].meter),) if is_stated else ()
        return (*at_start, *following)
    meter, bar_line = grid.changes[index].meter, grid.bar_start(position.bar + 1)
    changes = [MeterChange(0, meter)]
    if bar_line < end_tick and not (following and following[0].tick <= bar_line - start_tick):
        changes.append(MeterChange(bar_line - start_tick, meter))
    return (*changes, *following)
