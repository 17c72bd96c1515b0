"""Opening recordings by what they contain: which format the first bytes are, and what else a file may be.

Messages name a file by its last part only; a path is nobody's business but the caller's.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from whitelight.audio.samples import AudioError

HEAD_BYTES = 64  # enough for every signature below
_SIGNATURES = (  # place, bytes, what begins so
    (0, b"fLaC", "FLAC"),
    (0, b"OggS", "OGG"),
    (8, b"WAVE", "WAV"),
    (0, b"riff", "WAV"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFF"),
    (0, b"caff", "CAF"),
    (0, b".snd", "AU"),
    (4, b"ftyp", "M4A"),
    (0, b"ID3", "MP3"),
)
_STRANGERS = (
    (0, b"MThd", "a MIDI file"),
    (8, b"RMID", "a MIDI file"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
    (0, b"0&\xb2u", "a WMA file"),
)


@dataclass(frozen=True, slots=True)
class Media:
    """An open recording: its name for messages, its size in bytes, and its bytes."""

    name: str
    n_bytes: int
    stream: BinaryIO
    head: bytes

    @property
    def format_name(self) -> str:
        """Format by the first bytes, "" when they tell nothing (an MP3 file without a tag, for one)."""
        return next((name for at, magic, name in _SIGNATURES if self.head[at:].startswith(magic)), "")

    @property
    def likeness(self) -> str:
        """What the file seems to be when it is no recording."""
        for at, magic, name in _STRANGERS:
            if self.head[at:].startswith(magic):
                return name
        if not self.head.strip(b"\0"):
            return "nothing but zeros"
        is_text = all(byte >= 32 or byte in b"\t\r\n" for byte in self.head)
        return "text" if is_text else f"unknown data beginning {self.head[:4].hex(' ')}"

    def tail(self, n_bytes: int) -> bytes:
        """Return the last bytes of the file."""
        self.stream.seek(max(self.n_bytes - n_bytes, 0))
        return self.stream.read(n_bytes)

    def file(self) -> int | BinaryIO:
        """What libsndfile reads: a file descriptor, which has no extension to be misled by, or the bytes."""
        self.stream.seek(0)
        return self.stream if isinstance(self.stream, io.BytesIO) else self.stream.fileno()


@contextmanager
def open_media(source: Path | bytes) -> Iterator[Media]:
    """Open a recording; a file is closed again on leaving.

    Raises
    ------
    AudioError : the file is missing, cannot be opened, is no regular file, or has no bytes.
    """
    name = source.name if isinstance(source, Path) else "audio data"
    stream: BinaryIO = _open(source) if isinstance(source, Path) else io.BytesIO(source)
    try:
        with stream:
            n_bytes = stream.seek(0, os.SEEK_END)
            if n_bytes == 0:
                raise AudioError(f"{name}: the file has no bytes, expected a recording; export it again")
            stream.seek(0)
            yield Media(name, n_bytes, stream, stream.read(HEAD_BYTES))
    except OSError as err:
        raise AudioError(f"{name}: {err.strerror or 'cannot be read'}; check the file") from err


def _open(path: Path) -> BinaryIO:
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait forever
            raise AudioError(f"{path.name}: not a regular file, expected a recording; put a file there")
        return path.open("rb", buffering=0)
    except OSError as err:
        raise AudioError(f"{path.name}: {err.strerror or 'cannot be opened'}; check the path") from err
