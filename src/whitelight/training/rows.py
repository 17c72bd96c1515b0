"""The rows of a dataset as arrays: what every step of training and evaluation works on."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.files import sha256_of
from whitelight.scoring.heads import Array

Texts = NDArray[np.object_]
ABSENT = -1


class TooLittleMaterialError(WhitelightError):
    """The dataset has not enough to learn from or to judge by."""


@dataclass(frozen=True, slots=True)
class EmbeddingTable:
    """Different texts, or recordings, as embeddings, and which of them each row has.

    Attributes
    ----------
    embeddings : (n_items, dim). index : (n_rows,), `ABSENT` where the row has none.
    """

    embeddings: NDArray[np.float32]
    index: NDArray[np.int64]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which rows have one, (n_rows,)."""
        return np.asarray(self.index != ABSENT)

    @classmethod
    def nothing(cls, n_rows: int) -> "EmbeddingTable":
        """Return the table of rows that all lack the modality."""
        return cls(np.zeros((0, 0), np.float32), np.full(n_rows, ABSENT))

    def take(self, chosen: NDArray[Any]) -> "EmbeddingTable":
        """Return the table of some rows."""
        return EmbeddingTable(self.embeddings, self.index[chosen])

    def vectors(self, dim: int) -> NDArray[np.float32]:
        """Return one vector per row, (n_rows, dim); zeros where the row has none."""
        found = np.zeros((len(self.index), dim), dtype=np.float32)
        if self.present.any():
            found[self.present] = self.embeddings[self.index[self.present]]
        return found


@dataclass(frozen=True, slots=True)
class Rows:
    """One row per segment and view (or stem).

    Attributes
    ----------
    row_id, segment_id, song_id, group_id, split : (n,) text.
    view : (n,) index into the dataset's views. label : (n,) class index.
    has_midi : (n,) bool. descriptors : (n, dim), zeros where there is no MIDI; never used there.
    audio, lyric, concept : what the encoders made of the row's sound, its words, and what the song is about.
    """

    row_id: Texts
    segment_id: Texts
    song_id: Texts
    group_id: Texts
    split: Texts
    view: NDArray[np.int64]
    label: NDArray[np.int64]
    has_midi: NDArray[np.bool_]
    descriptors: NDArray[np.float32]
    audio: EmbeddingTable
    lyric: EmbeddingTable
    concept: EmbeddingTable

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.row_id)

    @property
    def embedded(self) -> dict[str, EmbeddingTable]:
        """Expert → what it reads, of every expert but that of MIDI."""
        return {"audio": self.audio, "lyric": self.lyric, "concept": self.concept}

    @property
    def present(self) -> dict[str, NDArray[np.bool_]]:
        """Expert → which rows have its modality, (n,)."""
        return {"midi": self.has_midi, **{name: table.present for name, table in self.embedded.items()}}

    def take(self, chosen: NDArray[Any]) -> "Rows":
        """Return some rows: a boolean mask or indices."""
        taken: dict[str, Any] = {}
        for column in fields(self):
            values = getattr(self, column.name)
            taken[column.name] = values.take(chosen) if isinstance(values, EmbeddingTable) else values[chosen]
        return Rows(**taken)

    def data_hash(self) -> str:
        """Return a hash of everything a model can learn from these rows."""
        texts = (self.row_id, self.segment_id, self.group_id, self.split)
        parts = ["\n".join(map(str, column)).encode() for column in texts]
        arrays: list[NDArray[Any]] = [self.view, self.label, self.has_midi, self.descriptors]
        for table in self.embedded.values():
            arrays += (table.embeddings, table.index)
        return sha256_of(parts + [np.ascontiguousarray(a).tobytes() for a in arrays])


def row_weights(rows: Rows, used: NDArray[np.bool_], full_view: int, full_share: float) -> Array:
    """Return weights with which songs count equally, and within a song the full view and the others as asked.

    Parameters
    ----------
    used : (n,) bool; other rows weigh 0.
    full_view : index of the full view. full_share : its weight where a song has other views too.

    Returns
    -------
    (n,), sums to 1.
    """
    weights = np.zeros(len(rows))
    chosen = np.flatnonzero(used)
    if not len(chosen):
        return weights
    _, song = np.unique(rows.group_id[chosen].astype(str), return_inverse=True)
    view = rows.view[chosen]
    n_views = int(rows.view.max()) + 1
    counts = np.zeros((song.max() + 1, n_views))
    np.add.at(counts, (song, view), 1.0)
    share = np.where(np.arange(n_views) == full_view, full_share, 0.0) * (counts > 0)
    others = (counts > 0) & (np.arange(n_views) != full_view)
    share = share + others * (1.0 - full_share) / np.maximum(others.sum(axis=1, keepdims=True), 1)
    share /= share.sum(axis=1, keepdims=True)
    weights[chosen] = share[song, view] / counts[song, view]
    return np.asarray(weights / weights.sum())


def training_weights(
    rows: Rows, used: NDArray[np.bool_], full_view: int, full_share: float, *, class_balance: float = 1.0
) -> Array:
    """Return weights to learn with: a song counts by the square root of its rows, and classes equally if asked.

    A song with many clips says more than one with few, but not in proportion: its clips are alike. (EMOPIA,
    song-grouped, balanced: .733 with `row_weights`, .739 so.)
    Arguments and return value as those of `row_weights`, which is what figures are computed with; `class_balance` is
    the power: 1 balances the classes, 0 leaves them as they are.
    """
    weights = row_weights(rows, used, full_view, full_share)
    if not used.any():
        return weights
    _, song = np.unique(rows.group_id.astype(str), return_inverse=True)
    weights = weights * np.sqrt(np.bincount(song, weights=used)[song])
    of_class = np.bincount(rows.label, weights=weights) ** class_balance
    weights = np.divide(weights, of_class[rows.label], out=np.zeros_like(weights), where=used)
    return np.asarray(weights / weights.sum())
