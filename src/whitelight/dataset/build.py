"""From a catalog to a dataset: song by song, only what changed, and safe to kill at any point.

Every song is built on its own and depends on nothing but itself, so the result is the same for any number of
processes and after any interruption. While anything is missing or old there is no manifest.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa

from whitelight import __version__
from whitelight.catalog.song import Catalog, Problem, Song
from whitelight.catalog.table import write_base_table
from whitelight.dataset.bars import bar_lines
from whitelight.dataset.manifest import MANIFEST, Manifest, ProblemRecord, SongRecord
from whitelight.dataset.rows import RowContext, song_rows
from whitelight.dataset.schema import SCHEMA_VERSION, dropped_schema
from whitelight.dataset.segments import Policy, covered_s, cut_song
from whitelight.dataset.shards import MEDIA, SEGMENTS, StoredRecord, read_record, shard_name, write_shard, write_table
from whitelight.dataset.source import read_song_midi, song_end_s
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of, write_atomic
from whitelight.progress import Progress, silent

BASE, DROPPED = "base_manifest.parquet", "dropped.parquet"
LEFT_OUT_KEYS = ("file", "code", "message", "action")
_OF_THE_USER = {MANIFEST, BASE, DROPPED, SEGMENTS, MEDIA, "features"}


class BuildError(WhitelightError):
    """A dataset cannot be built here."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    n_built, n_unchanged, n_removed : songs cut, left as they were, no longer in the catalog.
    problems : of all songs in the dataset, also those left as they were.
    left_out : songs and files that could not be used, those the catalog could not read first.
    """

    out: Path
    manifest: Manifest
    n_built: int
    n_unchanged: int
    n_removed: int
    problems: tuple[ProblemRecord, ...]
    left_out: tuple[Problem | ProblemRecord, ...]
    seconds: float

    @property
    def exit_code(self) -> int:
        """1 when a song or a file could not be used, else 0; the rest is complete either way."""
        return int(bool(self.left_out))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight dataset build --json``."""
        return {
            "out": str(self.out),
            "schema_version": self.manifest.schema_version,
            "policy": self.manifest.policy,
            "songs": self.manifest.n_songs,
            "built": self.n_built,
            "unchanged": self.n_unchanged,
            "removed": self.n_removed,
            "segments": self.manifest.n_segments,
            "rows": self.manifest.n_rows,
            "dropped": self.manifest.dropped,
            "songs_without_segments": [s for s, r in self.manifest.songs.items() if not r.n_segments],
            "problems": [problem.model_dump() for problem in self.problems],
            "left_out": [{name: getattr(p, name) for name in LEFT_OUT_KEYS} for p in self.left_out],
            "seconds": round(self.seconds, 2),
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        for problem in self.problems:
            yield f"{problem.file}: {problem.message}; {problem.action}"
        made = f"{self.n_built} songs cut, {self.n_unchanged} unchanged, {self.n_removed} removed"
        yield f"{made} (policy {self.manifest.policy})"
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in self.manifest.dropped.items())
        n_dropped = sum(self.manifest.dropped.values())
        yield f"{self.manifest.n_segments:,} segments; {n_dropped:,} parts without a row ({reasons}): {DROPPED}"
        yield f"wrote {self.out}: {self.manifest.n_rows:,} rows, schema {SCHEMA_VERSION}, {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class _Job:
    """All a worker process needs for one song."""

    song: Song
    policy: Policy
    context: RowContext
    out: Path
    build_key: str


def build_dataset(
    catalog: Catalog, out: Path, *, policy: str = "lines", jobs: int = 1, progress: Progress | None = None
) -> BuildReport:
    """Build or bring up to date the dataset of a catalog in the folder `out`.

    Parameters
    ----------
    policy : lines, sections, bars:N or whole.
    jobs : processes, ≥ 1; the result does not depend on it.

    Raises
    ------
    BuildError : `out` holds something else, or two songs share an id.
    PolicyError : no such policy.
    """
    began = time.perf_counter()
    tell = progress or silent
    all_jobs = _plan(catalog, out, Policy.parse(policy))
    _prepare(out)
    done = {job.song.song_id: found for job in all_jobs if (found := _finished(job))}
    todo = [job for job in all_jobs if job.song.song_id not in done]
    stale = _stale_files(out, {job.song.song_id for job in all_jobs})
    if todo or stale:
        (out / MANIFEST).unlink(missing_ok=True)
    for file in stale:
        file.unlink()
    tell(len(done), len(all_jobs))
    _run(todo, jobs, lambda n: tell(len(done) + n, len(all_jobs)))
    manifest = _finish(catalog, out, [done.get(job.song.song_id) or _finished(job) for job in all_jobs], policy)
    problems = tuple(problem for record in manifest.songs.values() for problem in record.problems)
    return BuildReport(
        out=out,
        manifest=manifest,
        n_built=len(todo),
        n_unchanged=len(done),
        n_removed=sum(file.parent.name == SEGMENTS and not file.name.endswith(".tmp") for file in stale),
        problems=problems,
        left_out=(*(p for p in catalog.problems if p.severity == "error"), *(p for p in problems if p.is_error)),
        seconds=time.perf_counter() - began,
    )


def _plan(catalog: Catalog, out: Path, policy: Policy) -> list[_Job]:
    """Make one job per song, in the catalog's order, each with the key of everything its rows depend on."""
    ids = Counter(shard_name(song.song_id).casefold() for song in catalog.songs)  # as some file systems compare
    twice = [song.song_id for song in catalog.songs if ids[shard_name(song.song_id).casefold()] > 1]
    if twice:
        raise BuildError(f"song id '{twice[0]}' occurs more than once (case does not count); give every song its own")
    base = f"{SCHEMA_VERSION} {__version__} {policy} {catalog.ontology.hash}"
    encodings = {codes.file: codes.encoding for codes in catalog.time_codes}
    jobs = []
    for song in catalog.songs:
        own = {file: encodings[file] for file in (song.manifest_file, song.lyrics_file or "") if file in encodings}
        key = sha256_of(part.encode() for part in (base, repr(song), repr(sorted(own.items()))))
        jobs.append(_Job(song, policy, RowContext(catalog.ontology, catalog.root, own), out, key))
    return jobs


def _prepare(out: Path) -> None:
    strange = {p.name for p in out.iterdir() if not p.name.startswith(".")} - _OF_THE_USER if out.is_dir() else set()
    if strange and not (out / MANIFEST).exists() and not (out / SEGMENTS).exists():
        raise BuildError(f"{out} holds other things ({min(strange)}); give an empty or new folder")
    for name in (SEGMENTS, MEDIA):
        (out / name).mkdir(parents=True, exist_ok=True)


def _finished(job: _Job) -> StoredRecord | None:
    found = read_record(job.out, job.song.song_id)
    return found if found and found.record.build_key == job.build_key else None


def _stale_files(out: Path, song_ids: set[str]) -> list[Path]:
    """Shards of songs that left the catalog, and what interrupted writes left behind."""
    wanted = {shard_name(song_id) for song_id in song_ids}
    shards = [f for name in (SEGMENTS, MEDIA) for f in (out / name).iterdir() if f.name not in wanted]
    return sorted([*shards, *out.glob(".*.tmp")])


def _run(todo: list[_Job], jobs: int, tell: Callable[[int], None]) -> None:
    if jobs <= 1 or len(todo) <= 1:
        for n, job in enumerate(todo, 1):
            _build_song(job)
            tell(n)
        return
    workers = min(jobs, len(todo))
    # spawn: forking a process that has threads (pyarrow's) can deadlock
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        futures = [pool.submit(_build_song, job) for job in todo]
        try:
            for n, future in enumerate(as_completed(futures), 1):
                future.result()
                tell(n)
        except BrokenProcessPool as err:
            message = "a worker process was ended from outside (out of memory?); run the same command again to go on"
            raise BuildError(f"{message}, with fewer jobs than {workers} if it repeats") from err
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """End this worker when the process that started it dies; a killed parent cannot say so itself."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _build_song(job: _Job) -> None:
    """Read, cut and write one song."""
    song = job.song
    midi = read_song_midi(song, job.context.root)
    end_s = song_end_s(song, midi)
    bars = bar_lines(song, midi.piece, end_s) if end_s > 0 else None
    segments = cut_song(song, job.policy, end_s, bars)
    rows = song_rows(song, midi, segments, bars, job.context)
    problems = tuple(ProblemRecord(**{n: getattr(p, n) for n in ProblemRecord.model_fields}) for p in midi.problems)
    record = SongRecord(
        content_hash=song.content_hash,
        build_key=job.build_key,
        group_id=song.group_id,
        split=song.split,
        class_name=song.class_name,
        duration_s=round(max(end_s, 0.0), 6),
        covered_s=covered_s(sorted({(row["start_s"], row["end_s"]) for row in rows.segments})),
        n_segments=len({row["segment_id"] for row in rows.segments}),
        n_rows=len(rows.segments),
        shard=f"{SEGMENTS}/{shard_name(song.song_id)}",
        dropped=_counted(reason for _, _, reason in rows.dropped),
        problems=problems,
    )
    write_shard(job.out, song.song_id, rows, record, job.context.ontology.axis_names)


def _finish(catalog: Catalog, out: Path, stored: Sequence[StoredRecord | None], policy: str) -> Manifest:
    """Gather the records of all songs and write what names them: dropped.parquet, then the manifest."""
    records: dict[str, SongRecord] = {}
    dropped: list[dict[str, str]] = []
    for song, found in zip(catalog.songs, stored, strict=True):
        if found is None:
            raise BuildError(f"{out}: the shard of '{song.song_id}' vanished while building; run the command again")
        records[song.song_id] = found.record
        dropped += [{"song_id": song.song_id, "segment_id": s, "part": p, "reason": r} for s, p, r in found.dropped]
    write_table(out / DROPPED, pa.Table.from_pylist(dropped, schema=dropped_schema()))
    write_base_table(catalog, out / BASE)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        tool_version=__version__,
        policy=policy,
        ontology=catalog.ontology.to_dict(),
        ontology_hash=catalog.ontology.hash,
        terms=catalog.terms,
        base_sha256=sha256((out / BASE).read_bytes()).hexdigest(),
        n_songs=len(records),
        n_segments=sum(record.n_segments for record in records.values()),
        n_rows=sum(record.n_rows for record in records.values()),
        dropped=_counted(row["reason"] for row in dropped),
        songs=records,
    )
    os.sync()
    write_atomic(out / MANIFEST, manifest.to_json())
    return manifest


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(reasons).items()))
