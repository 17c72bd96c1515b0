"""Reading a catalog: one folder per song, a manifest, lyrics, media. A broken song never breaks the catalog.

A folder is a song when it holds `<folder>.yml`, or exactly one YAML file; folders without one that hold a song's media
are reported. Links to folders are not followed, links to files not out of the catalog. Songs are ordered by their id.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.settings import SETTINGS_FILE, read_settings
from whitelight.catalog.song import Catalog, FileTimeCodes, Problem, Song
from whitelight.catalog.song_reader import read_song
from whitelight.errors import WhitelightError
from whitelight.files import UnreadableFileError, UnsafePathError, inside
from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent

MEDIA_SUFFIXES = frozenset((".lrc", ".mid", ".midi", ".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3", ".m4a"))


class NoCatalogError(WhitelightError):
    """A path is no folder."""


def read_catalog(
    root: Path,
    *,
    ontology: Ontology | str | Path | None = None,
    overrides: Path | None = None,
    progress: Progress = silent,
) -> Catalog:
    """Read every song below `root`.

    Parameters
    ----------
    ontology : an ontology, a shipped name or a YAML file; None for what `catalog.yml` says, else the shipped default.
    overrides : YAML file that decides time codes, see `settings`.

    Raises
    ------
    NoCatalogError, SettingsError : there is no such folder, or `catalog.yml` cannot be used.
    """
    root = Path(root)
    if not root.is_dir():
        raise NoCatalogError(f"{root}: no such folder; give the folder that holds one folder per song")
    settings = read_settings(root, ontology, overrides)
    problems: list[Problem] = []
    songs: list[Song] = []
    time_codes: list[FileTimeCodes] = []
    manifests = list(find_manifests(root, problems))
    for done, path in enumerate(manifests, 1):
        log = ProblemLog(path.relative_to(root).as_posix())
        try:
            inside(root, log.file)
            song, codes, found = read_song(root, path, settings)
        except UnsafePathError:
            text = "a link that leads out of the catalog, expected a file; copy the file there"
            log.add("path-outside", text, "left the song out", severity="error")
            problems += log.problems
        except (WhitelightError, OSError) as err:
            line = err.line if isinstance(err, UnreadableFileError) else 0
            text = str(err).replace(str(path), log.file)  # where the catalog lies is nobody's business
            log.add("manifest-unreadable", text, "left the song out", line=line, severity="error")
            problems += log.problems
        else:
            song = _with_unique_id(song, {s.song_id for s in songs}, log)
            songs.append(song)
            time_codes += codes
            problems += [*found, *log.problems]
        progress(done, len(manifests))
    if not manifests:
        text = "no song folder found, expected NN_NN/NN_NN.yml below it"
        problems.append(Problem(".", 0, "catalog-empty", text, "read nothing", "error"))
    unknown = [name for name in settings.overrides if name not in {codes.file for codes in time_codes}]
    for name in unknown:
        text = f"time_codes names '{name}', which has no time codes"
        problems.append(Problem(SETTINGS_FILE, 0, "override-unused", text, "ignored it"))
    songs.sort(key=lambda song: song.song_id)
    return Catalog(root, settings.ontology, tuple(songs), tuple(problems), tuple(time_codes), settings.terms)


def find_manifests(root: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield the manifests below `root` in order of their folders; folders that look like songs and are not go to `problems`."""
    for folder_name, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        folder = Path(folder_name)
        where = folder.relative_to(root).as_posix()
        yamls = sorted(
            n for n in names if n.endswith((".yml", ".yaml")) and not n.startswith(".") and n != SETTINGS_FILE
        )
        own = [name for name in yamls if Path(name).stem == folder.name]
        if own or len(yamls) == 1:
            yield folder / (own or yamls)[0]
        elif len(yamls) > 1:
            text = f"found {', '.join(yamls[:4])}, expected {folder.name}.yml"
            problems.append(Problem(where, 0, "manifest-missing", text, "left the folder out", "error"))
        elif folder != root and any(Path(name).suffix.lower() in MEDIA_SUFFIXES for name in names):
            text = f"media without a manifest, expected {folder.name}.yml"
            problems.append(Problem(where, 0, "manifest-missing", text, "left the folder out", "warning"))


def _with_unique_id(song: Song, taken: set[str], log: ProblemLog) -> Song:
    if song.song_id not in taken:
        return song
    base = re.sub(r"[^A-Za-z0-9._\-]+", "_", song.folder)
    unique = base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)
    log.add("song-id-repeated", f"another song has the id '{song.song_id}' too", f"called this one '{unique}'")
    stems = tuple(replace(s, stem_id=f"{unique}/{s.stem_id.removeprefix(song.song_id + '/')}") for s in song.stems)
    group_id = unique if song.group_id == song.song_id else song.group_id
    return replace(song, song_id=unique, group_id=group_id, stems=stems)
