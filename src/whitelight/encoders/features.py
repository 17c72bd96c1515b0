"""The embed pass: vectors for every row of a dataset, song by song, resumable, and reading them back.

``features/<encoder>-<fingerprint>/<song_id>.parquet`` holds the vectors of one song (see `shards`); for texts the
folder name ends in the column that was read. Songs are encoded in groups fixed by their order in the dataset, so an
interrupted pass that is run again writes exactly what an undisturbed one would have written.
"""

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import Dataset
from whitelight.encoders.protocol import Encoder
from whitelight.encoders.shards import FeatureFileError, FeatureShard, is_current, read_shard, write_shard
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of
from whitelight.music import Piece, read_midi
from whitelight.progress import Progress, silent

SONGS_AT_ONCE = 16
TEXT_COLUMNS = ("concept", "lyric_text")


class MissingFeaturesError(WhitelightError):
    """Rows were asked for that have nothing to encode, or are not in the dataset."""


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What a pass did: songs encoded now, songs found finished, rows encoded, and the folder."""

    encoded: int
    skipped: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Features:
    """Vectors in the order asked: shape (n, dim) float32, and shape (n,) whether the row has one (else zeros)."""

    vectors: NDArray[np.float32]
    has: NDArray[np.bool_]


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
    column : which text to encode, "concept" or "lyric_text"; None for encoders of MIDI.
    jobs : processes; the result does not depend on it.
    progress : called with (songs done, songs in all).
    """
    folder = feature_folder(dataset, encoder, column)
    folder.mkdir(parents=True, exist_ok=True)
    groups = [tuple(dataset.song_ids[k : k + SONGS_AT_ONCE]) for k in range(0, len(dataset.song_ids), SONGS_AT_ONCE)]
    _remove_orphans(folder, dataset.song_ids)
    done = encoded = 0
    for group, n_encoded in zip(groups, _each_group(dataset, encoder, column, groups, jobs), strict=True):
        done, encoded = done + len(group), encoded + n_encoded
        progress(done, len(dataset.song_ids))
    return EmbedReport(encoded, len(dataset.song_ids) - encoded, folder)


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
    folder, fingerprint = feature_folder(dataset, encoder, column), encoder.fingerprint()
    place: dict[str, list[int]] = {}
    for k, row_id in enumerate(row_ids):
        place.setdefault(row_id, []).append(k)
    vectors, has = np.zeros((len(row_ids), encoder.dim), np.float32), np.zeros(len(row_ids), np.bool_)
    for song_id in dict.fromkeys(row_id.rsplit("/", 2)[0] for row_id in row_ids):
        if song_id not in dataset.manifest.songs:
            raise MissingFeaturesError(f"the dataset has no song '{song_id}'; it has {len(dataset.song_ids)} others")
        source = _source(dataset, song_id)
        shard = read_shard(folder / f"{song_id}.parquet", encoder.dim, source=source, fingerprint=fingerprint)
        for row, row_id in enumerate(shard.row_ids):
            for k in place.pop(row_id, ()):
                vectors[k], has[k] = shard.vectors[row], shard.has[row]
    if place:
        raise MissingFeaturesError(f"{len(place)} rows are not in the dataset, first '{next(iter(place))}'")
    return Features(vectors, has)


def feature_folder(dataset: Dataset, encoder: Encoder, column: str | None = None) -> Path:
    """Return where the vectors of this encoder lie.

    Raises
    ------
    FeatureFileError : a text encoder without a column, or an encoder of MIDI with one.
    """
    if (encoder.modality == "text") != (column in TEXT_COLUMNS):
        expected = f"one of {TEXT_COLUMNS}" if encoder.modality == "text" else "none"
        raise FeatureFileError(f"encoder '{encoder.name}' with column {column!r}, expected {expected}")
    suffix = f"-{column}" if column else ""
    return dataset.path / "features" / f"{encoder.name}-{encoder.fingerprint()[:12]}{suffix}"


def _each_group(
    dataset: Dataset, encoder: Encoder, column: str | None, groups: Sequence[tuple[str, ...]], jobs: int
) -> Iterator[int]:
    if jobs <= 1 or len(groups) <= 1:
        yield from (_embed_group(dataset, encoder, column, group) for group in groups)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(groups)), mp_context=context) as pool:
        yield from pool.map(partial(_embed_group_of, dataset.path, encoder, column), groups)


def _embed_group_of(path: Path, encoder: Encoder, column: str | None, song_ids: tuple[str, ...]) -> int:
    return _embed_group(_opened(path), encoder, column, song_ids)


@lru_cache(maxsize=1)
def _opened(path: Path) -> Dataset:
    """Open the dataset once per worker process, which lives no longer than the pass."""
    return Dataset.open(path)


def _embed_group(dataset: Dataset, encoder: Encoder, column: str | None, song_ids: tuple[str, ...]) -> int:
    """Encode a group of songs at once and write those that are not finished; return how many that were."""
    folder, fingerprint = feature_folder(dataset, encoder, column), encoder.fingerprint()
    sources = {song_id: _source(dataset, song_id) for song_id in song_ids}
    missing = [
        song_id
        for song_id in song_ids
        if not is_current(folder / f"{song_id}.parquet", source=sources[song_id], fingerprint=fingerprint)
    ]
    if not missing:
        return 0
    contents = [_content(dataset, song_id, column) for song_id in song_ids]  # all, so that the batch is the same
    vectors = _encode([value for content in contents for _, value in content], encoder)
    start = 0
    for song_id, content in zip(song_ids, contents, strict=True):
        rows = slice(start, start + len(content))
        start = rows.stop
        if song_id in missing:
            has = np.array([value is not None for _, value in content], np.bool_)
            shard = FeatureShard(tuple(row_id for row_id, _ in content), has, vectors[rows])
            file = folder / f"{song_id}.parquet"
            write_shard(file, shard, source=sources[song_id], fingerprint=fingerprint)
    return len(missing)


def _content(dataset: Dataset, song_id: str, column: str | None) -> list[tuple[str, Piece | str | None]]:
    """Return (row id, what is encoded or None) of every row of a song."""
    if column is not None:
        table = dataset.song_rows(song_id, ["row_id", column])
        return [
            (row_id, text.strip() or None)
            for row_id, text in zip(table["row_id"].to_pylist(), table[column].to_pylist(), strict=True)
        ]
    media = dataset.song_media(song_id)
    row_ids = dataset.song_rows(song_id, ["row_id"])["row_id"].to_pylist()
    return [(row_id, read_midi(media[row_id]) if row_id in media else None) for row_id in row_ids]


def _encode(values: Sequence[Piece | str | None], encoder: Encoder) -> NDArray[np.float32]:
    """Encode what is there; a text that many rows share is encoded once."""
    place: dict[int | str, int] = {}
    row_of = {
        k: place.setdefault(value if isinstance(value, str) else k, len(place))
        for k, value in enumerate(values)
        if value is not None
    }
    vectors = np.zeros((len(values), encoder.dim), np.float32)
    if place:
        batch = [key if isinstance(key, str) else values[key] for key in place]
        encoded = encoder.encode(batch).reshape(len(batch), -1)
        vectors[list(row_of)] = encoded[list(row_of.values())]
    return vectors


def _source(dataset: Dataset, song_id: str) -> str:
    record = dataset.manifest.songs[song_id]
    return sha256_of([record.sha256.encode(), record.media_sha256.encode()])


def _remove_orphans(folder: Path, song_ids: Iterable[str]) -> None:
    """Remove files of songs that have left the dataset, and what an interrupted write left behind."""
    known = {f"{song_id}.parquet" for song_id in song_ids}
    for file in folder.iterdir():
        if file.name not in known:
            file.unlink()
