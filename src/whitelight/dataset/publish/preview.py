"""Which rows a preview shows: a few whole segments of every class, from as many songs as possible, always the same."""

from collections import defaultdict
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from whitelight.dataset.dataset import Dataset

_COLUMNS = ("row_id", "song_id", "class_name", "has_audio", "has_midi", "has_lyric", "is_silent")


def preview_rows(dataset: Dataset, per_class: int) -> dict[str, list[str]]:
    """Choose up to `per_class` rows of view `full` per class; song id → row ids.

    Songs take turns, in the order of a hash of their ids, which no order of the catalog biases; each offers first the
    segments that have most to show (sound, notes, words; not silent).
    """
    by_song: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for song_id in dataset.song_ids:
        rows = dataset.rows(_COLUMNS, ["full"], song_ids=[song_id])
        for row in rows.to_pylist():
            by_song[row["class_name"], row["song_id"]].append(row)
    classes: dict[str, list[list[str]]] = defaultdict(list)
    for (class_name, _), rows in sorted(by_song.items(), key=lambda item: _shuffled(item[0][1])):
        classes[class_name].append([row["row_id"] for row in sorted(rows, key=_rank)])
    chosen: dict[str, list[str]] = {song_id: [] for song_id in dataset.song_ids}
    for songs in classes.values():
        turns = [row_id for turn in zip_longest(*songs) for row_id in turn if row_id is not None]
        for row_id in turns[:per_class]:
            chosen[row_id.rsplit("/", 2)[0]].append(row_id)
    return chosen


def _rank(row: dict[str, Any]) -> tuple[int, bool, str]:
    shown = row["has_audio"] + row["has_midi"] + row["has_lyric"]
    return (-shown, bool(row["is_silent"]), _shuffled(row["row_id"]))


def _shuffled(name: str) -> str:
    return sha256(name.encode()).hexdigest()
