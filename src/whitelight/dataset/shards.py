"""Files of one song: its segments and its media, each complete or not there.

The media are renamed into place first, the segments last; the segments carry the song's record, so a song counts as
built exactly when its segments are there. A rename is enough against a killed process; `build` asks the system to
write everything to disk once, before the manifest.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.manifest import SongRecord
from whitelight.dataset.rows import SongRows
from whitelight.dataset.schema import segment_schema
from whitelight.errors import WhitelightError

SEGMENTS, MEDIA, DROPPED = "segments", "media", "dropped.parquet"
_RECORD = b"whitelight.song"
_ROW_GROUP_ROWS = 4096
_DICTIONARY_ROWS = 64


class UnsafeSongIdError(WhitelightError):
    """A song id cannot be a file name."""


def shard_name(song_id: str) -> str:
    """Return the file name of a song's shards.

    Raises
    ------
    UnsafeSongIdError : the id would leave the folder or hide the file.
    """
    if not song_id or song_id.startswith(".") or set(song_id) & set("/\\\0") or len(song_id.encode()) > 200:
        raise UnsafeSongIdError(f"song id {song_id!r} cannot be a file name; give a short id without / or leading dot")
    return f"{song_id}.parquet"


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What a shard says about its song; `dropped` are (segment_id, part, reason)."""

    record: SongRecord
    dropped: list[tuple[str, str, str]]


def write_segments(out: Path, rows: SongRows, record: SongRecord, axis_names: Sequence[str]) -> None:
    """Write the segments of one song with its record, which says that the song is built; its media are there."""
    table = pa.Table.from_pylist(rows.segments, schema=segment_schema(axis_names))
    stored = {"record": record.model_dump(by_alias=True), "dropped": rows.dropped}
    table = table.replace_schema_metadata({_RECORD: json.dumps(stored, ensure_ascii=False)})
    _replace(out / record.shard, _parquet(table, compression="none"))


def read_record(out: Path, song_id: str) -> StoredRecord | None:
    """Return the record a shard carries and what was dropped; None where no complete pair of files is there."""
    file = out / SEGMENTS / shard_name(song_id)
    try:
        content = file.read_bytes()
        stored = json.loads(pq.read_schema(pa.BufferReader(content)).metadata[_RECORD])
        record = SongRecord.model_validate(stored["record"])
        if record.media and (out / record.media).stat().st_size != record.media_bytes:
            return None
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None
    dropped = [(str(segment), str(part), str(reason)) for segment, part, reason in stored["dropped"]]
    return StoredRecord(record.model_copy(update={"sha256": sha256(content).hexdigest()}), dropped)


def is_whole(out: Path, record: SongRecord) -> bool:
    """Whether the files of a song are those its record was written for; the media by their size."""
    try:
        is_same = sha256((out / record.shard).read_bytes()).hexdigest() == record.sha256
        return is_same and (not record.media or (out / record.media).stat().st_size == record.media_bytes)
    except OSError:
        return False


def _parquet(table: pa.Table, *, compression: str) -> bytes:
    """Return a table as parquet.

    Most columns of a song repeat few values, so dictionaries make files of many rows 13 times smaller and no slower to
    read; tables of a few rows gain nothing from them, nor from statistics.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression=compression,
        use_dictionary=len(table) >= _DICTIONARY_ROWS,
        write_statistics=False,
        row_group_size=_ROW_GROUP_ROWS,
    )
    content: Any = sink.getvalue()
    return bytes(content)


def write_table(file: Path, table: pa.Table) -> None:
    """Write a whole table so that `file` is the old or the new one."""
    _replace(file, _parquet(table, compression="zstd"))


def _replace(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(file)
