"""From a catalog to a dataset: song by song, only what changed, and safe to kill at any point.

Every song is built on its own and depends on nothing but itself, so the result is the same for any number of
processes and after any interruption. While anything is missing or old there is no manifest.
"""

import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from whitelight import __version__
from whitelight.catalog.media import WHOLE_FILE_BYTES
from whitelight.catalog.song import Catalog
from whitelight.catalog.table import write_base_table
from whitelight.dataset.audio_cutting import CUTTING_VERSION
from whitelight.dataset.build_report import BuildReport, what_is_left_out
from whitelight.dataset.engine import BuildError, Engine, run_local
from whitelight.dataset.manifest import MANIFEST, AudioRecord, Manifest, SongRecord
from whitelight.dataset.rendering import instrument_of, with_soundfont
from whitelight.dataset.row_columns import RowContext
from whitelight.dataset.schema import SCHEMA_VERSION, dropped_schema
from whitelight.dataset.segments import Policy
from whitelight.dataset.settings import AudioSettings
from whitelight.dataset.shards import (
    DROPPED,
    MEDIA,
    SEGMENTS,
    StoredRecord,
    read_record,
    shard_name,
    write_table,
)
from whitelight.dataset.song_step import SongJob
from whitelight.files import sha256_of, write_atomic
from whitelight.origin import ORIGIN, write_origin
from whitelight.progress import Progress, silent

__all__ = ["BASE", "DROPPED", "BuildError", "BuildReport", "build_dataset"]

BASE = "base_manifest.parquet"
ENGINES = ("local", "ray")
_OF_THE_USER = {MANIFEST, BASE, DROPPED, ORIGIN, SEGMENTS, MEDIA, "features"}


def build_dataset(
    catalog: Catalog,
    out: Path,
    *,
    policy: str = "lines",
    jobs: int = 1,
    engine: str = "local",
    audio: AudioSettings = AudioSettings(),  # noqa: B008  frozen
    progress: Progress | None = None,
) -> BuildReport:
    """Build or bring up to date the dataset of a catalog in the folder `out`.

    Parameters
    ----------
    policy : lines, sections, bars:N or whole.
    jobs : processes, ≥ 1; the result does not depend on it.
    engine : "local", or "ray" for a Ray cluster; the result does not depend on it.
    audio : how recordings are cut.

    Raises
    ------
    BuildError : `out` holds something else, two songs share an id, no such engine, or it is not installed.
    AudioError : the SoundFont to render with is not there.
    PolicyError : no such policy.
    """
    began = time.perf_counter()
    tell = progress or silent
    run = engine_named(engine)
    audio = with_soundfont(audio)
    all_jobs = _plan(catalog, out, Policy.parse(policy), audio)
    _prepare(out)
    done = {job.song.song_id: found for job in all_jobs if (found := _finished(job))}
    todo = [job for job in all_jobs if job.song.song_id not in done]
    stale = _stale_files(out, {job.song.song_id for job in all_jobs})
    if todo or stale:
        (out / MANIFEST).unlink(missing_ok=True)
    for file in stale:
        file.unlink()
    tell(len(done), len(all_jobs))
    run(todo, jobs, lambda n: tell(len(done) + n, len(all_jobs)))
    stored = [done.get(job.song.song_id) or _built(job) for job in all_jobs]
    manifest = _finish(catalog, out, stored, policy, audio_record(audio))
    problems = tuple(problem for record in manifest.songs.values() for problem in record.problems)
    return BuildReport(
        out=out,
        manifest=manifest,
        n_built=len(todo),
        n_unchanged=len(done),
        n_removed=sum(file.parent.name == SEGMENTS and not file.name.endswith(".tmp") for file in stale),
        problems=problems,
        left_out=what_is_left_out((p for p in catalog.problems if p.severity == "error"), problems),
        seconds=time.perf_counter() - began,
    )


def engine_named(name: str) -> Engine:
    """Return the function that runs the steps of all songs.

    Raises
    ------
    BuildError : there is no such engine.
    """
    if name not in ENGINES:
        raise BuildError(f"engine '{name}': expected one of {', '.join(ENGINES)}")
    if name == "local":
        return run_local
    from whitelight.dataset.ray_engine import run_ray  # noqa: PLC0415  an extra

    return run_ray


def _plan(catalog: Catalog, out: Path, policy: Policy, audio: AudioSettings) -> list[SongJob]:
    """Make one job per song, in the catalog's order, each with the key of everything its rows depend on."""
    ids = Counter(shard_name(song.song_id).casefold() for song in catalog.songs)  # as some file systems compare
    twice = [song.song_id for song in catalog.songs if ids[shard_name(song.song_id).casefold()] > 1]
    if twice:
        raise BuildError(f"song id '{twice[0]}' occurs more than once (case does not count); give every song its own")
    settings = f"{policy} {catalog.ontology.hash} {audio_record(audio).model_dump_json()}"
    base = f"{SCHEMA_VERSION} {CUTTING_VERSION} {__version__} {settings}"
    encodings = {codes.file: codes.encoding for codes in catalog.time_codes}
    jobs = []
    for song in catalog.songs:
        own = {file: encodings[file] for file in (song.manifest_file, song.lyrics_file or "") if file in encodings}
        key = sha256_of(part.encode() for part in (base, repr(song), repr(sorted(own.items()))))
        jobs.append(SongJob(song, policy, RowContext(catalog.ontology, catalog.root, own, audio), out, key))
    return jobs


def audio_record(audio: AudioSettings) -> AudioRecord:
    """Return what the manifest says of the settings; equal records mean equal audio."""
    return AudioRecord(
        sample_rate=audio.sample_rate, mono=audio.mono, is_cut=audio.is_cut, instrument=instrument_of(audio)
    )


def _prepare(out: Path) -> None:
    strange = {p.name for p in out.iterdir() if not p.name.startswith(".")} - _OF_THE_USER if out.is_dir() else set()
    if strange and not (out / MANIFEST).exists() and not (out / SEGMENTS).exists():
        raise BuildError(f"{out} holds other things ({min(strange)}); give an empty or new folder")
    for name in (SEGMENTS, MEDIA):
        (out / name).mkdir(parents=True, exist_ok=True)


def _built(job: SongJob) -> StoredRecord | None:
    found = read_record(job.out, job.song.song_id)
    return found if found and found.record.build_key == job.build_key else None


def _finished(job: SongJob) -> StoredRecord | None:
    """Return the record of a song that need not be built again."""
    found = _built(job)
    if found is None or any(problem.is_passing for problem in found.record.problems):
        return None
    return None if _has_newer_recording(job, job.out / found.record.shard) else found


def _has_newer_recording(job: SongJob, shard: Path) -> bool:
    """Whether a large recording was written after the song was built: its hash, of samples, may not show an edit."""
    song = job.song
    files = {song.main_audio_file, *(stem.audio_file for stem in song.stems if stem.has_audio)} - {None}
    built_ns = shard.stat().st_mtime_ns
    for file in files:
        try:
            state = (job.context.root / str(file)).stat()
        except OSError:  # not there: the catalog's hash says so
            continue
        if state.st_size > WHOLE_FILE_BYTES and state.st_mtime_ns > built_ns:
            return True
    return False


def _stale_files(out: Path, song_ids: set[str]) -> list[Path]:
    """Shards of songs that left the catalog, and what interrupted writes left behind."""
    wanted = {shard_name(song_id) for song_id in song_ids}
    shards = [f for name in (SEGMENTS, MEDIA) for f in (out / name).iterdir() if f.name not in wanted]
    return sorted([*shards, *out.glob(".*.tmp")])


def _finish(
    catalog: Catalog, out: Path, stored: Sequence[StoredRecord | None], policy: str, audio: AudioRecord
) -> Manifest:
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
    write_origin(out, catalog.root)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        tool_version=__version__,
        policy=policy,
        audio=audio,
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
    text = manifest.to_json()
    if not (out / MANIFEST).is_file() or (out / MANIFEST).read_text(encoding="utf-8") != text:
        os.sync()
        write_atomic(out / MANIFEST, text)
    return manifest


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(reasons).items()))
