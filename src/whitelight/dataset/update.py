"""From a catalog's folder to its dataset, without reading the catalog again when no file of it has changed.

Reading 61 manifests takes longer than everything a build has to do when nothing changed. So a build notes in
``.build.json`` what it was made from; a convenience of one machine, as `origin`: never hashed, never published, and
nothing fails without it.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from whitelight import __version__
from whitelight.catalog import Catalog, read_catalog
from whitelight.catalog.media import WHOLE_FILE_BYTES
from whitelight.catalog.song import Problem
from whitelight.dataset.build import audio_record, build_dataset, engine_named
from whitelight.dataset.build_report import BuildReport, what_is_left_out
from whitelight.dataset.manifest import MANIFEST, Manifest, NotADatasetError, read_manifest
from whitelight.dataset.rendering import with_soundfont
from whitelight.dataset.segments import Policy
from whitelight.dataset.settings import AudioSettings
from whitelight.dataset.shards import is_whole
from whitelight.files import sha256_of, write_atomic
from whitelight.progress import Progress

STAMP = ".build.json"


def update_dataset(
    path: Path,
    out: Path,
    *,
    policy: str = "lines",
    jobs: int = 1,
    engine: str = "local",
    audio: AudioSettings = AudioSettings(),  # noqa: B008  frozen
    when_read: Callable[[Catalog], None] | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Read the catalog in `path` and build its dataset; at once when neither has changed since the last build.

    Parameters
    ----------
    when_read : hears the catalog before anything is built; not when nothing changed.
    others : as `build_dataset`, which see for errors.
    """
    began = time.perf_counter()
    engine_named(engine)  # what is mistyped is refused, also when there is nothing to do
    Policy.parse(policy)
    audio = with_soundfont(audio)
    stamp = _stamp(path, out, policy, audio)  # before reading: what is edited meanwhile must not count as built
    if known := _unchanged(out, stamp, began):
        return known
    catalog = read_catalog(path)
    if when_read is not None:
        when_read(catalog)
    report = build_dataset(catalog, out, policy=policy, jobs=jobs, engine=engine, audio=audio, progress=progress)
    if not any(problem.is_passing for problem in report.problems):
        errors = [problem.to_dict() for problem in catalog.problems if problem.severity == "error"]
        noted = {"stamp": stamp, "manifest": _hash_of(out / MANIFEST), "errors": errors}
        write_atomic(out / STAMP, json.dumps(noted, ensure_ascii=False) + "\n")
    return report


def _unchanged(out: Path, stamp: str, began: float) -> BuildReport | None:
    """Return the report of a build with nothing to do, None where there may be something."""
    try:
        noted = json.loads((out / STAMP).read_bytes())
        if noted["stamp"] != stamp or noted["manifest"] != _hash_of(out / MANIFEST):
            return None
        manifest = read_manifest(out)
        errors = tuple(Problem(**problem) for problem in noted["errors"])
    except (OSError, ValueError, KeyError, TypeError, NotADatasetError):
        return None
    if not all(is_whole(out, record) for record in manifest.songs.values()):
        return None
    return _report(out, manifest, errors, time.perf_counter() - began)


def _report(out: Path, manifest: Manifest, errors: tuple[Problem, ...], seconds: float) -> BuildReport:
    problems = tuple(problem for record in manifest.songs.values() for problem in record.problems)
    return BuildReport(out, manifest, 0, manifest.n_songs, 0, problems, what_is_left_out(errors, problems), seconds)


def _stamp(path: Path, out: Path, policy: str, audio: AudioSettings) -> str:
    """Return a hash of everything a build depends on: settings, names and contents of files, large ones by their date."""
    settings = f"{__version__} {policy} {audio_record(audio).model_dump_json()}"
    return sha256_of([settings.encode(), *_parts(path, out.resolve())])


def _parts(path: Path, out: Path) -> Iterator[bytes]:
    for file in sorted(_files(path, out)):
        yield file.relative_to(path).as_posix().encode()
        try:
            state = file.stat()
            is_large = state.st_size > WHOLE_FILE_BYTES
            yield f"{state.st_size} {state.st_mtime_ns}".encode() if is_large else file.read_bytes()
        except OSError as err:  # told when the catalog is read
            yield f"{err.errno}".encode()


def _files(path: Path, out: Path) -> Iterator[Path]:
    """Yield every regular file below a folder, through links too, but not those of the dataset itself."""
    seen: set[Path] = set()
    for folder, inner, names in os.walk(path, followlinks=True):
        real = Path(folder).resolve()
        if real in seen or real.is_relative_to(out):
            inner.clear()
            continue
        seen.add(real)
        yield from (file for name in names if (file := Path(folder) / name).is_file())


def _hash_of(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
