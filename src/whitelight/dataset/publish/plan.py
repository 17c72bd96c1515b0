"""The plan of a publication: every file, known before anything is written.

A shard holds whole songs of one config and one split, in order, up to about `SHARD_BYTES`: any of them can be made
alone, so an interrupted publication goes on where it stopped, and the same dataset gives the same files.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from whitelight import __version__
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.publish.base import read_base
from whitelight.dataset.publish.embeddings import Embedding, find_embeddings
from whitelight.dataset.publish.errors import PublishError, UnlicensedError
from whitelight.dataset.publish.sources import (
    Config,
    base_config,
    embedding_config,
    full_config,
    preview_config,
    segments_config,
    songs_with_rows,
)
from whitelight.dataset.publish.splits import TRAIN, Splits, splits_of
from whitelight.dataset.publish.version import Version
from whitelight.files import sha256_of

SHARD_BYTES = 256 * 2**20  # files of some hundred MB are what the hub and its viewer are made for
DEFAULT_PREVIEW = 3  # segments per class
LAYOUT = 1  # of the published folder; part of what makes two publications the same


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """What is published.

    Attributes
    ----------
    is_public : anybody may see it; asks for a license.
    include_media : the config with sound and notes; asks for a license.
    preview_per_class : segments per class of the preview; 0 for none.
    """

    version: Version
    is_public: bool = False
    include_media: bool = False
    include_embeddings: bool = False
    preview_per_class: int = DEFAULT_PREVIEW

    def __post_init__(self) -> None:
        if self.preview_per_class < 0:
            raise PublishError(f"{self.preview_per_class} preview segments per class, expected 0 or more")


@dataclass(frozen=True, slots=True)
class Shard:
    """One parquet file to write.

    Attributes
    ----------
    index, total : place among the shards of its split.
    """

    config: Config
    split: str
    index: int
    total: int
    song_ids: tuple[str, ...]

    @property
    def file(self) -> str:
        """Path in the published folder."""
        return f"{self.config.name}/{self.split}-{self.index:05d}-of-{self.total:05d}.parquet"

    @property
    def n_rows(self) -> int:
        """Rows it will have."""
        return sum(self.config.n_rows[song_id] for song_id in self.song_ids)

    @property
    def n_bytes(self) -> int:
        """Roughly how many bytes it will have."""
        return sum(self.config.n_bytes[song_id] for song_id in self.song_ids)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be written.

    Attributes
    ----------
    key : hash of all the result depends on.
    """

    dataset: Dataset
    settings: PublishSettings
    splits: Splits
    configs: tuple[Config, ...]
    shards: tuple[Shard, ...]
    embeddings: tuple[Embedding, ...]
    key: str

    @property
    def has_media(self) -> bool:
        """Whether any row carries sound or notes."""
        return any(config.has_media for config in self.configs)

    def titles(self) -> dict[str, str]:
        """Return song id → title; empty for a song without stems."""
        table = read_base(self.dataset).select(["song_id", "title"])
        titles = dict(zip(table["song_id"].to_pylist(), table["title"].to_pylist(), strict=True))
        return {song_id: titles.get(song_id, "") for song_id in self.dataset.song_ids}

    def of(self, config: Config) -> Iterator[tuple[str, list[Shard]]]:
        """Yield the splits of a config, each with its shards."""
        its = [shard for shard in self.shards if shard.config is config]
        for split in dict.fromkeys(shard.split for shard in its):
            yield split, [shard for shard in its if shard.split == split]

    def to_dict(self) -> dict[str, Any]:
        """Return the plan for ``--dry-run --json``: config → split → files, rows, and about how many bytes."""
        return {
            config.name: {
                split: {
                    "files": [shard.file for shard in shards],
                    "rows": sum(shard.n_rows for shard in shards),
                    "about_bytes": sum(shard.n_bytes for shard in shards),
                }
                for split, shards in self.of(config)
            }
            for config in self.configs
        }


def plan_publication(dataset: Dataset, settings: PublishSettings) -> Plan:
    """Decide what to write.

    Raises
    ------
    UnlicensedError : media or a public place without a license.
    PublishError : embeddings are missing or old, a split has no usable name, the dataset has no rows.
    """
    _check_license(dataset, settings)
    if not dataset.manifest.n_rows:
        raise PublishError(f"{dataset.path} has no rows; build it from a catalog with songs")
    splits = splits_of(dataset.manifest)
    embeddings = find_embeddings(dataset) if settings.include_embeddings else ()
    configs = tuple(config for config in _configs(dataset, settings, embeddings) if any(config.n_rows.values()))
    shards = [shard for config in configs for shard in _shards(config, splits, dataset.song_ids)]
    return Plan(dataset, settings, splits, configs, tuple(shards), embeddings, _key(dataset, settings, embeddings))


def preview_has_media(dataset: Dataset, settings: PublishSettings) -> bool:
    """Tell whether the preview carries media: asked for, or allowed by a license of the table.

    The words of a license called `other` are for people to judge, so there media go out only when asked for.
    """
    return settings.include_media or dataset.manifest.terms.known is not None


def _check_license(dataset: Dataset, settings: PublishSettings) -> None:
    if dataset.manifest.terms.license:
        return
    advice = "the dataset states no license; put `license:` into catalog.yml and build the dataset again"
    if settings.include_media:
        raise UnlicensedError(f"--include-media: {advice}, or publish without media")
    if settings.is_public:
        raise UnlicensedError(f"--public: {advice}, or publish privately")


def _configs(dataset: Dataset, settings: PublishSettings, embeddings: Sequence[Embedding]) -> Iterator[Config]:
    yield base_config(dataset)
    yield segments_config(dataset)
    if settings.include_media:
        yield full_config(dataset)
    if settings.preview_per_class:
        yield preview_config(dataset, settings.preview_per_class, has_media=preview_has_media(dataset, settings))
    for embedding in embeddings:
        yield embedding_config(dataset, embedding)


def _shards(config: Config, splits: Splits, all_songs: Sequence[str]) -> Iterator[Shard]:
    for split, songs in splits.songs.items() if config.is_split else [(TRAIN, all_songs)]:
        groups: list[list[str]] = []
        room = 0
        for song_id in songs_with_rows(config, songs):
            if not groups or config.n_bytes[song_id] > room:
                groups.append([])
                room = SHARD_BYTES
            groups[-1].append(song_id)
            room -= config.n_bytes[song_id]
        yield from (Shard(config, split, i, len(groups), tuple(group)) for i, group in enumerate(groups))


def _key(dataset: Dataset, settings: PublishSettings, embeddings: Sequence[Embedding]) -> str:
    chosen = asdict(settings) | {"version": str(settings.version), "layout": LAYOUT, "tool": __version__}
    del chosen["is_public"]  # where it goes does not change what it is
    texts = (
        dataset.manifest.to_json(),
        json.dumps(chosen, sort_keys=True),
        json.dumps([asdict(e) for e in embeddings]),
    )
    return sha256_of(text.encode() for text in texts)
