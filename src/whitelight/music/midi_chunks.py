"""The chunks of a MIDI file: checked, and prepared for symusic.

symusic reads notes very fast but leaves out two things: where a chunk ends, and chunks without a note. So the
end-of-track events are preceded by a text it does report (`marked`), and a silent chunk, which is short, is read here
event by event (`silent_track`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from whitelight.errors import WhitelightError
from whitelight.music.controls import PITCH_BEND, Controls
from whitelight.music.notes import TextEvent
from whitelight.music.piece import MidiTrack

END_TEXT = "\x03"  # "end of text"; a text symusic keeps (it drops empty ones) and no file has
MARKER, LYRIC = 0x06, 0x05  # kinds of meta event that can carry it
_NAME, _META, _SYSEX = 0x03, 0xFF, (0xF0, 0xF7)
END_OF_TRACK = b"\xff\x2f\x00"


class MidiError(WhitelightError):
    """A file is not MIDI, is damaged, or is larger than music gets."""


@dataclass(frozen=True, slots=True)
class MidiChunks:
    """A MIDI file taken apart.

    Parameters
    ----------
    file_format : 0 or 1.
    ticks_per_beat : resolution.
    bodies : events of each track chunk.
    """

    file_format: int
    ticks_per_beat: int
    bodies: tuple[bytes, ...]

    def marked(self, kind: int) -> bytes:
        """Return the file with `END_TEXT`, as a `MARKER` or a `LYRIC`, in front of every end-of-track event."""
        ending = bytes((_META, kind, 1)) + END_TEXT.encode() + b"\x00" + END_OF_TRACK
        header = (6, self.file_format, len(self.bodies), self.ticks_per_beat)
        parts = [b"MThd", header[0].to_bytes(4, "big"), *(number.to_bytes(2, "big") for number in header[1:])]
        for body in self.bodies:
            whole = body[:-3] + ending if body.endswith(END_OF_TRACK) else body
            parts += (b"MTrk", len(whole).to_bytes(4, "big"), whole)
        return b"".join(parts)


def split_chunks(content: bytes, where: str) -> MidiChunks:
    """Take a MIDI file apart, also out of a RIFF wrapper.

    Raises
    ------
    MidiError : empty, not MIDI, truncated, of format 2 or in SMPTE time; the message starts with `where`.
    """
    if not content:
        raise MidiError(f"{where}: empty; expected a MIDI file")
    if content[:4] == b"RIFF" and content[8:12] == b"RMID":
        content = content[max(content.find(b"MThd"), 0) :]
    if content[:4] != b"MThd" or len(content) < 14:
        raise MidiError(f"{where}: starts with {content[:4]!r}, expected b'MThd'; this is not a whole MIDI file")
    file_format, n_expected, division = (int.from_bytes(content[at : at + 2], "big") for at in (8, 10, 12))
    if file_format > 1:
        raise MidiError(f"{where}: MIDI format {file_format}; expected 0 or 1, export it as one song")
    if division == 0 or division > 0x7FFF:
        raise MidiError(f"{where}: time division 0x{division:04x}; expected ticks per quarter note, not SMPTE time")
    bodies = tuple(_bodies(content, where))
    if len(bodies) < n_expected:
        raise MidiError(f"{where}: truncated, {len(bodies)} of {n_expected} track chunks are there; export it again")
    return MidiChunks(file_format, division, bodies)


def _bodies(content: bytes, where: str) -> Iterator[bytes]:
    position = 8 + int.from_bytes(content[4:8], "big")
    while position + 8 <= len(content):
        kind, length = content[position : position + 4], int.from_bytes(content[position + 4 : position + 8], "big")
        start, position = position + 8, position + 8 + length
        if kind == b"MTrk":
            if position > len(content):
                found = len(content) - start
                raise MidiError(f"{where}: truncated, a track chunk should have {length:,} bytes and has {found:,}")
            yield content[start:position]
        elif not kind.isalnum():
            return  # padding after the last chunk


def silent_track(body: bytes) -> MidiTrack | None:
    """Return the track of a chunk that has no notes; None when it names no instrument (tempo, titles) or has notes."""
    name, program, channel, has_program = "", 0, -1, False
    lyrics: list[TextEvent] = []
    controls: list[tuple[int, int, int]] = []
    try:
        for tick, status, data in _events(body):
            if status == _META:
                if data[0] == _NAME and not name:
                    name = data[1:].decode("utf-8", "replace")
                elif data[0] == LYRIC:
                    lyrics.append(TextEvent(tick, data[1:].decode("utf-8", "replace")))
                continue
            kind, channel = status >> 4, status & 15
            if kind == 0x9:
                return None
            if kind == 0xC:
                program, has_program = data[0], True
            elif kind == 0xB:
                controls.append((tick, data[0], data[1]))
            elif kind == 0xE:
                controls.append((tick, PITCH_BEND, data[0] + 128 * data[1] - 8192))
    except IndexError:  # events that run over the end of the chunk: nothing to keep
        return None
    if not (has_program or controls or lyrics):
        return None
    return MidiTrack(name, program & 127, channel == 9, lyrics=tuple(lyrics), controls=Controls.from_rows(controls))


def _events(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Events as (tick, status, data); of a meta event the data starts with its kind. System messages are left out."""
    position, tick, running = 0, 0, 0
    while position < len(body):
        delta, position = _variable_length(body, position)
        tick += delta
        status = body[position]
        if status >= 0x80:
            position += 1
        else:
            status = running
        if status == _META or status in _SYSEX:
            kind = body[position : position + (status == _META)]
            length, position = _variable_length(body, position + len(kind))
            if kind:
                yield tick, status, kind + body[position : position + length]
            position += length
            continue
        running = status
        length = 1 if status >> 4 in (0xC, 0xD) else 2
        yield tick, status, body[position : position + length]
        position += length


def _variable_length(body: bytes, position: int) -> tuple[int, int]:
    """Read a number of seven-bit bytes; the number and the position after it."""
    value = 0
    while True:
        byte = body[position]
        position += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, position
