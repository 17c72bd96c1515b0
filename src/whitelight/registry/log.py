"""`promotions.jsonl`: every move of every alias, one line each, only ever added to.

The log *is* the state: what an alias means is what its lines say, read in order, so the two cannot disagree. A line that a
killed process left unfinished means nothing and stays where it is.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PROMOTE, ROLLBACK = "promote", "rollback"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One move of an alias.

    Attributes
    ----------
    time : UTC, ISO 8601. action : "promote" or "rollback". name, alias : of the model. old, new : version before and
        after, 0 where there was none. reason, who : as given, "" where not. forced : the version's gate had not passed.
    """

    time: str
    action: str
    name: str
    alias: str
    old: int
    new: int
    reason: str
    who: str
    forced: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)

    def line(self) -> str:
        """Say it in one line."""
        before = f"from {self.old} " if self.old else ""
        by = f" by {self.who}" if self.who else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.time}  {self.action} {self.name}@{self.alias} {before}to {self.new}{by}{why}" + (
            " (forced)" if self.forced else ""
        )


def read_log(path: Path) -> list[Promotion]:
    """Return all moves, the oldest first."""
    found = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            found.append(Promotion(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def append_log(path: Path, promotion: Promotion) -> None:
    """Add a line and wait until it is on the disk; an unfinished line before it is ended first."""
    content = (json.dumps(promotion.to_dict(), ensure_ascii=False) + "\n").encode()
    with path.open("a+b") as stream:
        if stream.tell() > 0:
            stream.seek(-1, os.SEEK_END)
            content = content if stream.read(1) == b"\n" else b"\n" + content
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def history(promotions: Iterable[Promotion], name: str, alias: str) -> list[int]:
    """Return what an alias meant, the present last; what was rolled back is forgotten."""
    versions: list[int] = []
    for one in promotions:
        if (one.name, one.alias) != (name, alias):
            continue
        if one.action == ROLLBACK:
            versions = versions[:-1]
        else:
            versions.append(one.new)
    return versions


def aliases_of(promotions: Iterable[Promotion], name: str) -> dict[str, int]:
    """Return the aliases of a model and the version each means now."""
    moves = list(promotions)
    names = sorted({one.alias for one in moves if one.name == name})
    return {alias: found[-1] for alias in names if (found := history(moves, name, alias))}
