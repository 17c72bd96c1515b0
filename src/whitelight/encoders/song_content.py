"""What an encoder reads of a song: its rows, and the different values among them, one after the other.

Rows that hold one and the same thing share it: a concept all rows repeat, the sound of a stem that is also a view.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.audio import Audio
from whitelight.dataset import Dataset
from whitelight.encoders.content import Value
from whitelight.encoders.protocol import Modality
from whitelight.music import read_midi

TEXT_COLUMNS = ("concept", "lyric_text")
BATCH_AUDIO_S = 60.0  # of sound in memory at once, and never less than one row


@dataclass(frozen=True, slots=True)
class SongContent:
    """Rows of a song and what they hold.

    Attributes
    ----------
    place : of each row's value among `values`, -1 where it has none, shape (n_rows,).
    values : each different one once; audio is read as it is asked for.
    """

    row_ids: tuple[str, ...]
    place: NDArray[np.int64]
    values: Iterable[Value]


def read_content(dataset: Dataset, song_id: str, modality: Modality, column: str | None) -> SongContent:
    """Return what the rows of a song hold of a modality; of texts, in `column`."""
    if modality == "text":
        assert column is not None
        table = dataset.song_rows(song_id, ["row_id", column])
        return _shared(table["row_id"].to_pylist(), [text.strip() or None for text in table[column].to_pylist()])
    if modality == "audio":
        return _sounds(dataset, song_id)
    media = dataset.song_media(song_id)
    row_ids = dataset.song_rows(song_id, ["row_id"])["row_id"].to_pylist()
    files = [row_id for row_id in row_ids if row_id in media]
    number = {row_id: k for k, row_id in enumerate(files)}
    place = np.array([number.get(row_id, -1) for row_id in row_ids], np.int64)
    return SongContent(tuple(row_ids), place, (read_midi(media[row_id]) for row_id in files))


def batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Put values together: sound up to a minute at a time, everything else at once."""
    batch: list[Value] = []
    seconds = 0.0
    for value in values:
        if isinstance(value, Audio):
            if batch and seconds + value.duration_s > BATCH_AUDIO_S:
                yield batch
                batch, seconds = [], 0.0
            seconds += value.duration_s
        batch.append(value)
    if batch:
        yield batch


def _shared(row_ids: list[str], texts: list[str | None]) -> SongContent:
    number = {text: k for k, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    place = np.array([-1 if text is None else number[text] for text in texts], np.int64)
    return SongContent(tuple(row_ids), place, list(number))


def _sounds(dataset: Dataset, song_id: str) -> SongContent:
    """Rows with the same `audio_rows` sound the same: the first of them is read for all."""
    table = dataset.song_rows(song_id, ["row_id", "audio_rows"]).to_pylist()
    first: dict[tuple[str, ...], str] = {}
    for row in table:
        if row["audio_rows"]:
            first.setdefault(tuple(row["audio_rows"]), row["row_id"])
    number = {parts: k for k, parts in enumerate(first)}
    place = np.array([number.get(tuple(row["audio_rows"] or ()), -1) for row in table], np.int64)
    heard = (audio for _, audio in dataset.audio(list(first.values()))) if first else ()
    return SongContent(tuple(row["row_id"] for row in table), place, heard)
