"""Reading a dataset: metadata as one table, media song by song."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whitelight.dataset.manifest import Manifest, NotADatasetError, SongRecord, read_manifest
from whitelight.dataset.media_file import read_audio_column, read_midi_column
from whitelight.dataset.schema import check_schema, media_schema, segment_schema
from whitelight.dataset.views import VIEWS
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology

if TYPE_CHECKING:
    from whitelight.audio import Audio

_READERS = min(os.cpu_count() or 1, 8)


class DamagedDatasetError(WhitelightError):
    """A file that the manifest names is missing or not what it was."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset on disk; `path` is its folder."""

    path: Path
    manifest: Manifest
    ontology: Ontology

    @classmethod
    def open(cls, path: Path | str, *, check_hashes: bool = False) -> "Dataset":
        """Open a finished dataset.

        Parameters
        ----------
        check_hashes : read every file and compare it with the manifest.

        Raises
        ------
        NotADatasetError : no manifest, an unfinished build, another schema version.
        DamagedDatasetError : with `check_hashes`, a file that differs.
        """
        path = Path(path)
        manifest = read_manifest(path)
        dataset = cls(path, manifest, Ontology.from_dict(manifest.ontology, source=str(path)))
        if check_hashes:
            for record in manifest.songs.values():
                for file, expected in ((record.shard, record.sha256), (record.media, record.media_sha256)):
                    if file:
                        dataset.check_file(file, expected)
        return dataset

    def check_file(self, file: str, expected: str) -> None:
        """Compare a file with its hash in the manifest."""
        try:
            found = sha256((self.path / file).read_bytes()).hexdigest()
        except OSError as err:
            raise DamagedDatasetError(f"{self.path / file}: {err.strerror}; build the dataset again") from err
        if found != expected:
            message = "does not have the hash the manifest states; build the dataset again"
            raise DamagedDatasetError(f"{self.path / file}: {message}")

    @property
    def schema(self) -> pa.Schema:
        """Schema of the segments."""
        return segment_schema(self.ontology.axis_names)

    @property
    def song_ids(self) -> tuple[str, ...]:
        """Songs, in order."""
        return tuple(self.manifest.songs)

    def rows(
        self,
        columns: Sequence[str] | None = None,
        views: Collection[str] | None = None,
        *,
        kind: str | None = "view",
        song_ids: Collection[str] | None = None,
    ) -> pa.Table:
        """Return metadata rows in the order of songs and segments.

        Parameters
        ----------
        columns : names to read; all when None.
        views : keep these views; all when None.
        kind : "view" rows (the default), "stem" rows, or both when None.
        song_ids : keep these songs; all when None.
        """
        unknown = set(views or ()) - {*VIEWS, "other"} or set(columns or ()) - set(self.schema.names)
        if unknown:
            raise ValueError(f"no view or column {sorted(unknown)}; views are {VIEWS}, columns {self.schema.names}")
        needed = None if columns is None else list(dict.fromkeys([*columns, "view", "kind"]))
        chosen = [song_id for song_id in self.song_ids if song_ids is None or song_id in song_ids]
        with ThreadPoolExecutor(_READERS) as pool:  # reading parquet leaves Python alone most of the time
            tables = list(pool.map(lambda song_id: self.song_rows(song_id, needed), chosen))
        empty = self.schema if needed is None else pa.schema([self.schema.field(name) for name in needed])
        table = pa.concat_tables(tables) if tables else empty.empty_table()
        if kind is not None:
            table = table.filter(pc.equal(table["kind"], kind))
        if views is not None:
            table = table.filter(pc.is_in(table["view"], pa.array(sorted(views), pa.string())))
        return table if columns is None else table.select(list(columns))

    def song_rows(self, song_id: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return all rows of one song, checked against the schema."""
        record = self._record(song_id)
        with _open(self.path / record.shard) as parquet:
            check_schema(parquet.schema_arrow, self.schema, record.shard)
            table = parquet.read(columns=list(columns) if columns is not None else None, use_threads=False)
        return (
            table.replace_schema_metadata(None)
            if columns is None
            else table.select(list(columns)).replace_schema_metadata(None)
        )

    def media(self, row_ids: Iterable[str] | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield (row_id, MIDI file) song by song, in the order of the rows; only those in `row_ids` when given.

        One song is in memory at a time. Rows without MIDI are not there.
        """
        wanted = None if row_ids is None else set(row_ids)
        for song_id in self._songs_of(wanted):
            for row_id, midi in self.song_media(song_id).items():
                if wanted is None or row_id in wanted:
                    yield row_id, midi

    def song_media(self, song_id: str) -> dict[str, bytes]:
        """Return row_id → MIDI file of one song in the order of the rows; empty without MIDI. Audio is not read."""
        record = self._record(song_id)
        if not record.media:
            return {}
        with self._media_file(record) as parquet:
            found = dict(read_midi_column(parquet))
            is_in_order = parquet.num_row_groups == 1
        if is_in_order or not found:
            return found
        order = self.song_rows(song_id, ["row_id"])["row_id"].to_pylist()
        return {row_id: found[row_id] for row_id in order if row_id in found}

    def song_audio(self, song_id: str, row_ids: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield (row_id, FLAC file) as stored, recording by recording, one recording in memory.

        Rows that are sums of others are not there: their column `audio_rows` names what to add, see `audio`.

        Parameters
        ----------
        row_ids : only these; all when None.
        """
        record = self._record(song_id)
        if record.media:
            with self._media_file(record) as parquet:
                yield from read_audio_column(parquet, None if row_ids is None else set(row_ids))

    def audio(self, row_ids: Iterable[str] | None = None) -> Iterator[tuple[str, "Audio"]]:
        """Yield (row_id, what the row sounds like): the audio of its `audio_rows`, decoded and added.

        Song by song, in the order of the rows; rows without audio are not there. What is in memory is the FLAC of the
        song's wanted rows, and one of them decoded.
        """
        from whitelight.audio import decode_flac, mix  # noqa: PLC0415  most readers want no audio

        wanted = None if row_ids is None else set(row_ids)
        for song_id in self._songs_of(wanted):
            table = self.song_rows(song_id, ["row_id", "audio_rows"]).to_pylist()
            rows = {r["row_id"]: r["audio_rows"] for r in table if wanted is None or r["row_id"] in wanted}
            needed = {row_id for parts in rows.values() for row_id in parts}
            stored = dict(self.song_audio(song_id, needed)) if needed else {}
            for row_id, parts in rows.items():
                if parts:
                    yield row_id, mix([decode_flac(stored[part]) for part in parts])

    def _songs_of(self, row_ids: set[str] | None) -> tuple[str, ...]:
        """Songs the rows belong to, all when None: a row id is the song id and two more parts."""
        songs = None if row_ids is None else {row_id.rsplit("/", 2)[0] for row_id in row_ids}
        return tuple(song_id for song_id in self.song_ids if songs is None or song_id in songs)

    @contextmanager
    def _media_file(self, record: SongRecord) -> Iterator[pq.ParquetFile]:
        with _open(self.path / record.media) as parquet:
            check_schema(parquet.schema_arrow, media_schema(), record.media)
            try:
                yield parquet
            except pa.ArrowException as err:
                raise _damaged(self.path / record.media, err) from err

    def _record(self, song_id: str) -> SongRecord:
        if song_id not in self.manifest.songs:
            raise NotADatasetError(f"{self.path} has no song '{song_id}'; it has {len(self.manifest.songs)} others")
        return self.manifest.songs[song_id]


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, memory_map=False)
    except (OSError, pa.ArrowException) as err:
        raise _damaged(file, err) from err


def _damaged(file: Path, err: Exception) -> DamagedDatasetError:
    return DamagedDatasetError(f"{file} cannot be read ({str(err).splitlines()[0]}); build the dataset again")
