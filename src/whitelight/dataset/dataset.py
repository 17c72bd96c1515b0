"""Reading a dataset: metadata as one table, media song by song."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whitelight.dataset.manifest import Manifest, NotADatasetError, SongRecord, read_manifest
from whitelight.dataset.schema import check_schema, media_schema, segment_schema
from whitelight.dataset.views import VIEWS
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology


class DamagedDatasetError(WhitelightError):
    """A file that the manifest names is missing or not what it was."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset on disk; `path` is its folder."""

    path: Path
    manifest: Manifest
    ontology: Ontology

    @classmethod
    def open(cls, path: Path, *, check_hashes: bool = False) -> "Dataset":
        """Open a finished dataset.

        Parameters
        ----------
        check_hashes : read every file and compare it with the manifest.

        Raises
        ------
        NotADatasetError : no manifest, an unfinished build, another schema version.
        DamagedDatasetError : with `check_hashes`, a file that differs.
        """
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
        tables = [
            self.song_rows(song_id, needed) for song_id in self.song_ids if song_ids is None or song_id in song_ids
        ]
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
        songs = self.song_ids if wanted is None else _in_order(self.song_ids, wanted)
        for song_id in songs:
            for row_id, midi in self.song_media(song_id).items():
                if wanted is None or row_id in wanted:
                    yield row_id, midi

    def song_media(self, song_id: str) -> dict[str, bytes]:
        """Return row_id → MIDI file of one song; empty without MIDI."""
        record = self._record(song_id)
        if not record.media:
            return {}
        with _open(self.path / record.media) as parquet:
            check_schema(parquet.schema_arrow, media_schema(), record.media)
            table = parquet.read(columns=["row_id", "midi"], use_threads=False)
        return dict(zip(table["row_id"].to_pylist(), table["midi"].to_pylist(), strict=True))

    def _record(self, song_id: str) -> SongRecord:
        if song_id not in self.manifest.songs:
            raise NotADatasetError(f"{self.path} has no song '{song_id}'; it has {len(self.manifest.songs)} others")
        return self.manifest.songs[song_id]


def _in_order(song_ids: Iterable[str], row_ids: Iterable[str]) -> list[str]:
    """Songs the rows belong to: a row id is the song id and two more parts."""
    songs = {row_id.rsplit("/", 2)[0] for row_id in row_ids}
    return [song_id for song_id in song_ids if song_id in songs]


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, memory_map=False)
    except (OSError, pa.ArrowException) as err:
        raise DamagedDatasetError(
            f"{file} cannot be read ({str(err).splitlines()[0]}); build the dataset again"
        ) from err
