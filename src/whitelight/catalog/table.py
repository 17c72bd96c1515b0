"""The base table: one row per stem, the catalog as other tools read it.

The schema is written down here and carries its version; a file of another version is refused. Rows are in the order
of the songs' ids and, within a song, of its manifest. Paths are relative to the catalog's root.
"""

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.catalog.song import Catalog, Song, Stem
from whitelight.errors import WhitelightError
from whitelight.files import write_atomic

BASE_TABLE_VERSION = "1"
_TEXTS = pa.list_(pa.string())
BASE_TABLE_SCHEMA = pa.schema(
    [
        pa.field("song_id", pa.string(), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("stem_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("class_name", pa.string(), nullable=False),
        pa.field("album", pa.string(), nullable=False),
        pa.field("sequence", pa.int32()),
        pa.field("release_date", pa.string(), nullable=False),
        pa.field("tempo_bpm", pa.float64()),
        pa.field("meter", pa.string()),
        pa.field("musical_key", pa.string()),
        pa.field("duration_s", pa.float64(), nullable=False),
        pa.field("n_sections", pa.int32(), nullable=False),
        pa.field("n_lyric_lines", pa.int32(), nullable=False),
        pa.field("sections", _TEXTS, nullable=False),
        pa.field("section_starts_s", pa.list_(pa.float64()), nullable=False),
        pa.field("mood", _TEXTS, nullable=False),
        pa.field("genres", _TEXTS, nullable=False),
        pa.field("sounds_like", _TEXTS, nullable=False),
        pa.field("concept", pa.string(), nullable=False),
        pa.field("description", pa.string(), nullable=False),
        pa.field("view", pa.string(), nullable=False),
        pa.field("group", pa.string(), nullable=False),
        pa.field("player", pa.string(), nullable=False),
        pa.field("audio_file", pa.string()),
        pa.field("midi_file", pa.string()),
        pa.field("has_audio", pa.bool_(), nullable=False),
        pa.field("has_midi", pa.bool_(), nullable=False),
        pa.field("main_audio_file", pa.string()),
        pa.field("main_midi_file", pa.string()),
        pa.field("lyrics_file", pa.string()),
        pa.field("manifest_file", pa.string(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
    ],
    metadata={"whitelight.table": "base_manifest", "whitelight.version": BASE_TABLE_VERSION},
)
BASE_TABLE_DOCS = {  # what each column means; `docs/formats.md` repeats it
    "song_id": "song",
    "group_id": "source song",
    "split": "split it was imported with, else empty",
    "stem_id": "`<song_id>/<number>`",
    "title": "of the song",
    "class_name": "class, empty when unknown",
    "album": "of the manifest, else of the class",
    "sequence": "place on the album",
    "release_date": "as written",
    "tempo_bpm": "quarter notes per minute",
    "meter": "`4/4`",
    "musical_key": "`F# minor`",
    "duration_s": "of the song",
    "n_sections": "of the song",
    "n_lyric_lines": "of the song",
    "sections": "names",
    "section_starts_s": "as they are used, in order",
    "mood": "of the song",
    "genres": "of the song",
    "sounds_like": "names",
    "concept": "of the song",
    "description": "of the stem",
    "view": "`chords`, `bass`, `drums`, `melody`, `full`, `other`",
    "group": "of the stem",
    "player": "of the stem",
    "audio_file": "of the stem",
    "midi_file": "of the stem",
    "has_audio": "the file is there",
    "has_midi": "the file is there",
    "main_audio_file": "of the song",
    "main_midi_file": "of the song",
    "lyrics_file": "LRC that was read",
    "manifest_file": "manifest",
    "content_hash": "SHA-256 of manifest, lyrics and media",
}


class TableError(WhitelightError):
    """A file is no base table of this version."""


def base_table(catalog: Catalog) -> pa.Table:
    """Return the base table of a catalog."""
    rows = [_row(song, stem) for song in catalog.songs for stem in song.stems]
    return pa.Table.from_pylist(rows, schema=BASE_TABLE_SCHEMA)


def write_base_table(catalog: Catalog, out: Path) -> int:
    """Write the base table as parquet and return its number of rows; the same catalog gives the same bytes."""
    table = base_table(catalog)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    write_atomic(Path(out), buffer.getvalue())
    return int(table.num_rows)


def read_base_table(path: Path) -> pa.Table:
    """Read a base table.

    Raises
    ------
    TableError : not parquet, not a base table, or of another version.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as err:
        raise TableError(
            f"{Path(path).name}: not a readable parquet file; write it again with 'catalog table'"
        ) from err
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    version = metadata.get("whitelight.version")
    if metadata.get("whitelight.table") != "base_manifest" or version != BASE_TABLE_VERSION:
        raise TableError(
            f"{Path(path).name}: found table '{metadata.get('whitelight.table')}' version {version}, expected base_manifest "
            f"version {BASE_TABLE_VERSION}; write it again with 'catalog table'"
        )
    if not table.schema.equals(BASE_TABLE_SCHEMA):
        raise TableError(
            f"{Path(path).name}: its columns are not those of version {BASE_TABLE_VERSION}; write it again"
        )
    return table


def _row(song: Song, stem: Stem) -> dict[str, Any]:
    return {
        "song_id": song.song_id,
        "group_id": song.group_id,
        "split": song.split,
        "stem_id": stem.stem_id,
        "title": song.title,
        "class_name": song.class_name,
        "album": song.album,
        "sequence": song.sequence,
        "release_date": song.release_date,
        "tempo_bpm": song.tempo_bpm,
        "meter": str(song.meter) if song.meter is not None else None,
        "musical_key": str(song.musical_key) if song.musical_key is not None else None,
        "duration_s": song.duration_s,
        "n_sections": len(song.sections),
        "n_lyric_lines": len(song.lyric_lines),
        "sections": [section.name for section in song.sections],
        "section_starts_s": [section.start_s for section in song.sections],
        "mood": list(song.mood),
        "genres": list(song.genres),
        "sounds_like": list(song.sounds_like),
        "concept": song.concept,
        "description": stem.description,
        "view": stem.view,
        "group": stem.group,
        "player": stem.player,
        "audio_file": stem.audio_file,
        "midi_file": stem.midi_file,
        "has_audio": stem.has_audio,
        "has_midi": stem.has_midi,
        "main_audio_file": song.main_audio_file,
        "main_midi_file": song.main_midi_file,
        "lyrics_file": song.lyrics_file,
        "manifest_file": song.manifest_file,
        "content_hash": song.content_hash,
    }
