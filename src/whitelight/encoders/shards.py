"""Feature files: one parquet file per song and encoder, complete or not there.

Columns: `row_id`, `has` (the row has something to encode), `vector` (float32, fixed length; zeros where `has` is
false). The file's metadata name the encoder and the source it was made from, so that a file tells by itself
whether it is still good.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

_SOURCE, _FINGERPRINT = b"whitelight.source", b"whitelight.encoder"


class FeatureFileError(WhitelightError):
    """A feature file is missing, damaged, or not what was asked for."""


@dataclass(frozen=True, slots=True)
class FeatureShard:
    """Vectors of one song: row ids, shape (n,) flags and shape (n, dim) float32."""

    row_ids: tuple[str, ...]
    has: NDArray[np.bool_]
    vectors: NDArray[np.float32]


def shard_schema(dim: int) -> pa.Schema:
    """Return the schema of a feature file."""
    return pa.schema(
        [
            pa.field("row_id", pa.string(), nullable=False),
            pa.field("has", pa.bool_(), nullable=False),
            pa.field("vector", pa.list_(pa.field("item", pa.float32(), nullable=False), dim), nullable=False),
        ]
    )


def write_shard(file: Path, shard: FeatureShard, *, source: str, fingerprint: str) -> None:
    """Write a feature file atomically.

    Raises
    ------
    FeatureFileError : the vectors are not float32 or not finite.
    """
    if shard.vectors.dtype != np.float32 or not np.isfinite(shard.vectors).all():
        raise FeatureFileError(f"{file.name}: vectors are {shard.vectors.dtype}, expected finite float32")
    dim = shard.vectors.shape[1]
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(shard.vectors.ravel()), type=pa.list_(pa.field("item", pa.float32(), nullable=False), dim)
    )
    schema = shard_schema(dim).with_metadata({_SOURCE: source, _FINGERPRINT: fingerprint})
    table = pa.Table.from_arrays([pa.array(shard.row_ids, pa.string()), pa.array(shard.has), vectors], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, write_statistics=False)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_bytes(sink.getvalue())
    temporary.replace(file)  # enough against a killed process; a file torn by a power cut is no parquet and made again


def is_current(file: Path, *, source: str, fingerprint: str) -> bool:
    """Tell whether a complete feature file of this source and encoder is there."""
    try:
        metadata = pq.read_schema(file).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return metadata.get(_SOURCE) == source.encode() and metadata.get(_FINGERPRINT) == fingerprint.encode()


def read_shard(file: Path, dim: int, *, source: str, fingerprint: str) -> FeatureShard:
    """Read a feature file.

    Raises
    ------
    FeatureFileError : missing, damaged, made by another encoder, from another source, or not float32.
    """
    advice = "run embed again"
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException) as err:
        raise FeatureFileError(f"{file} cannot be read ({str(err).splitlines()[0]}); {advice}") from err
    metadata = table.schema.metadata or {}
    if not table.schema.equals(shard_schema(dim), check_metadata=False):
        raise FeatureFileError(f"{file}: columns {table.schema.names}, expected float32 vectors of {dim}; {advice}")
    if metadata.get(_FINGERPRINT) != fingerprint.encode():
        raise FeatureFileError(f"{file} was made by another encoder than {fingerprint[:12]}; {advice}")
    if metadata.get(_SOURCE) != source.encode():
        raise FeatureFileError(f"{file} was made from an older dataset; {advice}")
    return FeatureShard(_texts(table["row_id"]), _flags(table["has"]), _matrix(table["vector"], dim))


def read_flags(file: Path) -> NDArray[np.bool_]:
    """Read which rows of a feature file have a vector.

    Raises
    ------
    FeatureFileError : missing or damaged.
    """
    try:
        return _flags(pq.read_table(file, columns=["has"])["has"])
    except (OSError, pa.ArrowException) as err:
        raise FeatureFileError(f"{file} cannot be read ({str(err).splitlines()[0]}); run embed again") from err


def _texts(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(str(value) for value in column.to_pylist())


def _flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(column.to_numpy(), np.bool_)


def _matrix(column: pa.ChunkedArray, dim: int) -> NDArray[np.float32]:
    chunks: Sequence[pa.FixedSizeListArray] = column.chunks
    flat = [np.asarray(chunk.flatten().to_numpy(zero_copy_only=False), np.float32) for chunk in chunks]
    return np.concatenate([np.zeros(0, np.float32), *flat]).reshape(-1, dim)
