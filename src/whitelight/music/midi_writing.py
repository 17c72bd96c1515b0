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
    return _chunk(events, _no_messages(), piece.end_tick)


def _track_chunk(midi_track: MidiTrack, channel: int, end_tick: int) -> bytes:
    events = [(0, _text(_NAME, midi_track.name))] if midi_track.name else []
    events.append((0, bytes((0xC0 | channel, midi_track.program))))
    events += [(lyric.tick, _text(_LYRIC, lyric.text)) for lyric in midi_track.lyrics]
    return _chunk(events, _messages(midi_track, channel), end_tick)


def _no_messages() -> NDArray[np.int64]:
    return np.empty((0, 5), np.int64)


def _messages(midi_track: MidiTrack, channel: int) -> NDArray[np.int64]:
    """Channel messages as rows of (tick, order at that tick, three bytes), each kind in its own order."""
    notes, controls = midi_track.notes, midi_track.controls
    starts, ends = np.empty((len(notes), 5), np.int64), np.empty((len(notes), 5), np.int64)
    starts[:, 0], starts[:, 1], starts[:, 2] = notes.onset_tick, _NOTE_STARTS, 0x90 | channel
    ends[:, 0], ends[:, 1], ends[:, 2] = notes.end_tick, _NOTE_ENDS, 0x80 | channel
    starts[:, 3] = ends[:, 3] = notes.pitch
    starts[:, 4], ends[:, 4] = notes.velocity, 64
    changes = np.empty((len(controls), 5), np.int64)
    is_bend = controls.number == PITCH_BEND
    bend = controls.value.astype(np.int64) + 8192
    changes[:, 0], changes[:, 1] = controls.tick, _CONTROLS
    changes[:, 2] = np.where(is_bend, 0xE0, 0xB0) | channel
    changes[:, 3] = np.where(is_bend, bend & 127, controls.number)
    changes[:, 4] = np.where(is_bend, bend >> 7, controls.value)
    return np.concatenate([ends, changes, starts])


def _chunk(events: list[tuple[int, bytes]], messages: NDArray[np.int64], end_tick: int) -> bytes:
    """Put variable-length `events` and three-byte `messages` in order of time, with delta times, as one MTrk chunk."""
    n_events, n_messages = len(events), len(messages)
    ticks = np.concatenate([np.array([tick for tick, _ in events], np.int64), messages[:, 0]])
    ranks = np.concatenate([np.full(n_events, _TEXTS), messages[:, 1]])
    order = np.lexsort((ranks, ticks))  # stable: equal ones stay as given
    last_tick = max(end_tick, int(ticks.max(initial=0)))
    deltas = np.diff(ticks[order], prepend=0, append=last_tick)

    delta_bytes, delta_lengths = _variable_length(deltas)
    payload = b"".join(event for _, event in events) + messages[:, 2:].astype(np.uint8).tobytes() + b"\xff\x2f\x00"
    lengths = np.concatenate([np.array([len(event) for _, event in events], np.int64), np.full(n_messages + 1, 3)])
    starts = np.cumsum(lengths) - lengths
    order = np.append(order, n_events + n_messages)

    pool = np.concatenate([delta_bytes, np.frombuffer(payload, np.uint8)])
    piece_starts = np.column_stack([np.cumsum(delta_lengths) - delta_lengths, starts[order] + len(delta_bytes)]).ravel()
    piece_lengths = np.column_stack([delta_lengths, lengths[order]]).ravel()
    shifts = piece_starts - (np.cumsum(piece_lengths) - piece_lengths)
    body: bytes = pool[np.arange(int(piece_lengths.sum())) + np.repeat(shifts, piece_lengths)].tobytes()
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _variable_length(values: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode each value in one to four bytes of seven bits, all but the last with the high bit; bytes and lengths."""
    shifts = np.array([21, 14, 7, 0])
    septets = (values[:, None] >> shifts) & 127  # (n, 4)
    septets[:, :3] |= 128
    is_used = (values[:, None] >> shifts) > 0
    is_used[:, 3] = True
    return septets[is_used].astype(np.uint8), is_used.sum(axis=1)


def _meta(kind: int, data: bytes) -> bytes:
    length = _variable_length(np.array([len(data)]))[0].tobytes()
    return bytes((0xFF, kind)) + length + data


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
