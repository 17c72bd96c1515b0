"""What a build did, for people and for machines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from whitelight.catalog.song import Problem
from whitelight.dataset.manifest import Manifest, ProblemRecord
from whitelight.dataset.shards import DROPPED

LEFT_OUT_KEYS = ("file", "code", "message", "action")


def what_is_left_out(
    errors: Iterable[Problem], problems: Iterable[ProblemRecord]
) -> tuple[Problem | ProblemRecord, ...]:
    """Return songs and files that could not be used, each once: what the catalog said first, then what the build found.

    Parameters
    ----------
    errors : of the catalog; those of a file inside a song begin with its name.
    problems : of the build.
    """
    told = tuple(errors)
    return (*told, *(p for p in problems if p.is_error and not any(_is_of(error, p.file) for error in told)))


def _is_of(error: Problem, file: str) -> bool:
    folder = PurePosixPath(error.file).parent
    return PurePosixPath(file).is_relative_to(folder) and error.message.startswith(f"{PurePosixPath(file).name}: ")


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
            "audio": self.manifest.audio.model_dump(),
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
        schema = f"schema {self.manifest.schema_version}"
        yield f"wrote {self.out}: {self.manifest.n_rows:,} rows, {schema}, {self.seconds:.1f} s"
