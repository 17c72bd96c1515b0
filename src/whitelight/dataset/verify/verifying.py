"""Whether a dataset is what its manifest says, and what it holds.

Failures are what must never be (a missing file, a row past the end of its song, MIDI that cannot be read); coverage
by class and songs without segments are told and are the user's business.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from whitelight.dataset.build import DROPPED
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.manifest import SongRecord
from whitelight.dataset.schema import check_schema, dropped_schema
from whitelight.dataset.segments import covered_s
from whitelight.dataset.shards import MEDIA, SEGMENTS
from whitelight.errors import WhitelightError
from whitelight.music import read_midi

TOLERANCE_S = 1e-5  # seconds are stored to the microsecond
MIN_COVERED = 0.95
_COLUMNS = [
    "row_id",
    "segment_id",
    "song_id",
    "group_id",
    "split",
    "class_name",
    "kind",
    "view",
    "start_s",
    "end_s",
    "duration_s",
    "has_audio",
    "has_midi",
    "has_lyric",
    "n_notes",
    "policy",
]


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that must not be: which song or file, and what."""

    song_id: str
    message: str


@dataclass(frozen=True, slots=True)
class ClassCoverage:
    """What a dataset holds of one class; seconds count segments, each once, overlaps of split ones included."""

    n_songs: int
    n_segments: int
    seconds: float
    seconds_audio: float
    seconds_midi: float
    seconds_text: float


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The verdict and the inventory.

    Attributes
    ----------
    little_covered : songs of which less than `MIN_COVERED` lies in rows, with the share.
    """

    failures: tuple[Failure, ...]
    coverage: dict[str, ClassCoverage]
    n_songs: int
    n_rows: int
    n_slices: int
    without_segments: tuple[str, ...]
    little_covered: dict[str, float]
    dropped: dict[str, int]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight dataset verify --json``."""
        return {
            "passed": self.passed,
            "failures": [{"song": f.song_id, "message": f.message} for f in self.failures],
            "songs": self.n_songs,
            "rows": self.n_rows,
            "midi_slices_read": self.n_slices,
            "coverage": {name: {f: getattr(c, f) for f in c.__slots__} for name, c in self.coverage.items()},
            "songs_without_segments": list(self.without_segments),
            "songs_little_covered": self.little_covered,
            "dropped": self.dropped,
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        for failure in self.failures:
            yield f"FAILED {failure.song_id}: {failure.message}"
        for name, c in self.coverage.items():
            yield (
                f"{name or '(no class)'}: {c.n_songs:,} songs, {c.n_segments:,} segments, {c.seconds / 60:,.1f} min "
                f"(audio {c.seconds_audio / 60:,.1f}, MIDI {c.seconds_midi / 60:,.1f}, text {c.seconds_text / 60:,.1f})"
            )
        for song_id in self.without_segments:
            yield f"{song_id}: no segments; dropped.parquet says why"
        for song_id, share in self.little_covered.items():
            yield f"{song_id}: {share:.0%} of its running time is in segments"
        for reason, n in self.dropped.items():
            yield f"dropped {n:,}: {reason}"
        verdict = "passed" if self.passed else f"FAILED, {len(self.failures)} failures"
        yield f"{verdict}: {self.n_songs:,} songs, {self.n_rows:,} rows, {self.n_slices:,} MIDI slices read again"


def verify_dataset(path: Path) -> VerifyReport:
    """Check a dataset: files and hashes, schema, counts, times, and that every MIDI slice can be read.

    Raises
    ------
    NotADatasetError : there is no finished dataset to verify.
    """
    dataset = Dataset.open(path)
    failures: list[Failure] = [Failure("", f"{name} belongs to no song") for name in _unknown_files(dataset)]
    rows: list[dict[str, Any]] = []
    n_slices = 0
    for song_id, record in dataset.manifest.songs.items():
        found, song_rows, n_read = _verify_song(dataset, song_id, record)
        failures += [Failure(song_id, message) for message in found]
        rows += song_rows
        n_slices += n_read
    failures += [Failure("", message) for message in _verify_totals(dataset, rows)]
    songs = dataset.manifest.songs
    return VerifyReport(
        failures=tuple(failures),
        coverage=_coverage(rows, songs),
        n_songs=len(songs),
        n_rows=len(rows),
        n_slices=n_slices,
        without_segments=tuple(song_id for song_id, record in songs.items() if not record.n_segments),
        little_covered={
            song_id: round(record.covered_s / record.duration_s, 4)
            for song_id, record in songs.items()
            if record.n_segments and record.covered_s < MIN_COVERED * record.duration_s
        },
        dropped=dataset.manifest.dropped,
    )


def _unknown_files(dataset: Dataset) -> list[str]:
    records = dataset.manifest.songs.values()
    expected = {record.shard for record in records} | {record.media for record in records}
    found = {f"{name}/{f.name}" for name in (SEGMENTS, MEDIA) for f in (dataset.path / name).glob("*")}
    return sorted(found - expected)


def _verify_song(dataset: Dataset, song_id: str, record: SongRecord) -> tuple[list[str], list[dict[str, Any]], int]:
    """Return what is wrong with a song, its rows, and how many slices were read."""
    failures: list[str] = []
    for file, expected in ((record.shard, record.sha256), (record.media, record.media_sha256)):
        if file and (message := _wrong_file(dataset.path / file, expected)):
            failures.append(f"{file} {message}")
    if failures:
        return failures, [], 0
    try:
        rows: list[dict[str, Any]] = dataset.song_rows(song_id, _COLUMNS).to_pylist()
        media = dataset.song_media(song_id)
    except WhitelightError as err:
        return [str(err)], [], 0
    failures += _wrong_counts(rows, record) + _wrong_times(rows, record)
    with_midi = {row["row_id"]: row["n_notes"] for row in rows if row["has_midi"]}
    if with_midi.keys() != media.keys():
        failures.append(f"{len(with_midi)} rows have MIDI, the media file has {len(media)}")
    failures += [m for row_id, midi in media.items() if (m := _wrong_slice(row_id, midi, with_midi.get(row_id)))]
    return failures, rows, len(media)


def _wrong_file(file: Path, expected: str) -> str:
    try:
        found = sha256(file.read_bytes()).hexdigest()
    except OSError as err:
        return f"cannot be read: {err.strerror}"
    return "" if found == expected else "is not the file the manifest was written for"


def _wrong_counts(rows: Sequence[dict[str, Any]], record: SongRecord) -> list[str]:
    failures = []
    if len(rows) != record.n_rows:
        failures.append(f"{len(rows)} rows, the manifest has {record.n_rows}")
    if len({row["segment_id"] for row in rows}) != record.n_segments:
        failures.append(f"segments differ from the manifest's {record.n_segments}")
    covered = covered_s(sorted({(row["start_s"], row["end_s"]) for row in rows}))
    if abs(covered - record.covered_s) > TOLERANCE_S:
        failures.append(f"rows cover {covered:.3f} s, the manifest has {record.covered_s:.3f} s")
    expected = (record.group_id, record.split, record.class_name)
    if any((row["group_id"], row["split"], row["class_name"]) != expected for row in rows):
        failures.append("group, split or class of a row differs from the manifest's")
    return failures


def _wrong_times(rows: Sequence[dict[str, Any]], record: SongRecord) -> list[str]:
    failures = []
    for row in rows:
        start, end = row["start_s"], row["end_s"]
        if not 0 <= start < end or abs(end - start - row["duration_s"]) > TOLERANCE_S:
            failures.append(f"{row['row_id']} runs from {start} to {end} s, {row['duration_s']} s long")
        if end > record.duration_s + TOLERANCE_S:
            failures.append(f"{row['row_id']} ends at {end} s, the song at {record.duration_s} s")
    return failures


def _wrong_slice(row_id: str, midi: bytes, n_notes: int | None) -> str:
    try:
        found = read_midi(midi).n_notes
    except WhitelightError as err:
        return f"MIDI of {row_id} cannot be read: {err}"
    return "" if found == n_notes else f"MIDI of {row_id} has {found} notes, its row says {n_notes}"


def _verify_totals(dataset: Dataset, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Check what only the whole shows: unique row ids, totals, the list of what was dropped."""
    repeated = [row_id for row_id, n in Counter(row["row_id"] for row in rows).items() if n > 1]
    if repeated:
        yield f"row id {repeated[0]} occurs more than once"
    if dataset.manifest.n_rows != sum(record.n_rows for record in dataset.manifest.songs.values()):
        yield f"the manifest's {dataset.manifest.n_rows} rows are not the sum of its songs"
    try:
        table = pq.read_table(dataset.path / DROPPED)
        check_schema(table.schema, dropped_schema(), DROPPED)
    except (OSError, ValueError, WhitelightError) as err:
        yield f"{DROPPED} cannot be read: {err}"
        return
    if dict(Counter(table["reason"].to_pylist())) != dataset.manifest.dropped:
        yield f"{DROPPED} does not have the counts of the manifest"


def _coverage(rows: Sequence[dict[str, Any]], songs: dict[str, SongRecord]) -> dict[str, ClassCoverage]:
    segments: dict[str, dict[str, dict[str, Any]]] = {record.class_name: {} for record in songs.values()}
    for row in rows:
        entry = segments[row["class_name"]].setdefault(
            row["segment_id"], {"seconds": row["duration_s"], "audio": False, "midi": False, "text": False}
        )
        for name, column in (("audio", "has_audio"), ("midi", "has_midi"), ("text", "has_lyric")):
            entry[name] = entry[name] or row[column]
    n_songs = Counter(record.class_name for record in songs.values())
    return {
        name: ClassCoverage(
            n_songs=n_songs[name],
            n_segments=len(its),
            seconds=_seconds(its, None),
            seconds_audio=_seconds(its, "audio"),
            seconds_midi=_seconds(its, "midi"),
            seconds_text=_seconds(its, "text"),
        )
        for name, its in sorted(segments.items())
    }


def _seconds(segments: dict[str, dict[str, Any]], having: str | None) -> float:
    return round(sum(float(s["seconds"]) for s in segments.values() if having is None or s[having]), 3)
