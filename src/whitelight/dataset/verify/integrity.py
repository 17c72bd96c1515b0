"""Whether the files of a dataset are those its manifest was written for, and agree with each other; no source is needed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from whitelight.dataset.build import BASE, DROPPED
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.manifest import SongRecord
from whitelight.dataset.schema import check_schema, dropped_schema
from whitelight.dataset.segments import covered_s
from whitelight.dataset.shards import MEDIA, SEGMENTS
from whitelight.dataset.verify.records import Failure
from whitelight.errors import WhitelightError
from whitelight.music import read_midi

TOLERANCE_S = 1e-5  # seconds are stored to the microsecond
_STREAMINFO = slice(18, 26)  # of a FLAC file: rate (20 bits), channels − 1 (3), bits − 1 (5), samples (36)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SongParts:
    """What the files of one song hold: rows of all columns, and how many media were read."""

    rows: list[Row]
    n_midi: int
    n_audio: int


def unknown_files(dataset: Dataset) -> Iterator[Failure]:
    """Yield the files in the folders of segments and media that belong to no song."""
    records = dataset.manifest.songs.values()
    expected = {record.shard for record in records} | {record.media for record in records}
    found = {f"{name}/{f.name}" for name in (SEGMENTS, MEDIA) for f in (dataset.path / name).glob("*")}
    yield from (Failure("", f"{name} belongs to no song") for name in sorted(found - expected))


def check_song_files(dataset: Dataset, song_id: str) -> tuple[list[Failure], SongParts]:
    """Return what is wrong with the files of a song, and what they hold."""
    record = dataset.manifest.songs[song_id]
    failures = [
        Failure(song_id, f"{file} {message}")
        for file, expected in ((record.shard, record.sha256), (record.media, record.media_sha256))
        if file and (message := _wrong_file(dataset.path / file, expected))
    ]
    if failures:
        return failures, SongParts([], 0, 0)
    try:
        rows: list[Row] = dataset.song_rows(song_id).to_pylist()
        midi = dataset.song_media(song_id)
        wrong_audio, n_audio = _check_audio(dataset, song_id, rows)
    except WhitelightError as err:
        return [Failure(song_id, str(err))], SongParts([], 0, 0)
    messages = [*_wrong_counts(rows, record), *_wrong_media(rows, midi)]
    failures = [Failure(song_id, message) for message in messages]
    failures += [Failure(song_id, message, row_id) for row_id, message in _wrong_rows(rows, record)]
    by_id = {row["row_id"]: row for row in rows}
    failures += [
        Failure(song_id, message, row_id)
        for row_id, content in midi.items()
        if (message := _wrong_slice(content, by_id.get(row_id)))
    ]
    return [*failures, *wrong_audio], SongParts(rows, len(midi), n_audio)


def check_totals(dataset: Dataset, row_ids: Sequence[str]) -> Iterator[Failure]:
    """Check what only the whole shows: unique row ids, totals, the base table, the list of what was dropped."""
    if dataset.manifest.base_sha256 and (message := _wrong_file(dataset.path / BASE, dataset.manifest.base_sha256)):
        yield Failure("", f"{BASE} {message}")
    repeated = [row_id for row_id, n in Counter(row_ids).items() if n > 1]
    if repeated:
        yield Failure("", f"row id {repeated[0]} occurs more than once", repeated[0])
    if dataset.manifest.n_rows != sum(record.n_rows for record in dataset.manifest.songs.values()):
        yield Failure("", f"the manifest's {dataset.manifest.n_rows} rows are not the sum of its songs")
    try:
        reasons = Counter(row["reason"] for row in read_dropped(dataset))
    except (OSError, ValueError, WhitelightError) as err:
        yield Failure("", f"{DROPPED} cannot be read: {err}")
        return
    if dict(reasons) != dataset.manifest.dropped:
        yield Failure("", f"{DROPPED} does not have the counts of the manifest")


def read_dropped(dataset: Dataset) -> list[dict[str, str]]:
    """Return what made no row: song_id, segment_id, part, reason."""
    with pq.ParquetFile(dataset.path / DROPPED) as parquet:  # `read_table` would load pandas
        table = parquet.read(use_threads=False)
    check_schema(table.schema, dropped_schema(), DROPPED)
    rows: list[dict[str, str]] = table.to_pylist()
    return rows


def flac_header(content: bytes) -> tuple[int, int, int, int]:
    """Return rate in Hz, channels, bits and samples as the header of a FLAC file states them; zeros when it is none."""
    if content[:4] != b"fLaC" or len(content) < 26:
        return 0, 0, 0, 0
    packed = int.from_bytes(content[_STREAMINFO], "big")
    return packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1


def _wrong_file(file: Path, expected: str) -> str:
    try:
        with file.open("rb") as stream:
            digest = sha256()
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as err:
        return f"cannot be read: {err.strerror}"
    return "" if digest.hexdigest() == expected else "is not the file the manifest was written for"


def _wrong_counts(rows: Sequence[Row], record: SongRecord) -> Iterator[str]:
    if len(rows) != record.n_rows:
        yield f"{len(rows)} rows, the manifest has {record.n_rows}"
    if len({row["segment_id"] for row in rows}) != record.n_segments:
        yield f"segments differ from the manifest's {record.n_segments}"
    covered = covered_s(sorted({(row["start_s"], row["end_s"]) for row in rows}))
    if abs(covered - record.covered_s) > TOLERANCE_S:
        yield f"rows cover {covered:.3f} s, the manifest has {record.covered_s:.3f} s"
    expected = (record.group_id, record.split, record.class_name)
    if any((row["group_id"], row["split"], row["class_name"]) != expected for row in rows):
        yield "group, split or class of a row differs from the manifest's"


def _wrong_media(rows: Sequence[Row], midi: Mapping[str, bytes]) -> Iterator[str]:
    with_midi = {row["row_id"] for row in rows if row["has_midi"]}
    if with_midi != midi.keys():
        yield f"{len(with_midi)} rows have MIDI, the media file has {len(midi)}"


def _wrong_rows(rows: Sequence[Row], record: SongRecord) -> Iterator[tuple[str, str]]:
    """Yield what contradicts itself within a row, and rows of one segment that lie elsewhere."""
    stretches: dict[str, tuple[float, float]] = {}
    for row in rows:
        start, end = row["start_s"], row["end_s"]
        if not 0 <= start < end or abs(end - start - row["duration_s"]) > TOLERANCE_S:
            yield row["row_id"], f"runs from {start} to {end} s, {row['duration_s']} s long"
        if end > record.duration_s + TOLERANCE_S:
            yield row["row_id"], f"ends at {end} s, the song at {record.duration_s} s"
        if stretches.setdefault(row["segment_id"], (start, end)) != (start, end):
            yield row["row_id"], f"runs from {start} to {end} s, other rows of its segment do not"
        expected = _content_type(has_audio=row["has_audio"], has_midi=row["has_midi"])
        if row["content_type"] != expected:
            yield row["row_id"], f"content type {row['content_type']}, it holds {expected}"


def _content_type(*, has_audio: bool, has_midi: bool) -> str:
    return (
        "audio_midi" if has_audio and has_midi else "audio_only" if has_audio else "midi_only" if has_midi else "empty"
    )


def _check_audio(dataset: Dataset, song_id: str, rows: Sequence[Row]) -> tuple[list[Failure], int]:
    """Compare the headers of stored sound with their rows, and the rows with what they are made of."""
    failures, stored = [], set()
    by_id = {row["row_id"]: row for row in rows}
    for row_id, content in dataset.song_audio(song_id):
        stored.add(row_id)
        row = by_id.get(row_id)
        rate, n_channels, bits, n_samples = flac_header(content)
        if row is None:
            failures.append(Failure(song_id, f"the media file has audio of {row_id}, which is no row"))
        elif (rate, n_channels, bits, n_samples) != tuple(
            row[name] for name in ("sample_rate", "n_channels", "audio_bits", "n_samples")
        ):
            told = f"{rate} Hz, {n_channels} channels, {bits} bits, {n_samples} samples"
            failures.append(Failure(song_id, f"its audio has {told}, its row says otherwise", row_id))
    for row in rows:
        missing = [name for name in row["audio_rows"] if name not in stored]
        if missing:
            failures.append(Failure(song_id, f"its sound is in {missing[0]}, which has none", row["row_id"]))
        if row["has_audio"] != bool(row["audio_rows"]):
            failures.append(Failure(song_id, "has_audio and audio_rows contradict each other", row["row_id"]))
    unused = stored - {name for row in rows for name in row["audio_rows"]}
    failures += [Failure(song_id, f"no row sounds like the stored audio of {row_id}") for row_id in sorted(unused)[:3]]
    return failures, len(stored)


def _wrong_slice(content: bytes, row: Row | None) -> str:
    try:
        found = read_midi(content).n_notes
    except WhitelightError as err:
        return f"its MIDI cannot be read: {err}"
    expected = row["n_notes"] if row is not None and row["has_midi"] else None
    return "" if found == expected else f"its MIDI has {found} notes, its row says {expected}"
