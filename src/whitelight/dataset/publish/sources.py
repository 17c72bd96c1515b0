"""The configs of a publication: what each holds, with which columns, and where the rows of a song come from."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from whitelight.catalog.table import BASE_TABLE_DOCS, BASE_TABLE_SCHEMA
from whitelight.dataset.columns import SEGMENT_COLUMNS
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.publish.base import read_base
from whitelight.dataset.publish.embeddings import Embedding, embedding_docs, embedding_schema, read_embedding
from whitelight.dataset.publish.preview import preview_rows
from whitelight.dataset.publish.sounds import MEDIA_DOCS, MEDIA_FIELDS, SongMedia, with_media

Tables: TypeAlias = Callable[[str], Iterator[pa.Table]]

BASE, SEGMENTS, FULL, PREVIEW = "base_manifest", "training_segments", "training_full", "preview"
EMBEDDINGS = "embeddings"
_ROW_BYTES = 100  # of metadata, compressed; an estimate, only to decide where a shard ends


@dataclass(frozen=True, slots=True)
class Config:
    """One config: a table in shards.

    Attributes
    ----------
    n_rows, n_bytes : song id → rows, and roughly how many bytes they will take.
    tables : makes the rows of one song, in pieces.
    has_media : whether rows carry sound and notes.
    is_split : whether it has the splits of the songs; else all of it is `train`.
    """

    name: str
    doc: str
    schema: pa.Schema
    column_docs: Mapping[str, str]
    n_rows: Mapping[str, int]
    n_bytes: Mapping[str, int]
    tables: Tables
    has_media: bool = False
    is_split: bool = True


def base_config(dataset: Dataset) -> Config:
    """One row per stem of the catalog, whether it made segments or not."""
    table = read_base(dataset)
    songs = table["song_id"].combine_chunks()
    counts = dict.fromkeys(dataset.song_ids, 0)
    for entry in pc.value_counts(songs).to_pylist():
        counts[entry["values"]] = entry["counts"]

    def tables(song_id: str) -> Iterator[pa.Table]:
        yield table.filter(pc.equal(table["song_id"], song_id))

    doc = "the catalog: one row per stem"
    schema = BASE_TABLE_SCHEMA.remove_metadata()
    return Config(BASE, doc, schema, BASE_TABLE_DOCS, counts, _scaled(counts, _ROW_BYTES), tables)


def segments_config(dataset: Dataset) -> Config:
    """Every row of the dataset, without media."""

    def tables(song_id: str) -> Iterator[pa.Table]:
        yield dataset.song_rows(song_id)

    counts = _row_counts(dataset)
    doc = "segment × stem and segment × view: everything but the media"
    return Config(SEGMENTS, doc, dataset.schema, segment_docs(dataset), counts, _scaled(counts, _ROW_BYTES), tables)


def full_config(dataset: Dataset) -> Config:
    """Every row of the dataset, with what it sounds like."""

    def tables(song_id: str) -> Iterator[pa.Table]:
        rows = dataset.song_rows(song_id)
        yield from with_media(rows, SongMedia.read(dataset, song_id, rows))

    counts = _row_counts(dataset)
    n_bytes = {song_id: _media_bytes(dataset, song_id) + n * _ROW_BYTES for song_id, n in counts.items()}
    doc = "the same rows with sound and notes"
    return Config(FULL, doc, _media_schema(dataset), _media_docs(dataset), counts, n_bytes, tables, has_media=True)


def preview_config(dataset: Dataset, per_class: int, *, has_media: bool) -> Config:
    """`per_class` whole segments of every class."""
    chosen = preview_rows(dataset, per_class)

    def tables(song_id: str) -> Iterator[pa.Table]:
        rows = dataset.song_rows(song_id)
        rows = rows.filter(pc.is_in(rows["row_id"], pa.array(sorted(chosen[song_id]), pa.string())))
        yield from with_media(rows, SongMedia.read(dataset, song_id, rows)) if has_media else iter([rows])

    counts = {song_id: len(its) for song_id, its in chosen.items()}
    media = "with sound and notes" if has_media else "without media"
    return Config(
        PREVIEW,
        f"up to {per_class} segments of every class, whole (view `full`), from as many songs as there are; {media}",
        _media_schema(dataset) if has_media else dataset.schema,
        _media_docs(dataset) if has_media else segment_docs(dataset),
        counts,
        _scaled(counts, _ROW_BYTES),
        tables,
        has_media=has_media,
        is_split=False,
    )


def embedding_config(dataset: Dataset, embedding: Embedding) -> Config:
    """The vectors of one encoder."""

    def tables(song_id: str) -> Iterator[pa.Table]:
        yield read_embedding(dataset, embedding, song_id)

    counts = _row_counts(dataset)
    of_what = f"`{embedding.column}`" if embedding.column else "the media"
    doc = f"vectors of {of_what} by encoder `{embedding.name}`, one for every row of `{SEGMENTS}`"
    schema = embedding_schema(embedding.dim)
    n_bytes = _scaled(counts, 4 * embedding.dim)
    return Config(f"{EMBEDDINGS}_{embedding.slug}", doc, schema, embedding_docs(), counts, n_bytes, tables)


def segment_docs(dataset: Dataset) -> dict[str, str]:
    """Return what each column of the segments means."""
    docs = {column.name: column.doc for column in SEGMENT_COLUMNS}
    return docs | {f"axis_{name}": f"modes of the class on the axis `{name}`" for name in dataset.ontology.axis_names}


def songs_with_rows(config: Config, songs: Collection[str]) -> tuple[str, ...]:
    """Return those of `songs` that have rows in a config."""
    return tuple(song_id for song_id in songs if config.n_rows.get(song_id))


def _media_bytes(dataset: Dataset, song_id: str) -> int:
    """Estimate the media of a song as published: what is stored, and a like share for every sum that is made of it."""
    stored: set[str] = set()
    n_sums = 0
    for audio_rows in dataset.song_rows(song_id, ["audio_rows"])["audio_rows"].to_pylist():
        stored.update(audio_rows)
        n_sums += len(audio_rows) > 1
    n_bytes = dataset.manifest.songs[song_id].media_bytes
    return n_bytes + (n_bytes * n_sums // len(stored) if stored else 0)


def _media_schema(dataset: Dataset) -> pa.Schema:
    schema = dataset.schema
    for field in MEDIA_FIELDS:
        schema = schema.append(field)
    return schema


def _media_docs(dataset: Dataset) -> dict[str, str]:
    return segment_docs(dataset) | MEDIA_DOCS


def _row_counts(dataset: Dataset) -> dict[str, int]:
    return {song_id: record.n_rows for song_id, record in dataset.manifest.songs.items()}


def _scaled(counts: Mapping[str, int], n_bytes: int) -> dict[str, int]:
    return {song_id: n * n_bytes for song_id, n in counts.items()}
