"""Which songs lie under the studio's folder, and what their files look like from outside.

A song is a folder with a `song.yml`. Its id is made of its place below the root, opaque to whoever uses it; ids are looked
up in the index and never joined to a path. Hidden folders and links that lead out of the root are not entered.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from whitelight.studio.errors import NotAllowedError, NotThereError

MAX_DEPTH = 5  # levels of folders between the root and a song
MAX_SONGS = 2_000
_SONG_FILE = "song.yml"  # as `composition.production` calls it; looking for songs need not load the composer
_NOT_ENTERED = {"candidates", "approved", "stems", "previews", "node_modules", "__pycache__"}
_STAGE_FILES = ("review.yml", "auto.yml", "search.yml")
_STAGE_FOLDERS = ("candidates", "approved")
STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")

Print = dict[str, tuple[int, int, int]]  # file of a song → time of change in ns, size in bytes, inode


class UnknownSongError(NotThereError):
    """A song that is not in the studio's folder."""


class LinkOutError(NotAllowedError):
    """A song that reaches out of the studio's folder by a link."""


@dataclass(frozen=True, slots=True)
class SongPlace:
    """A song in the index: its id, its folder, and the folder as people are told."""

    song_id: str
    folder: Path
    name: str


class SongLibrary:
    """The songs below one folder.

    Parameters
    ----------
    root : a production folder or a tree of them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._places: dict[str, SongPlace] = {}
        self._lock = Lock()

    def places(self) -> tuple[SongPlace, ...]:
        """All songs that are there now, by folder."""
        found = {place.song_id: place for place in find_songs(self.root)}
        with self._lock:
            self._places = found
        return tuple(found.values())

    def place(self, song_id: str) -> SongPlace:
        """One song by id; looks again for one that is new.

        Raises
        ------
        UnknownSongError : there is none, or it is gone. LinkOutError : one of its files is a link out of the root.
        """
        place = self._places.get(song_id)
        if place is None or not _is_inside(place.folder / _SONG_FILE, self.root):
            self.places()
            place = self._places.get(song_id)
        if place is None:
            raise UnknownSongError("no song of that address; it may have been moved, see the list of songs")
        check_links(place.folder, self.root)
        return place

    def find(self, song_id: str) -> Path:
        """Folder of a song; raises like `place`."""
        return self.place(song_id).folder


def find_songs(root: Path) -> Iterator[SongPlace]:
    """Walk the tree for songs, in the order of their folders; a song's own folders are not searched."""
    if (root / _SONG_FILE).is_file():
        yield SongPlace(song_id_of("."), root, root.resolve().name)
        return
    real_root = root.resolve()
    met = {real_root}
    waiting, n_found = [(root, 1)], 0
    while waiting and n_found < MAX_SONGS:
        folder, depth = waiting.pop()
        below: list[tuple[Path, int]] = []
        for path in sorted(_folders(folder)):
            real = path.resolve()
            if real in met or not real.is_relative_to(real_root):
                continue
            met.add(real)
            if (path / _SONG_FILE).is_file():
                name = path.relative_to(root).as_posix()
                n_found += 1
                yield SongPlace(song_id_of(name), path, name)
            elif depth < MAX_DEPTH:
                below.append((path, depth + 1))
        waiting += reversed(below)


def _folders(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name[0] != "." and entry.name not in _NOT_ENTERED and entry.is_dir():
                    yield Path(entry.path)
    except OSError:  # not ours to read, or gone meanwhile
        return


def song_id_of(name: str) -> str:
    """Id of a song by its place: readable letters, and a hash that tells it from its namesakes."""
    plain = unicodedata.normalize("NFKD", name.rsplit("/", 1)[-1]).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "song"
    return f"{words}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def _is_inside(path: Path, root: Path) -> bool:
    return path.is_file() and path.parent.resolve().is_relative_to(root.resolve())


def check_links(folder: Path, root: Path) -> None:
    """Refuse a song whose files are not where they seem to be.

    Raises
    ------
    LinkOutError : a file or folder of it is a link out of `root`; what is read and written stays below it.
    """
    real_root = root.resolve()
    own = [folder, *(folder / stage for stage in STAGES)]
    own += [folder / stage / name for stage in STAGES for name in _STAGE_FOLDERS]
    for path in (link for place in own for link in _links(place)):
        if not path.resolve().is_relative_to(real_root):
            name = path.relative_to(folder).as_posix()
            raise LinkOutError(f"{name} is a link out of the studio's folder; replace it by a copy")


def _links(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            yield from [Path(entry.path) for entry in entries if entry.is_symlink()]
    except OSError:  # no such stage yet
        return


def print_of(folder: Path) -> Print:
    """What the files of a song look like from outside, without opening one."""
    found: Print = {}
    _add(found, folder, "", lambda name: "." in name and name[0] != ".")
    for stage in STAGES:
        _add(found, folder / stage, f"{stage}/", lambda name: name in _STAGE_FILES or name in _STAGE_FOLDERS)
        _add(found, folder / stage / "approved", f"{stage}/approved/", lambda name: name[0] != ".")
    return found


def _add(found: Print, folder: Path, prefix: str, is_wanted: Callable[[str], bool]) -> None:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_wanted(entry.name):
                    seen = entry.stat(follow_symlinks=False)
                    found[prefix + entry.name] = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
    except OSError:  # no such stage yet, or gone meanwhile
        return


def version_of(seen: Print) -> str:
    """One word that changes when any file of the song does."""
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]


def known_stage(name: str) -> str:
    """A stage's name, which is that of its folder.

    Raises
    ------
    NotThereError : there is no such stage.
    """
    if name not in STAGES:
        raise NotThereError(f"no stage of that name; expected one of {', '.join(STAGES)}")
    return name
