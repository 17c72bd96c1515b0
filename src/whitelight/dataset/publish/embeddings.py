"""Embeddings of a dataset as found in its folder `features/`: which encoders, and whether they are of this dataset.

The folder name says encoder and text column; the files themselves carry the whole fingerprint and what they were made
from (`docs/formats.md`, Features). They are read here by that format alone: encoders lie right of datasets.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.dataset import Dataset
from whitelight.dataset.publish.errors import PublishError
from whitelight.files import sha256_of

FEATURES = "features"
_SOURCE, _FINGERPRINT = b"whitelight.source", b"whitelight.encoder"
_FOLDER = re.compile(r"(?P<name>.+)-(?P<fingerprint>[0-9a-f]{12})(?:-(?P<column>[a-z_]+))?")


@dataclass(frozen=True, slots=True)
class Embedding:
    """Vectors of one encoder.

    Attributes
    ----------
    folder : below `features/`.
    column : text that was encoded; empty for media.
    fingerprint : whole, of the encoder.
    source_hash : of what the vectors were made from, over all songs.
    """

    folder: str
    name: str
    column: str
    fingerprint: str
    dim: int
    source_hash: str

    @property
    def slug(self) -> str:
        """Name of the config: encoder and column, letters, digits and _ only."""
        return re.sub(r"\W+", "_", f"{self.name}_{self.column}" if self.column else self.name, flags=re.ASCII)


def find_embeddings(dataset: Dataset) -> tuple[Embedding, ...]:
    """Return the embeddings of a dataset, in order of their folders.

    Raises
    ------
    PublishError : there are none; one is incomplete, of an older dataset or of two encoders; two have one name.
    """
    root = dataset.path / FEATURES
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")) if root.is_dir() else []
    found = tuple(_embedding(dataset, folder) for folder in folders)
    if not found:
        raise PublishError(
            f"{dataset.path} has no embeddings; run `whitelight embed` or leave out --include-embeddings"
        )
    slugs = [embedding.slug for embedding in found]
    twice = next((e for e in found if slugs.count(e.slug) > 1), None)
    if twice is not None:
        folders_of_it = ", ".join(e.folder for e in found if e.slug == twice.slug)
        raise PublishError(f"{folders_of_it}: several embeddings called '{twice.slug}'; remove those no longer wanted")
    return found


def embedding_schema(dim: int) -> pa.Schema:
    """Return the columns of published vectors."""
    return pa.schema(
        [
            pa.field("row_id", pa.string(), nullable=False),
            pa.field("has", pa.bool_(), nullable=False),
            pa.field("vector", pa.list_(pa.field("item", pa.float32(), nullable=False), dim), nullable=False),
        ]
    )


def embedding_docs() -> dict[str, str]:
    """Return what each column means."""
    return {
        "row_id": "as in the segments",
        "has": "the row has something to encode",
        "vector": "float32; zeros where `has` is false",
    }


def read_embedding(dataset: Dataset, embedding: Embedding, song_id: str) -> pa.Table:
    """Return the vectors of one song, checked again: a pass may have run since they were found."""
    file = dataset.path / FEATURES / embedding.folder / f"{song_id}.parquet"
    fingerprint, dim = _checked(file, _source(dataset, song_id))
    if (fingerprint, dim) != (embedding.fingerprint, embedding.dim):
        raise PublishError(f"{file.parent.name}/{file.name} is of another encoder than before; publish again")
    return pq.read_table(file).replace_schema_metadata(None).cast(embedding_schema(dim))


def _embedding(dataset: Dataset, folder: Path) -> Embedding:
    match = _FOLDER.fullmatch(folder.name)
    if match is None:
        raise PublishError(f"{FEATURES}/{folder.name} is no folder of an encoder; remove it")
    sources = {song_id: _source(dataset, song_id) for song_id in dataset.song_ids}
    kinds = {_checked(folder / f"{song_id}.parquet", source) for song_id, source in sources.items()}
    if len(kinds) != 1 or not next(iter(kinds))[0].startswith(match["fingerprint"]):
        raise PublishError(f"{FEATURES}/{folder.name} holds vectors of another encoder; run `whitelight embed` again")
    fingerprint, dim = kinds.pop()
    source_hash = sha256_of(source.encode() for source in sources.values())
    return Embedding(folder.name, match["name"], match["column"] or "", fingerprint, dim, source_hash)


def _checked(file: Path, source: str) -> tuple[str, int]:
    """Return fingerprint and dimension of a file that is whole and of this dataset."""
    where = f"{FEATURES}/{file.parent.name}/{file.name}"
    try:
        schema = pq.read_schema(file)
        kind = schema.field("vector").type
        fingerprint = schema.metadata[_FINGERPRINT].decode()
        is_current = schema.metadata[_SOURCE] == source.encode()
    except (OSError, pa.ArrowException, KeyError, TypeError) as err:
        raise PublishError(f"{where} is missing or damaged; run `whitelight embed` again") from err
    if not is_current:
        raise PublishError(f"{where} was made from an older dataset; run `whitelight embed` again")
    return fingerprint, int(kind.list_size)


def _source(dataset: Dataset, song_id: str) -> str:
    record = dataset.manifest.songs[song_id]
    return sha256_of([record.sha256.encode(), record.media_sha256.encode()])
