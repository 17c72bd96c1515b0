"""Parquet files as they are published: row groups small enough to stream, media apart from what describes them."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.publish.features import leaf_paths, with_features

GROUP_ROWS, GROUP_ROWS_MEDIA = 2_000, 100  # the hub's viewer reads whole groups; 100 rows is what it advises for sound
GROUP_BYTES = 32 * 2**20
SOUND = "audio.bytes"  # as parquet calls the column


def write_shard(file: Path, schema: pa.Schema, tables: Iterable[pa.Table], *, has_media: bool) -> None:
    """Write tables as one parquet file, complete or not there.

    At most one row group and one table are in memory.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    limit = GROUP_ROWS_MEDIA if has_media else GROUP_ROWS
    waiting: list[pa.Table] = []
    with pq.ParquetWriter(temporary, with_features(schema), **_options(schema)) as writer:
        for table in tables:
            for start in range(0, table.num_rows, limit):
                waiting.append(table.slice(start, limit))
                if sum(t.num_rows for t in waiting) >= limit or sum(t.nbytes for t in waiting) >= GROUP_BYTES:
                    _flush(writer, schema, waiting, limit)
        _flush(writer, schema, waiting, limit)
    temporary.replace(file)


def _flush(writer: pq.ParquetWriter, schema: pa.Schema, waiting: list[pa.Table], limit: int) -> None:
    """Write what waits in groups of `limit` rows."""
    if waiting:
        writer.write_table(pa.concat_tables(waiting).cast(with_features(schema)), row_group_size=limit)
        waiting.clear()


def _options(schema: pa.Schema) -> dict[str, Any]:
    """Compress everything but sound, which is; keep statistics off the media.

    A dictionary of a whole row group stores media that rows share once: a bass part is often one stem, and its bytes
    are then those of the stem.
    """
    leaves = leaf_paths(schema)
    return {
        "compression": {path: "none" if path == SOUND else "zstd" for path in leaves},
        "use_dictionary": [
            path for path, kind in leaves.items() if pa.types.is_string(kind) or pa.types.is_binary(kind)
        ],
        "dictionary_pagesize_limit": 4 * GROUP_BYTES,
        "write_statistics": [path for path, kind in leaves.items() if not pa.types.is_binary(kind)],
        "write_page_index": True,
    }
