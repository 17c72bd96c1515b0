"""Verifying one song, in any process: its files, its inventory, its rows against the source."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whitelight.catalog.song import Song
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.segments import Policy
from whitelight.dataset.verify.integrity import Row, check_song_files
from whitelight.dataset.verify.inventory import Promise, promise_of, take_inventory
from whitelight.dataset.verify.records import Failure, Inventory, RowCheck
from whitelight.dataset.verify.song_check import SongCheck, check_song
from whitelight.dataset.verify.song_source import SongSource, read_song_source
from whitelight.dataset.verify.sound_rows import SoundRows
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology

_SLIM = ("row_id", "class_name", "segment_id", "duration_s", "has_audio", "has_midi", "has_lyric")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a song comes from.

    Attributes
    ----------
    root : of the catalog.
    encodings : per file with time codes, how they are read.
    """

    song: Song
    root: Path
    ontology: Ontology
    encodings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """All a worker needs for one song.

    Attributes
    ----------
    dataset : with the record of this song alone.
    dropped : what the song has in ``dropped.parquet``.
    source : None when fidelity is not checked; else the song's promises are counted also when no row is compared.
    row_ids : rows to compare.
    """

    dataset: Dataset
    song_id: str
    dropped: tuple[Mapping[str, str], ...]
    source: Source | None
    row_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class SongVerdict:
    """What was found of one song; `rows` are the columns that coverage needs."""

    song_id: str
    failures: tuple[Failure, ...]
    inventory: Inventory
    rows: tuple[Row, ...]
    checks: tuple[RowCheck, ...]
    n_midi: int
    n_audio: int


def verify_song(job: VerifyJob) -> SongVerdict:
    """Verify one song."""
    dataset = job.dataset
    failures, parts = check_song_files(dataset, job.song_id)
    promise: Promise | None = None
    source: SongSource | None = None
    found: list[Failure] = []
    if job.source is not None and parts.rows:
        source, found = _source_of(job, job.source)
        if source is not None:
            policy, end_s = Policy.parse(dataset.manifest.policy), dataset.manifest.songs[job.song_id].duration_s
            promise = promise_of(source.song, job.source.root, policy, end_s)
    inventory, missing = take_inventory(job.song_id, parts.rows, job.dropped, promise)
    if failures and not parts.rows:
        inventory, missing = Inventory(0, 0, 0, 0, is_from_catalog=promise is not None), []
    checks: tuple[RowCheck, ...] = ()
    if source is not None and promise is not None:
        checks = _check_rows(job, source, parts.rows)
        edges = {
            f"{job.song_id}/{i:04d}": {"start_s": start / 1e6, "end_s": end / 1e6}
            for i, (start, end) in enumerate(promise.segments)
        }
        found += check_song(source, parts.rows, job.dropped, edges)
    slim = tuple({name: row[name] for name in _SLIM} for row in parts.rows)
    return SongVerdict(job.song_id, (*failures, *missing, *found), inventory, slim, checks, parts.n_midi, parts.n_audio)


def _source_of(job: VerifyJob, its: Source) -> tuple[SongSource | None, list[Failure]]:
    """Read the song again; one that is not what the dataset was built from any more is not compared."""
    manifest = job.dataset.manifest
    record = manifest.songs[job.song_id]
    if its.song.content_hash != record.content_hash:
        message = "its manifest, lyrics or media changed since the build; build the dataset again"
        return None, [Failure(job.song_id, message, "", "segment")]
    try:
        source = read_song_source(
            its.song, its.root, its.ontology, record, audio=manifest.audio, encodings=its.encodings
        )
    except WhitelightError as err:
        return None, [Failure(job.song_id, f"its source cannot be read again: {err}", "", "segment")]
    return source, []


def _check_rows(job: VerifyJob, source: SongSource, rows: list[Row]) -> tuple[RowCheck, ...]:
    chosen = [row for row in rows if row["row_id"] in job.row_ids]
    if not chosen:
        return ()
    needed = {row_id for row in chosen for row_id in row["audio_rows"]}
    dataset = job.dataset
    audio = dict(dataset.song_audio(job.song_id, needed)) if needed else {}
    check = SongCheck(source, dataset.song_media(job.song_id), SoundRows(source.sound, rows, audio))
    return tuple(check.check(row) for row in chosen)
