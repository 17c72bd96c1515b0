"""Running the step of every song: here, or in several processes of this machine."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from whitelight.dataset.song_step import SongJob, build_song
from whitelight.errors import WhitelightError
from whitelight.workers import WorkerError, in_processes

Engine: TypeAlias = Callable[[Sequence[SongJob], int, Callable[[int], None]], None]


class BuildError(WhitelightError):
    """A dataset cannot be built here."""


def run_local(todo: Sequence[SongJob], jobs: int, tell: Callable[[int], None]) -> None:
    """Build songs in `jobs` processes, in this one when that is 1; `tell` hears how many are done."""
    try:
        for n, _ in enumerate(in_processes(build_song, todo, jobs), 1):
            tell(n)
    except WorkerError as err:
        raise BuildError(str(err)) from err
