"""What a dataset holds, counted for its card: per class, per view, and by what the rows carry."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from whitelight.dataset.dataset import Dataset

MODALITIES = {"audio": "has_audio", "midi": "has_midi", "text": "has_lyric"}
_COLUMNS = ("class_name", "segment_id", "kind", "view", "content_type", "duration_s", *MODALITIES.values())


@dataclass(slots=True)
class Counts:
    """Counts of one class, or of all.

    Attributes
    ----------
    seconds : of the segments, each counted once.
    rows_with, seconds_with : modality → rows that have it, seconds of the segments of which any row has it.
    """

    songs: int = 0
    segments: int = 0
    rows: int = 0
    seconds: float = 0.0
    rows_with: Counter[str] = field(default_factory=Counter)
    seconds_with: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MODALITIES, 0.0))

    def add(self, other: "Counts") -> None:
        """Add other counts."""
        self.songs, self.segments = self.songs + other.songs, self.segments + other.segments
        self.rows, self.seconds = self.rows + other.rows, self.seconds + other.seconds
        self.rows_with.update(other.rows_with)
        for name, seconds in other.seconds_with.items():
            self.seconds_with[name] += seconds


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of a dataset: by class in the order of the ontology, in all, rows by view and by content type."""

    classes: dict[str, Counts]
    total: Counts
    views: dict[str, int]
    content_types: dict[str, int]


def count_rows(dataset: Dataset) -> Coverage:
    """Count song by song; metadata only."""
    names = [c.name for c in dataset.ontology.classes]
    classes = {name: Counts() for name in names}
    total, views, content_types = Counts(), Counter[str](), Counter[str]()
    for song_id, record in dataset.manifest.songs.items():
        rows = dataset.song_rows(song_id, _COLUMNS).to_pylist()
        counts = _song_counts(rows)
        classes.setdefault(record.class_name, Counts()).add(counts)
        total.add(counts)
        views.update(f"{row['kind']} {row['view']}" for row in rows)
        content_types.update(row["content_type"] for row in rows)
    kept = {name: counts for name, counts in classes.items() if counts.songs}
    return Coverage(kept, total, dict(sorted(views.items())), dict(sorted(content_types.items())))


def _song_counts(rows: Iterable[dict[str, Any]]) -> Counts:
    counts = Counts(songs=1)
    segments: dict[str, float] = {}
    having: dict[str, set[str]] = {name: set() for name in MODALITIES}
    for row in rows:
        counts.rows += 1
        segments[row["segment_id"]] = row["duration_s"]
        for name, column in MODALITIES.items():
            if row[column]:
                counts.rows_with[name] += 1
                having[name].add(row["segment_id"])
    counts.segments, counts.seconds = len(segments), sum(segments.values())
    for name, its in having.items():
        counts.seconds_with[name] = sum(segments[segment] for segment in sorted(its))
    return counts
