"""MIDI files out: a `Piece` to bytes of format 1, deterministic to the byte.

The first chunk holds tempo, meters, keys and markers; then one chunk per MIDI track. Every chunk ends at the end of
the piece, so trailing silence survives. At one tick: texts, note ends, controllers, note starts; notes of one pitch
start in the order in which they end, so reading them first in, first out gives the same notes. (A note that lies
wholly inside another of the same pitch in the same track exchanges its end with it: MIDI cannot tell them apart.)

A meter whose denominator is no power of two, and a key that is neither plain major nor minor within seven
accidentals, have no MIDI event that says them: the marker "meter: 5/6" or "key: D dorian" carries them and `read_midi`
understands it. For such a key the nearest signature is written as well; for such a meter nothing can be, and other
programs go on counting the meter before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.music.controls import PITCH_BEND
from whitelight.music.key import Key
from whitelight.music.meter import Meter
from whitelight.music.piece import MidiTrack, Piece

METER_MARKER, KEY_MARKER = "meter: ", "key: "
_DRUM_CHANNEL = 9
_PITCHED_CHANNELS = tuple(channel for channel in range(16) if channel != _DRUM_CHANNEL)
_TEXTS, _NOTE_ENDS, _CONTROLS, _NOTE_STARTS = range(4)  # order at one tick
_NAME, _LYRIC, _MARKER, _TEMPO, _METER, _KEY = 0x03, 0x05, 0x06, 0x51, 0x58, 0x59
_LONGEST_DELTA = 2**28 - 1  # four bytes of seven bits


class UnwritableMidiError(WhitelightError):
    """A piece that the MIDI file format has no room for."""


def write_midi(piece: Piece) -> bytes:
    """Return the piece as a MIDI file of format 1; the same piece always gives the same bytes."""
    if piece.end_tick > _LONGEST_DELTA:
        raise UnwritableMidiError(f"piece of {piece.end_tick:,} ticks; a MIDI file holds {_LONGEST_DELTA:,}")
    chunks = [_conductor_chunk(piece)]
    for midi_track, channel in zip(piece.midi_tracks, assign_channels(piece.midi_tracks), strict=True):
        chunks.append(_track_chunk(midi_track, channel, piece.end_tick))
    header = b"MThd\x00\x00\x00\x06\x00\x01" + len(chunks).to_bytes(2, "big") + piece.ticks_per_beat.to_bytes(2, "big")
    return b"".join((header, *chunks))


def assign_channels(midi_tracks: Sequence[MidiTrack]) -> list[int]:
    """Channel 0–15 of each track: 9 for drums, else the first free one.

    With more than fifteen pitched tracks, later ones share the channel of a track of their program, or in turn.
    """
    channels: list[int] = []
    of_program: dict[int, int] = {}
    n_pitched = 0
    for midi_track in midi_tracks:
        if midi_track.is_drum:
            channels.append(_DRUM_CHANNEL)
            continue
        in_turn = _PITCHED_CHANNELS[n_pitched % len(_PITCHED_CHANNELS)]
        is_free = n_pitched < len(_PITCHED_CHANNELS)
        channel = in_turn if is_free else of_program.get(midi_track.program, in_turn)
        of_program.setdefault(midi_track.program, channel)
        channels.append(channel)
        n_pitched += 1
    return channels


def _conductor_chunk(piece: Piece) -> bytes:
    events = [(meter_change.tick, _meter_event(meter_change.meter)) for meter_change in piece.meters]
    for key_change in piece.keys:
        events += [(key_change.tick, event) for event in _key_events(key_change.key)]
    for tick, us_per_beat in zip(piece.tempo_map.change_ticks, piece.tempo_map.us_per_beat, strict=True):
        events.append((tick, _meta(_TEMPO, us_per_beat.to_bytes(3, "big"))))
    events += [(marker.tick, _text(_MARKER, marker.text)) for marker in piece.markers]
    return _chunk(events, _NO_MESSAGES, piece.end_tick)


def _track_chunk(midi_track: MidiTrack, channel: int, end_tick: int) -> bytes:
    events = [(0, _text(_NAME, midi_track.name))] if midi_track.name else []
    events.append((0, bytes((0xC0 | channel, midi_track.program))))
    events += [(lyric.tick, _text(_LYRIC, lyric.text)) for lyric in midi_track.lyrics]
    return _chunk(events, _messages(midi_track, channel), end_tick)


@dataclass(frozen=True, slots=True)
class _Messages:
    """Channel messages of three bytes, each kind in its own order."""

    ticks: NDArray[np.int64]
    ranks: NDArray[np.int64]  # order at one tick
    content: NDArray[np.uint8]  # (n, 3)


_NO_MESSAGES = _Messages(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3), np.uint8))


def _messages(midi_track: MidiTrack, channel: int) -> _Messages:
    notes, controls = midi_track.notes, midi_track.controls
    n_notes, n_controls = len(notes), len(controls)
    content = np.empty((2 * n_notes + n_controls, 3), np.uint8)
    ends, changes, starts = content[:n_notes], content[n_notes : n_notes + n_controls], content[n_notes + n_controls :]
    starts[:, 0], ends[:, 0] = 0x90 | channel, 0x80 | channel
    starts[:, 1] = ends[:, 1] = notes.pitch
    starts[:, 2], ends[:, 2] = notes.velocity, 64
    if n_controls:
        is_bend = controls.number == PITCH_BEND
        bend = controls.value.astype(np.int64) + 8192
        changes[:, 0] = np.where(is_bend, 0xE0, 0xB0) | channel
        changes[:, 1] = np.where(is_bend, bend & 127, controls.number)
        changes[:, 2] = np.where(is_bend, bend >> 7, controls.value)
    return _Messages(
        np.concatenate([notes.end_tick, controls.tick, notes.onset_tick]),
        np.repeat([_NOTE_ENDS, _CONTROLS, _NOTE_STARTS], [n_notes, n_controls, n_notes]),
        content,
    )


def _chunk(events: list[tuple[int, bytes]], messages: _Messages, end_tick: int) -> bytes:
    """Put `events` of any length and `messages` in order of time, with delta times, as one MTrk chunk.

    All rows are laid out as four bytes of delta and three of message, and the bytes in use are taken; the events,
    which are few, are put between the bytes so found.
    """
    n_events = len(events)
    ticks = np.concatenate([np.array([tick for tick, _ in events], np.int64), messages.ticks])
    ranks = np.concatenate([np.full(n_events, _TEXTS), messages.ranks])
    order = (ticks * 4 + ranks).argsort(kind="stable")  # equal ones stay as given
    ticks = ticks[order]
    deltas = ticks.copy()
    deltas[1:] -= ticks[:-1]

    rows, in_use = np.empty((len(order), 7), np.uint8), np.ones((len(order), 7), np.bool_)
    for column, shift in enumerate((21, 14, 7)):
        rows[:, column] = deltas >> shift & 127 | 128
        in_use[:, column] = deltas >> shift > 0
    rows[:, 3] = deltas & 127
    is_event = order < n_events
    rows[~is_event, 4:] = messages.content[order[~is_event] - n_events]
    in_use[is_event, 4:] = False
    flat, stops = rows[in_use].tobytes(), in_use.sum(axis=1).cumsum()

    parts, begin = [], 0
    for row in np.flatnonzero(is_event).tolist():
        stop = int(stops[row])
        parts += [flat[begin:stop], events[order[row]][1]]
        begin = stop
    last_tick = int(ticks[-1]) if len(ticks) else 0
    body = b"".join([*parts, flat[begin:], _number(max(end_tick - last_tick, 0)), b"\xff\x2f\x00"])
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _number(value: int) -> bytes:
    """Encode `value` in bytes of seven bits, all but the last with the high bit."""
    septets = [value & 127]
    while value := value >> 7:
        septets.append(value & 127 | 128)
    return bytes(reversed(septets))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _number(len(data)) + data


def _text(kind: int, text: str) -> bytes:
    return _meta(kind, text.encode("utf-8", "replace"))


def _meter_event(meter: Meter) -> bytes:
    if not meter.is_midi:
        return _text(_MARKER, f"{METER_MARKER}{meter}")
    power = meter.denominator.bit_length() - 1
    clocks_per_click = max(96 // meter.denominator, 1)
    return _meta(_METER, bytes((meter.numerator, power, clocks_per_click, 8)))


def _key_events(key: Key) -> list[bytes]:
    """Key signature, and a marker when the signature alone would be read as another key."""
    fifths = key.signature_fifths
    while abs(fifths) > 7:
        fifths -= 12 if fifths > 0 else -12
    events = [_meta(_KEY, bytes((fifths & 0xFF, key.is_minor)))]
    if key != Key.from_signature(fifths, "minor" if key.is_minor else "major"):
        events.append(_text(_MARKER, f"{KEY_MARKER}{key}"))
    return events
