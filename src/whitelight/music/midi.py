"""MIDI files in: bytes or a path to a `Piece`, through symusic's columns (no Python object per note).

Rules:
- Notes of one pitch that overlap are paired first in, first out. A note without an end is not a note (symusic drops
  it). A note of length zero lasts one tick, so that a drum hit is not lost.
- The end of the piece is the latest end of any of its chunks: trailing silence counts.
- A chunk without notes is a track when it names an instrument, so the parts of a song keep their places in a slice.
- Meters and keys that MIDI has no event for travel as markers "meter: 5/6" and "key: D dorian" (see `midi_writing`).
- Channel 10 is drums. A chunk that uses several channels or programs becomes several tracks of one name.
- Values above 127, which only a damaged file has, are read as 127.
- Names and texts that are not UTF-8 are kept with replacement characters.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from whitelight.music.columns import NoteError
from whitelight.music.controls import PITCH_BEND, Controls
from whitelight.music.key import InvalidKeyError, Key, KeyChange
from whitelight.music.meter import Meter, MeterChange, MeterError
from whitelight.music.midi_chunks import (
    END_OF_TRACK,
    END_TEXT,
    LYRIC,
    MARKER,
    MidiChunks,
    MidiError,
    silent_track,
    split_chunks,
)
from whitelight.music.midi_writing import KEY_MARKER, METER_MARKER, write_midi
from whitelight.music.notes import Notes, TextEvent
from whitelight.music.piece import NO_CONTROLS, MidiTrack, Piece, PieceError
from whitelight.music.tempo import DEFAULT_US_PER_BEAT, TempoError, TempoMap

__all__ = ["MAX_DURATION_S", "MAX_NOTES", "MAX_TEMPO_CHANGES", "MidiError", "read_midi", "write_midi"]

MAX_NOTES = 500_000  # a symphony has 10⁵; a song of 10⁶ notes is a runaway export or a joke
MAX_TEMPO_CHANGES = 8_192  # a tempo map with one change per beat for an hour has 7,200
MAX_MIDI_BYTES = 64 * 1024 * 1024  # several times what the largest allowed number of notes takes
MAX_DURATION_S = 24 * 60 * 60.0  # nobody plays a song for a day; two bytes of a damaged file can say years
MAX_TICK = 2**31 - 1  # symusic counts in 32 bits; beyond it times wrap around and turn negative


def read_midi(data: bytes | Path) -> Piece:
    """Read a MIDI file of format 0 or 1 (also inside a RIFF wrapper).

    Parameters
    ----------
    data : content of the file, or where it lies.

    Raises
    ------
    MidiError : missing, empty, truncated, not MIDI, format 2 or SMPTE time, more than `MAX_NOTES` notes or
        `MAX_TEMPO_CHANGES`, longer than `MAX_DURATION_S`, absurd tempi or times.
    """
    opened = open_midi(data)
    with opened.named():
        piece = _piece(opened)
    refuse_long(piece, opened.where)
    return piece


@dataclass(frozen=True, slots=True)
class OpenedMidi:
    """A file that symusic has read and nothing has been made of yet: its score, its chunks, and its name."""

    score: Any
    chunks: MidiChunks
    where: str

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn errors about tempi, meters, keys and notes into a `MidiError` that names the file."""
        try:
            yield
        except (TempoError, MeterError, InvalidKeyError, PieceError, NoteError) as err:
            raise MidiError(f"{self.where}: {err}") from err


def open_midi(data: bytes | Path) -> OpenedMidi:
    """Read a file as far as symusic goes; raises as `read_midi`."""
    where = data.name if isinstance(data, Path) else "MIDI data"
    content = _load(data) if isinstance(data, Path) else bytes(data)
    if len(content) > MAX_MIDI_BYTES:
        raise MidiError(f"{where}: more than {MAX_MIDI_BYTES:,} bytes; is this a piece of music?")
    chunks = split_chunks(content, where)
    score = _parse(chunks.marked(MARKER), where)
    _refuse_absurd(where, "notes", score.note_num(), MAX_NOTES)
    _refuse_absurd(where, "tempo changes", len(score.tempos), MAX_TEMPO_CHANGES)
    return OpenedMidi(score, chunks, where)


def refuse_long(piece: Piece, where: str) -> None:
    """Refuse a piece longer than `MAX_DURATION_S`."""
    if piece.duration_s > MAX_DURATION_S:
        hours = f"{piece.duration_s / 3600:,.0f} hours, expected at most {MAX_DURATION_S / 3600:g}"
        raise MidiError(f"{where}: lasts {hours}; is this a song? export it again, or cut it")


def _parse(content: bytes, where: str) -> Any:
    try:
        # Unsanitized, a pitch above 127 in a damaged file makes symusic write past its tables and kill the process.
        return symusic.Score.from_midi(content, sanitize_data=True)
    except (RuntimeError, ValueError, IndexError) as err:
        reason = str(err).removeprefix("MiniMidi: ").split("!")[0]
        raise MidiError(f"{where}: damaged MIDI data ({reason}); export the file again") from err


def _refuse_absurd(where: str, what: str, n: int, limit: int) -> None:
    if n > limit:
        raise MidiError(
            f"{where}: {n:,} {what}, expected at most {limit:,}; is this a song? export it again, or cut it"
        )


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_MIDI_BYTES + 1)
    except OSError as err:
        raise MidiError(f"{path.name}: {err.strerror or err}; check the path") from err


def time_of(opened: OpenedMidi) -> Piece:
    """Return the time a file's notes live in: a piece without tracks, which ends where the last chunk ends."""
    score = opened.score
    markers, meters, keys, end_tick = _texts(score)
    return Piece(
        ticks_per_beat=score.ticks_per_quarter,
        tempo_map=_tempo_map(score),
        meters=_meters(score, meters),
        keys=_keys(score, keys),
        markers=markers,
        end_tick=end_tick,
    )


def _piece(opened: OpenedMidi) -> Piece:
    score, chunks, where = opened.score, opened.chunks, opened.where
    n_sounding = sum(1 for part in score.tracks if len(part.notes))
    has_silent_chunk = n_sounding < len(chunks.bodies) - 1  # all but the first, which holds the tempo, are heard
    midi_tracks = _all_tracks(chunks, where) if has_silent_chunk else _midi_tracks(score, where)
    return time_of(opened).with_midi_tracks(midi_tracks)


def _texts(score: Any) -> tuple[tuple[TextEvent, ...], list[MeterChange], list[KeyChange], int]:
    """Markers, the meters and keys stated by markers, and the end of the last chunk."""
    markers, meters, keys, end_tick = [], [], [], 0
    for marker in score.markers:
        tick, text = marker.time, marker.text
        if text == END_TEXT:
            end_tick = max(end_tick, tick)
        elif text.startswith(METER_MARKER):
            meters.append(MeterChange(tick, Meter.parse(text.removeprefix(METER_MARKER))))
        elif text.startswith(KEY_MARKER):
            keys.append(KeyChange(tick, Key.parse(text.removeprefix(KEY_MARKER))))
        else:
            markers.append(TextEvent(tick, text))
    markers.sort(key=lambda marker: marker.tick)
    return tuple(markers), meters, keys, end_tick


def _tempo_map(score: Any) -> TempoMap:
    columns = score.tempos.numpy()
    changes = sorted(zip(columns["time"].tolist(), columns["mspq"].tolist(), strict=True))
    at_tick = {0: DEFAULT_US_PER_BEAT} | dict(changes)
    return TempoMap(score.ticks_per_quarter, tuple(at_tick), tuple(at_tick.values()))


def _meters(score: Any, stated: list[MeterChange]) -> tuple[MeterChange, ...]:
    if not len(score.time_signatures) and not stated:
        return ()
    at_tick = {
        change.time: MeterChange(change.time, Meter(change.numerator, change.denominator))
        for change in score.time_signatures
    }
    at_tick |= {change.tick: change for change in stated}
    return tuple(at_tick[tick] for tick in sorted(at_tick))


def _keys(score: Any, stated: list[KeyChange]) -> tuple[KeyChange, ...]:
    if not len(score.key_signatures) and not stated:
        return ()
    at_tick = {
        change.time: KeyChange(change.time, Key.from_signature(change.key, "minor" if change.tonality else "major"))
        for change in score.key_signatures
    }
    at_tick |= {change.tick: change for change in stated}
    return tuple(at_tick[tick] for tick in sorted(at_tick))


def _midi_tracks(score: Any, where: str) -> tuple[MidiTrack, ...]:
    """Tracks in the order of the file; lyrics that symusic keeps apart join the track they were written in."""
    midi_tracks: list[MidiTrack] = []
    for midi_track in _separate_tracks(score, where):
        if midi_track.lyrics and midi_tracks and midi_tracks[-1].name == midi_track.name:
            midi_tracks[-1] = replace(midi_tracks[-1], lyrics=midi_tracks[-1].lyrics + midi_track.lyrics)
        else:
            midi_tracks.append(midi_track)
    return tuple(midi_tracks)


def _separate_tracks(score: Any, where: str) -> Iterator[MidiTrack]:
    """Tracks as symusic tells them apart: the lyrics of a chunk follow its tracks as one without notes."""
    for part in score.tracks:
        lyrics = tuple(TextEvent(lyric.time, lyric.text) for lyric in part.lyrics) if len(part.lyrics) else ()
        yield MidiTrack(part.name, part.program, part.is_drum, _notes(part, where), lyrics, _controls(part, where))


def _all_tracks(chunks: MidiChunks, where: str) -> tuple[MidiTrack, ...]:
    """Tracks of a file with silent chunks: each chunk is made to end with a lyric, which tells the chunks apart."""
    midi_tracks: list[MidiTrack] = []
    of_chunk: list[MidiTrack] = []
    bodies = iter([body for body in chunks.bodies if body.endswith(END_OF_TRACK)])
    for midi_track in _separate_tracks(_parse(chunks.marked(LYRIC), where), where):
        if not (midi_track.lyrics and midi_track.lyrics[-1].text == END_TEXT):
            of_chunk.append(midi_track)
            continue
        silent = silent_track(next(bodies))
        if of_chunk:
            of_chunk[-1] = replace(of_chunk[-1], lyrics=of_chunk[-1].lyrics + midi_track.lyrics[:-1])
        elif silent is not None:
            of_chunk.append(silent)
        midi_tracks += of_chunk
        of_chunk = []
    return (*midi_tracks, *of_chunk)


def _notes(part: Any, where: str) -> Notes:
    columns = part.notes.numpy()
    onset, duration, pitch, velocity = columns["time"], columns["duration"], columns["pitch"], columns["velocity"]
    if len(onset) and (onset | duration | pitch | velocity).min() < 0:  # one negative value makes its row negative
        raise MidiError(f"{where}: track '{part.name}' has times beyond tick {MAX_TICK:,}")
    return Notes.from_checked(
        onset.astype(np.int64),
        np.maximum(duration, 1, dtype=np.int64),
        pitch.astype(np.int16),
        velocity.astype(np.int16),
    )


def _controls(part: Any, where: str) -> Controls:
    n_bends = len(part.pitch_bends)
    if not len(part.controls) and not n_bends:
        return NO_CONTROLS
    columns = part.controls.numpy()
    tick, number = columns["time"].astype(np.int64), columns["number"].astype(np.int16)
    value = columns["value"].astype(np.int16)
    if n_bends:
        bends = part.pitch_bends.numpy()
        tick = np.concatenate([tick, bends["time"]])
        number = np.concatenate([number, np.full(n_bends, PITCH_BEND, np.int16)])
        value = np.concatenate([value, bends["value"].astype(np.int16)])
    if tick.min() < 0 or (number | value).min() < -8192:
        raise MidiError(f"{where}: track '{part.name}' has control changes beyond tick {MAX_TICK:,}")
    return Controls.from_checked(tick, number, value)
