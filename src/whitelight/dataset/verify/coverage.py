"""What a dataset holds of each class: songs, segments, rows, and how many seconds have audio, MIDI and text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from whitelight.dataset.verify.records import ClassCoverage

_HAS = {"audio": "has_audio", "midi": "has_midi", "text": "has_lyric"}


def coverage_by_class(rows: Iterable[Mapping[str, Any]], class_of_song: Mapping[str, str]) -> dict[str, ClassCoverage]:
    """Return the coverage of each class, in order of their names; classes whose songs have no rows are there too.

    Parameters
    ----------
    rows : with `class_name`, `segment_id`, `duration_s`, `has_audio`, `has_midi`, `has_lyric`.
    """
    n_rows: Counter[tuple[str, str]] = Counter()
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    having: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        name = row["class_name"]
        seconds[name][row["segment_id"]] = row["duration_s"]
        n_rows[name, ""] += 1
        for what, column in _HAS.items():
            if row[column]:
                having[name, what].add(row["segment_id"])
                n_rows[name, what] += 1
    n_songs = Counter(class_of_song.values())

    def total(name: str, segments: Iterable[str]) -> float:
        return round(sum(seconds[name][segment] for segment in sorted(segments)), 3)

    return {
        name: ClassCoverage(
            n_songs=n_songs[name],
            n_segments=len(seconds[name]),
            n_rows=n_rows[name, ""],
            seconds=total(name, seconds[name]),
            seconds_audio=total(name, having[name, "audio"]),
            seconds_midi=total(name, having[name, "midi"]),
            seconds_text=total(name, having[name, "text"]),
            rows_audio=n_rows[name, "audio"],
            rows_midi=n_rows[name, "midi"],
            rows_text=n_rows[name, "text"],
        )
        for name in sorted({*n_songs, *seconds})
    }
