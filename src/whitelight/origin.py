"""Where a folder was made from: a relative path beside what was made, so that a later command finds it by itself.

A convenience of one machine: never hashed, never published, and nothing fails without it.
"""

import json
import os
from pathlib import Path

from whitelight.files import write_atomic

ORIGIN = "source.json"


def write_origin(folder: Path, source: Path) -> None:
    """Note in `folder` that it was made from `source`, relative to it; nothing is noted across drives."""
    try:
        relative = os.path.relpath(source.resolve(), folder.resolve())
    except ValueError:  # another drive of a Windows machine has no relative path
        return
    write_atomic(folder / ORIGIN, json.dumps({"source": Path(relative).as_posix()}) + "\n")


def read_origin(folder: Path) -> Path | None:
    """Return what `folder` was made from, when that is noted and still there."""
    try:
        noted = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))["source"]
        source = folder / str(noted)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return source if not Path(str(noted)).is_absolute() and source.exists() else None
