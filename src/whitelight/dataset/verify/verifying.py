"""Verifying a dataset: its own files always, its source when that was asked for and is there.

Failures are what must never be: a missing file, a part that was lost, a row that is not what its source says. Coverage
by class and songs without segments are told and are the user's business. An absent source fails the verification only
when a comparison with it is required.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from whitelight.catalog import read_catalog
from whitelight.catalog.song import Catalog
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.manifest import SongRecord
from whitelight.dataset.verify.choosing import Recheck, choose_songs, draw_rows
from whitelight.dataset.verify.coverage import coverage_by_class
from whitelight.dataset.verify.delta import compare_builds
from whitelight.dataset.verify.integrity import check_totals, read_dropped, unknown_files
from whitelight.dataset.verify.inventory import add_inventories
from whitelight.dataset.verify.records import Failure, Fidelity
from whitelight.dataset.verify.report import VerifyReport
from whitelight.dataset.verify.song_job import SongVerdict, Source, VerifyJob, verify_song
from whitelight.errors import WhitelightError
from whitelight.origin import read_origin
from whitelight.progress import Progress, silent
from whitelight.workers import in_processes

MIN_COVERED = 0.95


def verify_dataset(
    path: Path,
    *,
    recheck: Recheck | None = None,
    class_name: str = "",
    song_id: str = "",
    against: Path | None = None,
    progress: Progress = silent,
) -> VerifyReport:
    """Check a dataset: files and hashes, schema, counts, times, what was promised; and its rows against their source.

    Parameters
    ----------
    recheck : how rows are compared with the source; None to leave the source alone.
    class_name, song_id : look at these songs only.
    against : a previous build to compare with.

    Raises
    ------
    NotADatasetError : there is no finished dataset to verify, or none to compare with.
    NothingChosenError, UnknownClassError : no such song or class.
    NoCatalogError : the folder given as the catalog is not there.
    """
    dataset = Dataset.open(path)
    chosen = choose_songs(dataset, class_name, song_id)
    is_whole = len(chosen) == len(dataset.song_ids)
    catalog, reason = _find_catalog(path, recheck)
    fidelity = Fidelity("not checked", reason)
    began = time.perf_counter()
    jobs = _plan(dataset, chosen, catalog, recheck)
    verdicts = _run(jobs, recheck.jobs if recheck else 1, progress)
    checks = tuple(check for verdict in verdicts for check in verdict.checks)
    row_ids = [row["row_id"] for verdict in verdicts for row in verdict.rows]
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    failures += [Failure(c.song_id, text, c.row_id, kind) for c in checks for kind, text in c.failures]
    if is_whole:
        failures = [*unknown_files(dataset), *failures, *check_totals(dataset, row_ids)]
    if catalog is not None and recheck is not None:
        took_s = round(time.perf_counter() - began, 3)
        fidelity = Fidelity("checked", "", recheck.seed, len(row_ids), checks, took_s)
        failures += _songs_apart(dataset, catalog, chosen, is_whole=is_whole)
    elif recheck is not None and recheck.is_required:
        failures.append(Failure("", f"its rows were to be compared with their source: {reason}"))
    songs = {name: dataset.manifest.songs[name] for name in chosen}
    return VerifyReport(
        failures=tuple(failures),
        coverage=coverage_by_class(
            (row for verdict in verdicts for row in verdict.rows),
            {name: record.class_name for name, record in songs.items()},
        ),
        inventory=add_inventories(verdict.inventory for verdict in verdicts),
        fidelity=fidelity,
        delta=None if against is None else compare_builds(path, against, song_ids=None if is_whole else set(chosen)),
        n_songs=len(songs),
        n_rows=len(row_ids),
        n_slices=sum(verdict.n_midi for verdict in verdicts),
        n_sounds=sum(verdict.n_audio for verdict in verdicts),
        without_segments=tuple(name for name, record in songs.items() if not record.n_segments),
        little_covered=_little_covered(songs),
        dropped=_dropped(songs.values()),
    )


def _little_covered(songs: Mapping[str, SongRecord]) -> dict[str, float]:
    """Share of each song that its segments cover, where that is less than `MIN_COVERED`."""
    return {
        name: round(record.covered_s / record.duration_s, 4)
        for name, record in songs.items()
        if record.n_segments and record.covered_s < MIN_COVERED * record.duration_s
    }


def _dropped(songs: Iterable[SongRecord]) -> dict[str, int]:
    """How many parts have no row, by reason."""
    dropped: Counter[str] = Counter()
    for record in songs:
        dropped.update(record.dropped)
    return dict(sorted(dropped.items()))


def _find_catalog(path: Path, recheck: Recheck | None) -> tuple[Catalog | None, str]:
    """Return the catalog, or why there is none."""
    if recheck is None:
        return None, "it was not asked for"
    root = recheck.catalog or read_origin(path)
    if root is None:
        return None, "its catalog is not where the dataset was built from it; give --catalog"
    catalog = read_catalog(root)
    if not catalog.songs and recheck.catalog is None:
        return None, "the folder it was built from holds no songs any more; give --catalog"
    return catalog, ""


def _plan(dataset: Dataset, chosen: Sequence[str], catalog: Catalog | None, recheck: Recheck | None) -> list[VerifyJob]:
    sources: Mapping[str, Source] = {}
    drawn: set[str] = set()
    if catalog is not None and recheck is not None:
        encodings = {codes.file: codes.encoding for codes in catalog.time_codes}
        sources = {s.song_id: Source(s, catalog.root, catalog.ontology, _own(encodings, s)) for s in catalog.songs}
        drawn = draw_rows(list(_row_ids(dataset, chosen)), recheck.n_rows, recheck.seed)
    dropped: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    try:
        for row in read_dropped(dataset):
            dropped[row["song_id"]].append(row)
    except (OSError, ValueError, WhitelightError):  # told by `check_totals`
        pass
    of_song: dict[str, set[str]] = defaultdict(set)
    for row_id in drawn:
        of_song[row_id.rsplit("/", 2)[0]].add(row_id)
    return [
        VerifyJob(
            dataset=_only(dataset, song_id),
            song_id=song_id,
            dropped=tuple(dropped[song_id]),
            source=sources.get(song_id),
            row_ids=frozenset(of_song[song_id]),
        )
        for song_id in chosen
    ]


def _only(dataset: Dataset, song_id: str) -> Dataset:
    """Return a dataset with the record of one song, which is all its worker needs."""
    manifest = dataset.manifest.model_copy(update={"songs": {song_id: dataset.manifest.songs[song_id]}})
    return Dataset(dataset.path, manifest, dataset.ontology)


def _own(encodings: Mapping[str, str], song: object) -> dict[str, str]:
    files = (getattr(song, "manifest_file", ""), getattr(song, "lyrics_file", "") or "")
    return {file: encodings[file] for file in files if file in encodings}


def _row_ids(dataset: Dataset, chosen: Sequence[str]) -> Iterator[str]:
    """Row ids of all shards that can be read; the others are told as damaged."""
    for song_id in chosen:
        try:
            yield from dataset.song_rows(song_id, ["row_id"])["row_id"].to_pylist()
        except WhitelightError:
            continue


def _run(todo: Sequence[VerifyJob], jobs: int, progress: Progress) -> list[SongVerdict]:
    """Verify songs; verdicts in the order of the songs."""
    found: dict[str, SongVerdict] = {}
    for n, verdict in enumerate(in_processes(verify_song, todo, jobs), 1):
        found[verdict.song_id] = verdict
        progress(n, len(todo))
    return [found[job.song_id] for job in todo]


def _songs_apart(dataset: Dataset, catalog: Catalog, chosen: Sequence[str], *, is_whole: bool) -> Iterator[Failure]:
    """Yield songs that only the dataset or only the catalog has, and other terms or another ontology."""
    known = catalog.by_id
    for song_id in chosen:
        if song_id not in known:
            yield Failure(song_id, "it is not in the catalog any more; build the dataset again", "", "inventory")
    for song_id in known if is_whole else ():
        if song_id not in dataset.manifest.songs:
            yield Failure(song_id, "it is in the catalog and not in the dataset; build again", "", "inventory")
    if catalog.terms != dataset.manifest.terms:
        yield Failure("", "the catalog states other terms of use; build the dataset again", "", "labels")
    if catalog.ontology.hash != dataset.manifest.ontology_hash:
        yield Failure("", "the catalog's ontology is not the dataset's; build the dataset again", "", "labels")
