"""What differs from a previous build: songs, rows by their id and content, classes; also of another schema version.

Both builds are read as parquet, without the schema of today, so that an old one can still be compared. Songs whose
files have the same hashes in both are not read at all.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.manifest import MANIFEST, NotADatasetError
from whitelight.dataset.verify.coverage import coverage_by_class
from whitelight.dataset.verify.records import Delta

MEDIA_NAME = "media"
_NOT_CONTENT = {"tool_version"}  # says who wrote a row, not what is in it
_FOR_COVERAGE = ("class_name", "segment_id", "duration_s", "has_audio", "has_midi", "has_lyric")


@dataclass(frozen=True, slots=True)
class _Build:
    """A finished build of any schema version; `songs` are the records of its manifest."""

    path: Path
    schema_version: int
    songs: Mapping[str, Mapping[str, Any]]

    def rows(self, song_id: str, columns: list[str] | None = None) -> pa.Table:
        with pq.ParquetFile(self.path / self.songs[song_id]["shard"]) as parquet:
            return parquet.read(columns=columns, use_threads=False)

    def media_hashes(self, song_id: str) -> dict[str, str]:
        """Hash of the media of each row, whatever columns they are in."""
        file = self.songs[song_id]["media"]
        if not file:
            return {}
        hashes: dict[str, str] = {}
        with pq.ParquetFile(self.path / file) as parquet:
            for group in range(parquet.num_row_groups):  # one stem in memory at a time
                for row in parquet.read_row_group(group, use_threads=False).to_pylist():
                    parts = (value for value in row.values() if isinstance(value, bytes))
                    hashes[row["row_id"]] = sha256(b"\0".join(parts)).hexdigest()
        return hashes


def compare_builds(new: Path, old: Path, *, song_ids: set[str] | None = None) -> Delta:
    """Compare a build with a previous one.

    Parameters
    ----------
    song_ids : compare these songs only; all when None.

    Raises
    ------
    NotADatasetError : either is no finished dataset.
    """
    ours, theirs = _open(new), _open(old)
    wanted = {*ours.songs, *theirs.songs} if song_ids is None else song_ids
    added = sorted((wanted & ours.songs.keys()) - theirs.songs.keys())
    removed = sorted((wanted & theirs.songs.keys()) - ours.songs.keys())
    rows_added = [row_id for song_id in added for row_id in _row_ids(ours, song_id)]
    rows_removed = [row_id for song_id in removed for row_id in _row_ids(theirs, song_id)]
    rows_changed: list[str] = []
    songs_changed: list[str] = []
    columns: Counter[str] = Counter()
    for song_id in sorted(wanted & ours.songs.keys() & theirs.songs.keys()):
        if _is_same(ours, theirs, song_id):
            continue
        new_rows, old_rows = _rows_by_id(ours, song_id), _rows_by_id(theirs, song_id)
        changed = {
            row_id: differing
            for row_id in new_rows
            if row_id in old_rows and (differing := _differing(new_rows[row_id], old_rows[row_id]))
        }
        columns.update(name for names in changed.values() for name in names)
        rows_changed += changed
        rows_added += [row_id for row_id in new_rows if row_id not in old_rows]
        rows_removed += [row_id for row_id in old_rows if row_id not in new_rows]
        if changed or new_rows.keys() != old_rows.keys():
            songs_changed.append(song_id)
    new_names, old_names = _columns(ours), _columns(theirs)
    return Delta(
        old=old.name,
        songs_added=tuple(added),
        songs_removed=tuple(removed),
        songs_changed=tuple(songs_changed),
        rows_added=tuple(rows_added),
        rows_removed=tuple(rows_removed),
        rows_changed=tuple(rows_changed),
        changed_columns=dict(columns.most_common()),
        columns_added=tuple(name for name in new_names if name not in old_names),
        columns_removed=tuple(name for name in old_names if name not in new_names),
        coverage_before=coverage_by_class(
            _for_coverage(theirs, wanted),
            {song_id: record["class"] for song_id, record in theirs.songs.items() if song_id in wanted},
        ),
    )


def _open(folder: Path) -> _Build:
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
        return _Build(folder, manifest["schema_version"], manifest["songs"])
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise NotADatasetError(f"{folder} is no finished dataset: {MANIFEST} cannot be read; give another one") from err


def _is_same(ours: _Build, theirs: _Build, song_id: str) -> bool:
    keys = ("sha256", "media_sha256")
    return all(ours.songs[song_id].get(key) == theirs.songs[song_id].get(key) for key in keys)


def _row_ids(build: _Build, song_id: str) -> list[str]:
    row_ids: list[str] = build.rows(song_id, ["row_id"])["row_id"].to_pylist()
    return row_ids


def _rows_by_id(build: _Build, song_id: str) -> dict[str, dict[str, Any]]:
    """Rows with the hash of their media, without what is no content."""
    hashes = build.media_hashes(song_id)
    return {
        row["row_id"]: {name: value for name, value in row.items() if name not in _NOT_CONTENT}
        | {MEDIA_NAME: hashes.get(row["row_id"], "")}
        for row in build.rows(song_id).to_pylist()
    }


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Return the columns both have in which a row differs."""
    return [name for name, value in ours.items() if name in theirs and theirs[name] != value]


def _columns(build: _Build) -> list[str]:
    for record in build.songs.values():
        names: list[str] = pq.read_schema(build.path / record["shard"]).names
        return names
    return []


def _for_coverage(build: _Build, wanted: set[str]) -> Iterator[dict[str, Any]]:
    for song_id in build.songs:
        if song_id in wanted:
            yield from build.rows(song_id, list(_FOR_COVERAGE)).to_pylist()
