"""The parquet contract: every column with its type and meaning, versioned, checked on write and on read.

Media lie in files of their own, so that reading metadata never reads music. Texts are "" and lists empty where there
is nothing; numbers are null where they are not known. `docs/formats.md` holds this table, and a test compares them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from whitelight.errors import WhitelightError

SCHEMA_VERSION = 1

_STRING, _FLOAT, _BOOL, _STRINGS = pa.string(), pa.float64(), pa.bool_(), pa.list_(pa.string())


class SchemaError(WhitelightError):
    """A table does not have the columns of the contract."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, whether a value may be missing, and what it means."""

    name: str
    type: pa.DataType
    doc: str
    is_nullable: bool = False


SEGMENT_COLUMNS = (
    Column("row_id", _STRING, "`<song_id>/<segment, 4 digits>/<view>` or `…/stem-<number>`; unique"),
    Column("segment_id", _STRING, "`<song_id>/<segment, 4 digits>`; shared by the rows of one segment"),
    Column("song_id", _STRING, "song, or clip, as in the catalog"),
    Column("group_id", _STRING, "source song; splits never separate rows of one group"),
    Column("split", _STRING, "split the catalog was imported with, else empty"),
    Column("kind", _STRING, "`view` or `stem`"),
    Column("view", _STRING, "`full`, `chords`, `bass`, `drums`, `melody`, `lyrics`; of a stem its own, or `other`"),
    Column("view_source", _STRING, "`stem` or `voices`: what the view was made from; empty without MIDI"),
    Column("stem_id", _STRING, "stem of a `stem` row, else empty"),
    Column("stem_description", _STRING, "as in the manifest, of a `stem` row"),
    Column("role", _STRING, "role of the section: intro, verse, chorus, …"),
    Column("policy", _STRING, "rule that cut the segment, as `lines:line`, `lines:gap`, `sections:section:split`"),
    Column("class_name", _STRING, "class of the ontology, empty when unknown"),
    Column("start_s", _FLOAT, "seconds from the start of the song"),
    Column("end_s", _FLOAT, "seconds; above `start_s`, never past the end of the song"),
    Column("duration_s", _FLOAT, "seconds, above 0"),
    Column("start_bar", _FLOAT, "bars from the start of the song, 0.0 is the first bar line", is_nullable=True),
    Column("end_bar", _FLOAT, "as `start_bar`", is_nullable=True),
    Column("section", _STRING, "name of the section that covers most of the segment"),
    Column(
        "tempo_bpm", _FLOAT, "mean of the MIDI in the segment, else the manifest's; quarter notes", is_nullable=True
    ),
    Column("meter", _STRING, "`4/4`, of the MIDI at the start of the segment, else the manifest's"),
    Column("musical_key", _STRING, "`F# minor`, of the manifest, else of the MIDI"),
    Column("lyric_text", _STRING, "lines sung in the segment, one per row of text"),
    Column("concept", _STRING, "the song's concept; constant within a song"),
    Column("mood", _STRINGS, "as in the manifest"),
    Column("genres", _STRINGS, "as in the manifest"),
    Column("sounds_like", _STRINGS, "names of artists, as in the manifest"),
    Column("player", _STRING, "who plays the stem"),
    Column("has_audio", _BOOL, "the audio file is there (it is not cut yet)"),
    Column("has_midi", _BOOL, "the media file has MIDI for this row, with at least one note"),
    Column("has_lyric", _BOOL, "`lyric_text` is not empty and belongs to this row"),
    Column("n_notes", pa.int32(), "notes of the row's MIDI"),
    Column("content_type", _STRING, "MIME type of the row's media, empty without"),
    Column("audio_file", _STRING, "relative to the catalog, empty without"),
    Column("midi_file", _STRING, "relative to the catalog; empty when merged from several"),
    Column("source_sha256", _STRING, "of the MIDI file, or of all files merged"),
    Column("time_code_encoding", _STRING, "how the time codes that cut the segment were read"),
    Column("tool_version", _STRING, "whitelight that made the row"),
)
MEDIA_COLUMNS = (
    Column("row_id", _STRING, "as in the segments"),
    Column("content_type", _STRING, "`audio/midi`"),
    Column("midi", pa.binary(), "a whole MIDI file: tempo map, meter, key, names and held notes of the slice"),
)
DROPPED_COLUMNS = (
    Column("song_id", _STRING, "song"),
    Column("segment_id", _STRING, "segment, or empty for the whole song"),
    Column("part", _STRING, "view or `stem-<number>` that makes no row"),
    Column("reason", _STRING, "why"),
)


def segment_schema(axis_names: Sequence[str]) -> pa.Schema:
    """Return the schema of the segments: `SEGMENT_COLUMNS`, then `axis_<name>` with the class's modes per axis."""
    axes = [Column(f"axis_{name}", _STRINGS, "modes of the class on the axis") for name in axis_names]
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
