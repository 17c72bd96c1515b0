"""The embed pass: vectors for every row of a dataset, song by song, resumable, and reading them back.

``features/<encoder>-<fingerprint>/<song_id>.parquet`` holds the vectors of one song (see `shards`); for texts the
folder name ends in the column that was read. A song is written as soon as it is encoded, so a pass that is killed and
run again loses the song in flight. Pieces are encoded sixteen songs at a time, which halves the time, in groups fixed
by the order of the dataset: whatever was interrupted, the result is the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import Dataset
from whitelight.encoders.content import Features, encode_all
from whitelight.encoders.protocol import Encoder
from whitelight.encoders.shards import FeatureFileError, FeatureShard, is_current, read_flags, read_shard, write_shard
from whitelight.encoders.song_content import TEXT_COLUMNS, SongContent, batches, read_content
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of
from whitelight.progress import Progress, silent
from whitelight.workers import map_in_processes

SONGS_AT_ONCE = {"midi": 16, "text": 1, "audio": 1}


class MissingFeaturesError(WhitelightError):
    """Rows were asked for that have nothing to encode, or are not in the dataset."""


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What a pass did: songs encoded now, songs found finished, and the folder."""

    encoded: int
    skipped: int
    folder: Path


@dataclass(frozen=True, slots=True)
class _Group:
    """Songs encoded together, and how."""

    path: Path
    encoder: Encoder
    column: str | None
    song_ids: tuple[str, ...]


def embed(
    dataset: Dataset,
    encoder: Encoder,
    *,
    column: str | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> EmbedReport:
    """Encode every row of `dataset`; finished songs whose source has not changed are skipped.

    Parameters
    ----------
    column : which text to encode, "concept" or "lyric_text"; None for encoders of MIDI and audio.
    jobs : processes; the result does not depend on it.
    progress : called with (songs done, songs in all).
    """
    folder = feature_folder(dataset, encoder, column)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_orphans(folder, dataset.song_ids)
    n, songs = SONGS_AT_ONCE[encoder.modality], dataset.song_ids
    groups = [_Group(dataset.path, encoder, column, songs[k : k + n]) for k in range(0, len(songs), n)]
    todo = [group for group in groups if _unfinished(dataset, group)]
    done, encoded = len(songs) - sum(len(group.song_ids) for group in todo), 0
    step = partial(_embed_group, dataset) if min(jobs, len(todo)) <= 1 else _embed_group_of
    for group, n_encoded in zip(todo, map_in_processes(step, todo, jobs), strict=True):
        done, encoded = done + len(group.song_ids), encoded + n_encoded
        progress(done, len(songs))
    return EmbedReport(encoded, len(songs) - encoded, folder)


def load_features(
    dataset: Dataset, encoder: Encoder, row_ids: Sequence[str], *, column: str | None = None
) -> NDArray[np.float32]:
    """Return the vectors of rows that all have one, in the order asked, shape (n, dim).

    Raises
    ------
    MissingFeaturesError : a row has nothing to encode; `read_features` gives a mask instead.
    FeatureFileError : a file is missing, damaged, of another encoder or of an older dataset.
    """
    features = read_features(dataset, encoder, row_ids, column=column)
    if not features.has.all():
        first = row_ids[int(np.argmin(features.has))]
        missing = int((~features.has).sum())
        raise MissingFeaturesError(f"{missing} rows have nothing to encode, first '{first}'; ask only for rows that do")
    return features.vectors


def read_features(dataset: Dataset, encoder: Encoder, row_ids: Sequence[str], *, column: str | None = None) -> Features:
    """Return vectors and mask in the order asked; rows without the modality are zeros with `has` false.

    Raises
    ------
    MissingFeaturesError : the dataset has no such row.
    FeatureFileError : as `load_features`.
    """
    place: dict[str, list[int]] = {}
    for k, row_id in enumerate(row_ids):
        place.setdefault(row_id, []).append(k)
    vectors, has = np.zeros((len(row_ids), encoder.dim), np.float32), np.zeros(len(row_ids), np.bool_)
    for song_id in dict.fromkeys(row_id.rsplit("/", 2)[0] for row_id in row_ids):
        if song_id not in dataset.manifest.songs:
            raise MissingFeaturesError(f"the dataset has no song '{song_id}'; it has {len(dataset.song_ids)} others")
        shard = read_song(dataset, encoder, song_id, column=column)
        for row, row_id in enumerate(shard.row_ids):
            for k in place.pop(row_id, ()):
                vectors[k], has[k] = shard.vectors[row], shard.has[row]
    if place:
        raise MissingFeaturesError(f"{len(place)} rows are not in the dataset, first '{next(iter(place))}'")
    return Features(vectors, has)


def read_song(dataset: Dataset, encoder: Encoder, song_id: str, *, column: str | None = None) -> FeatureShard:
    """Return the vectors of all rows of one song.

    Raises
    ------
    FeatureFileError : as `load_features`.
    """
    file = feature_folder(dataset, encoder, column) / f"{song_id}.parquet"
    return read_shard(file, encoder.dim, source=_source(dataset, song_id), fingerprint=encoder.fingerprint())


def has_vectors(dataset: Dataset, encoder: Encoder, *, column: str | None = None) -> NDArray[np.bool_]:
    """Tell of every row of an embedded dataset whether it has a vector, shape (n_rows,); vectors are not read.

    Raises
    ------
    FeatureFileError : as `load_features`.
    """
    folder = feature_folder(dataset, encoder, column)
    flags = [read_flags(folder / f"{song_id}.parquet") for song_id in dataset.song_ids]
    return np.concatenate([np.zeros(0, np.bool_), *flags])


def feature_folder(dataset: Dataset, encoder: Encoder, column: str | None = None) -> Path:
    """Return where the vectors of this encoder lie.

    Raises
    ------
    FeatureFileError : a text encoder without a column, or another encoder with one.
    """
    if (encoder.modality == "text") != (column in TEXT_COLUMNS):
        expected = f"one of {TEXT_COLUMNS}" if encoder.modality == "text" else "none"
        raise FeatureFileError(f"encoder '{encoder.name}' with column {column!r}, expected {expected}")
    suffix = f"-{column}" if column else ""
    return dataset.path / "features" / f"{encoder.name}-{encoder.fingerprint()[:12]}{suffix}"


def _embed_group_of(group: _Group) -> int:
    """Encode a group in a worker process."""
    return _embed_group(_opened(group.path), group)


@lru_cache(maxsize=1)
def _opened(path: Path) -> Dataset:
    """Open the dataset once per worker process, which lives no longer than the pass."""
    return Dataset.open(path)


def _unfinished(dataset: Dataset, group: _Group) -> list[str]:
    folder, fingerprint = feature_folder(dataset, group.encoder, group.column), group.encoder.fingerprint()
    return [
        song_id
        for song_id in group.song_ids
        if not is_current(folder / f"{song_id}.parquet", source=_source(dataset, song_id), fingerprint=fingerprint)
    ]


def _embed_group(dataset: Dataset, group: _Group) -> int:
    """Encode a group of songs at once and write those that are not finished; return how many that were."""
    encoder = group.encoder
    folder = feature_folder(dataset, encoder, group.column)
    unfinished = _unfinished(dataset, group)
    contents = [read_content(dataset, song_id, encoder.modality, group.column) for song_id in group.song_ids]
    values = (value for content in contents for value in content.values)
    encoded = [encode_all(encoder, batch) for batch in batches(values)]
    vectors = np.concatenate([np.zeros((0, encoder.dim), np.float32), *(part.vectors for part in encoded)])
    has = np.concatenate([np.zeros(0, np.bool_), *(part.has for part in encoded)])
    start = 0
    for song_id, content in zip(group.song_ids, contents, strict=True):
        end = start + int(content.place.max(initial=-1)) + 1
        if song_id in unfinished:
            shard = _shard(content, Features(vectors[start:end], has[start:end]))
            source, fingerprint = _source(dataset, song_id), encoder.fingerprint()
            write_shard(folder / f"{song_id}.parquet", shard, source=source, fingerprint=fingerprint)
        start = end
    return len(unfinished)


def _shard(content: SongContent, found: Features) -> FeatureShard:
    """Give every row the vector of its value; `found` has one per value of the song."""
    n_rows, dim = len(content.row_ids), found.vectors.shape[1]
    vectors, has = np.zeros((n_rows, dim), np.float32), np.zeros(n_rows, np.bool_)
    held = content.place >= 0
    vectors[held], has[held] = found.vectors[content.place[held]], found.has[content.place[held]]
    return FeatureShard(content.row_ids, has, vectors)


def _source(dataset: Dataset, song_id: str) -> str:
    record = dataset.manifest.songs[song_id]
    return sha256_of([record.sha256.encode(), record.media_sha256.encode()])


def _remove_orphans(folder: Path, song_ids: Iterable[str]) -> None:
    """Remove files of songs that have left the dataset, and what an interrupted write left behind."""
    known = {f"{song_id}.parquet" for song_id in song_ids}
    for file in folder.iterdir():
        if file.name not in known:
            file.unlink()
