"""The parquet contract: versioned schemas made from `columns`, checked on write and on read.

Media lie in files of their own, so that reading metadata never reads music.
"""

from collections.abc import Sequence

import pyarrow as pa

from whitelight.dataset.columns import DROPPED_COLUMNS, MEDIA_COLUMNS, SEGMENT_COLUMNS, STRINGS, Column
from whitelight.errors import WhitelightError

SCHEMA_VERSION = 2


class SchemaError(WhitelightError):
    """A table does not have the columns of the contract."""


def segment_schema(axis_names: Sequence[str]) -> pa.Schema:
    """Return the schema of the segments: `SEGMENT_COLUMNS`, then `axis_<name>` with the class's modes per axis."""
    axes = [Column(f"axis_{name}", STRINGS, "modes of the class on the axis") for name in axis_names]
    return _schema([*SEGMENT_COLUMNS, *axes])


def media_schema() -> pa.Schema:
    """Return the schema of the media files."""
    return _schema(MEDIA_COLUMNS)


def dropped_schema() -> pa.Schema:
    """Return the schema of ``dropped.parquet``."""
    return _schema(DROPPED_COLUMNS)


def check_schema(found: pa.Schema, expected: pa.Schema, where: str) -> None:
    """Refuse a table whose columns are not those of the contract, in order, type and nullability.

    Raises
    ------
    SchemaError : the first column that differs.
    """
    if found.equals(expected, check_metadata=False):
        return
    names = ", ".join(sorted(set(expected.names) ^ set(found.names)))
    if names:
        raise SchemaError(f"{where}: columns differ from schema {SCHEMA_VERSION} in {names}; build the dataset again")
    wrong = next((f, e) for f, e in zip(found, expected, strict=True) if not f.equals(e))
    raise SchemaError(f"{where}: column {wrong[0]}, expected {wrong[1]}; build the dataset again")


def _schema(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema([pa.field(c.name, c.type, nullable=c.is_nullable) for c in columns])
