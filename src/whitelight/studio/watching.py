"""Outside edits, noticed by looking: what changed in which song, told to everyone who listens.

One thread looks twice a second, and only while somebody listens; a large tree is looked at less often, so that looking
takes a twentieth of one processor at most.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any

from whitelight.studio.library import STAGES, Print, SongLibrary, print_of, version_of

LOOK_EVERY_S = 0.5
_LOOKING_SHARE = 0.05  # of the time
_FIND_EVERY_S = 2.0  # new songs are rarer than edits

Listener = Callable[["Change"], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What is new in the files of one song; `version` is empty when it is gone."""

    song: str
    version: str
    stages: tuple[str, ...] = ()
    sheet: bool = False
    arrangement: bool = False
    files: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as the page is told."""
        return {
            "song": self.song,
            "version": self.version,
            "stages": list(self.stages),
            "sheet": self.sheet,
            "arrangement": self.arrangement,
            "files": self.files,
        }


def change_between(song: str, before: Print, after: Print) -> Change | None:
    """Say what differs between two looks at a song; None when nothing does."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if not names:
        return None
    stages = tuple(stage for stage in STAGES if any(name.startswith(f"{stage}/") for name in names))
    others = {name for name in names if "/" not in name}
    known = {"song.yml", "arrangement.yml"}
    return Change(
        song,
        version_of(after) if after else "",
        stages,
        sheet="song.yml" in others,
        arrangement="arrangement.yml" in others,
        files=bool(others - known),
    )


class Changes:
    """Looks at the songs while somebody listens."""

    def __init__(self, library: SongLibrary, *, every_s: float = LOOK_EVERY_S) -> None:
        self._library, self._every_s = library, every_s
        self._listeners: list[Listener] = []
        self._lock, self._closed = Lock(), Event()
        self._thread: Thread | None = None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from the looking thread for every change from now on; returns what ends it."""
        with self._lock:
            self._listeners.append(listener)
            if self._thread is None and not self._closed.is_set():
                self._thread = Thread(target=self._look, name="studio-watching", daemon=True)
                self._thread.start()

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def close(self) -> None:
        """Stop looking; listeners hear nothing more."""
        self._closed.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=5.0)

    def _look(self) -> None:
        seen = self._prints(self._places())
        found_at = time.monotonic()
        wait_s = self._every_s
        while not self._closed.wait(wait_s):
            with self._lock:
                if not self._listeners:
                    self._thread = None  # the next who listens starts anew
                    return
            started = time.monotonic()
            if started - found_at > _FIND_EVERY_S:
                places, found_at = self._places(), started
            else:
                places = self._known
            now = self._prints(places)
            for song in sorted(seen.keys() | now.keys()):
                change = change_between(song, seen.get(song, {}), now.get(song, {}))
                if change is not None:
                    self._tell(change)
            seen = now
            wait_s = max(self._every_s, (time.monotonic() - started) / _LOOKING_SHARE)

    def _places(self) -> list[tuple[str, Any]]:
        self._known = [(place.song_id, place.folder) for place in self._library.places()]
        return self._known

    def _prints(self, places: Iterable[tuple[str, Any]]) -> dict[str, Print]:
        prints = {song: print_of(folder) for song, folder in places}
        return {song: seen for song, seen in prints.items() if "song.yml" in seen}

    def _tell(self, change: Change) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(change)
