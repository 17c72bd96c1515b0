"""MIDI files read a second time, by mido and by hand, so that a check does not lean on the reader that cut the slices.

Notes of one pitch and channel are paired first in, first out; a note without an end is none; one of length zero lasts
a tick. These are the rules of `whitelight.music.midi`, stated there and written here anew.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import mido
import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

ONSET, END, PITCH, VELOCITY = range(4)  # columns of notes
_NO_NOTES = np.empty((0, 4), np.int64)
_DRUM_CHANNEL = 9
_DEFAULT_US_PER_BEAT = 500_000
_WRONG = (OSError, EOFError, ValueError, IndexError, KeyError, TypeError, mido.KeySignatureError)


class SecondReaderError(WhitelightError):
    """mido cannot read a file; nothing is said about it then."""


@dataclass(frozen=True, slots=True, order=True)
class TrackLabel:
    """What tells the parts of a MIDI file apart."""

    name: str
    program: int
    is_drum: bool


@dataclass(frozen=True, slots=True)
class HeardMidi:
    """A MIDI file as mido reads it; ticks from its start.

    Attributes
    ----------
    tempi : (tick, µs per quarter note), the first at tick 0.
    meters : (tick, (numerator, denominator)). keys : (tick, name).
    texts : (tick, text) of markers. lyrics : all sung texts, one after the other.
    tracks : label and notes of each, shape (n, 4): onset, end, pitch, velocity.
    """

    ticks_per_beat: int
    tempi: tuple[tuple[int, int], ...]
    meters: tuple[tuple[int, tuple[int, int]], ...]
    keys: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    lyrics: str
    tracks: tuple[tuple[TrackLabel, NDArray[np.int64]], ...]
    end_tick: int

    @property
    def n_notes(self) -> int:
        """Notes of all tracks."""
        return sum(len(notes) for _, notes in self.tracks)


@dataclass(slots=True)
class _Heard:
    tempi: dict[int, int] = field(default_factory=lambda: {0: _DEFAULT_US_PER_BEAT})
    meters: dict[int, tuple[int, int]] = field(default_factory=dict)
    stated_meters: dict[int, tuple[int, int]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    stated_keys: dict[int, str] = field(default_factory=dict)
    texts: list[tuple[int, str]] = field(default_factory=list)
    lyrics: list[str] = field(default_factory=list)
    tracks: list[tuple[TrackLabel, NDArray[np.int64]]] = field(default_factory=list)
    end_tick: int = 0


def hear_midi(content: bytes) -> HeardMidi:
    """Read a MIDI file with mido.

    Raises
    ------
    SecondReaderError : mido refuses it.
    """
    if content[:4] == b"RIFF":
        content = content[max(content.find(b"MThd"), 0) :]
    try:
        file = mido.MidiFile(file=BytesIO(content), clip=True)
        heard = _Heard()
        for chunk in file.tracks:
            _hear_chunk(chunk, heard)
    except _WRONG as err:
        raise SecondReaderError(f"mido cannot read it: {' '.join(str(err).split()) or type(err).__name__}") from err
    return HeardMidi(
        ticks_per_beat=file.ticks_per_beat,
        tempi=tuple(sorted(heard.tempi.items())),
        meters=tuple(sorted((heard.meters | heard.stated_meters).items())),
        keys=tuple(sorted((heard.keys | heard.stated_keys).items())),
        texts=tuple(sorted(heard.texts)),
        lyrics="".join(heard.lyrics),
        tracks=tuple(heard.tracks),
        end_tick=heard.end_tick,
    )


def _hear_chunk(chunk: Any, heard: _Heard) -> None:
    tick, name = 0, ""
    programs: dict[int, int] = defaultdict(int)
    waiting: dict[tuple[int, int], deque[tuple[int, int, int]]] = defaultdict(deque)
    notes: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
    for message in chunk:
        tick += message.time
        kind = message.type
        if kind == "note_on" and message.velocity:
            program = programs[message.channel]
            notes.setdefault((message.channel, program), [])
            waiting[message.channel, message.note].append((tick, message.velocity, program))
        elif kind in ("note_off", "note_on"):
            if started := waiting[message.channel, message.note]:
                onset, velocity, program = started.popleft()
                notes[message.channel, program].append((onset, max(tick, onset + 1), message.note, velocity))
        elif kind == "program_change":
            programs[message.channel] = message.program
        elif kind == "track_name":
            name = name or _utf8(message.name)
        elif message.is_meta:
            _hear_meta(message, tick, heard)
    heard.end_tick = max(heard.end_tick, tick)
    for (channel, program), rows in notes.items():
        if rows:
            table = np.array(sorted(rows), np.int64)
            heard.tracks.append((TrackLabel(name, program, channel == _DRUM_CHANNEL), table))
            heard.end_tick = max(heard.end_tick, int(table[:, END].max()))


def _hear_meta(message: Any, tick: int, heard: _Heard) -> None:
    """Take what is said about the whole piece; meters and keys MIDI has no event for stand in markers."""
    if message.type == "set_tempo":
        heard.tempi[tick] = message.tempo
    elif message.type == "time_signature":
        heard.meters[tick] = (message.numerator, message.denominator)
    elif message.type == "key_signature":
        heard.keys[tick] = message.key
    elif message.type == "lyrics":
        heard.lyrics.append(_utf8(message.text))
    elif message.type == "marker":
        text = _utf8(message.text)
        if text.startswith("meter: "):
            numerator, _, denominator = text.removeprefix("meter: ").partition("/")
            heard.stated_meters[tick] = (int(numerator), int(denominator))
        elif text.startswith("key: "):
            heard.stated_keys[tick] = text.removeprefix("key: ")
        elif text:
            heard.texts.append((tick, text))


def _utf8(text: str) -> str:
    """Undo mido's Latin-1; what is not UTF-8 keeps replacement characters."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def label_notes(tracks: Iterator[tuple[TrackLabel, NDArray[np.int64]]]) -> dict[TrackLabel, NDArray[np.int64]]:
    """Gather the notes of each label, sorted by onset, pitch, end, velocity."""
    parts: dict[TrackLabel, list[NDArray[np.int64]]] = defaultdict(list)
    for label, notes in tracks:
        if len(notes):
            parts[label].append(notes)
    return {label: sort_notes(np.concatenate(tables)) for label, tables in parts.items()}


def sort_notes(notes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort rows by onset, pitch, end, velocity."""
    return notes[np.lexsort((notes[:, VELOCITY], notes[:, END], notes[:, PITCH], notes[:, ONSET]))]
