"""The media file of a song: MIDI and audio of its rows, written group by group so that one stem is in memory.

A group holds the rows of one recording, and the last group what has MIDI only. Columns lie apart within a group, so
MIDI is read without touching audio. The file is written under a temporary name and renamed when it is whole.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.schema import media_schema
from whitelight.dataset.shards import MEDIA
from whitelight.dataset.sound import content_type


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """A FLAC file and what its header says."""

    flac: bytes
    sample_rate: int
    n_channels: int
    n_samples: int


@dataclass(frozen=True, slots=True)
class MediaRow:
    """What is stored of one row; at least one of the two."""

    row_id: str
    midi: bytes | None = None
    audio: StoredAudio | None = None


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A finished media file: its name relative to the dataset, its hash and its size; empty when nothing was written."""

    media: str = ""
    media_sha256: str = ""
    media_bytes: int = 0


class MediaWriter:
    """Writes the media file of a song; a file from before is gone when nothing is written.

    Parameters
    ----------
    out : folder of the dataset.
    name : name of the file.
    """

    def __init__(self, out: Path, name: str) -> None:
        self._file = out / MEDIA / name
        self._temporary = self._file.with_name(f".{name}.{os.getpid()}.tmp")
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, rows: Sequence[MediaRow]) -> None:
        """Write a group of rows; nothing when there are none."""
        if not rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._temporary,
                media_schema(),
                compression={name: "none" if name == "audio" else "zstd" for name in media_schema().names},
                use_dictionary=False,
                write_statistics=False,
            )
        self._writer.write_table(_table(rows), row_group_size=len(rows))

    def finish(self) -> MediaRecord:
        """Close the file and rename it into place."""
        if self._writer is None:
            self._file.unlink(missing_ok=True)
            return MediaRecord()
        self._writer.close()
        self._writer = None
        with self._temporary.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        n_bytes = self._temporary.stat().st_size
        self._temporary.replace(self._file)
        return MediaRecord(f"{MEDIA}/{self._file.name}", digest, n_bytes)


def read_midi_column(parquet: pq.ParquetFile) -> Iterator[tuple[str, bytes]]:
    """Yield (row id, MIDI file) of an open media file in its order; audio is not read."""
    table = parquet.read(columns=["row_id", "midi"], use_threads=False)
    for row_id, midi in zip(table["row_id"].to_pylist(), table["midi"].to_pylist(), strict=True):
        if midi is not None:
            yield row_id, midi


def read_audio_column(parquet: pq.ParquetFile, wanted: set[str] | None) -> Iterator[tuple[str, bytes]]:
    """Yield (row id, FLAC file) of an open media file, one group in memory; groups without a wanted row are skipped."""
    for group in range(parquet.num_row_groups):
        ids = parquet.read_row_group(group, columns=["row_id"], use_threads=False)["row_id"].to_pylist()
        if wanted is not None and not wanted.intersection(ids):
            continue
        column = parquet.read_row_group(group, columns=["audio"], use_threads=False)["audio"]
        for row_id, audio in zip(ids, column, strict=True):
            if audio.is_valid and (wanted is None or row_id in wanted):
                yield row_id, audio.as_py()


def _table(rows: Sequence[MediaRow]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "row_id": [row.row_id for row in rows],
        "content_type": [content_type(has_audio=bool(row.audio), has_midi=row.midi is not None) for row in rows],
        "midi": [row.midi for row in rows],
        "audio": [row.audio.flac if row.audio else None for row in rows],
        **{
            name: [getattr(row.audio, name) if row.audio else None for row in rows]
            for name in ("sample_rate", "n_channels", "n_samples")
        },
    }
    return pa.table(columns, schema=media_schema())
