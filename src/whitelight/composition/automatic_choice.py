"""`<stage>/auto.yml`: what `--auto` chose where the human had not. The human's `review.yml` is never marked by it."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.composition.production import write_when_new
from whitelight.files import load_yaml, read_text

AUTO_FILE = "auto.yml"
_PAIR = re.compile(r'"([ -!#-\[\]-~]{1,200})": "([ -!#-\[\]-~]*)"')  # without anything that would have to be escaped
_HEADER = "# Written by whitelight --auto: approved file -> candidate. What you approve in review.yml counts instead.\n"


def read_choice(stage: Path) -> dict[str, str]:
    """Name of the approved file, without its ending → id of the candidate; empty when nothing was chosen."""
    path = stage / AUTO_FILE
    content = choice_of(read_text(path)) if path.exists() else {}
    return {str(name): str(one) for name, one in content.items()}


@lru_cache(maxsize=1024)
def choice_of(text: str) -> dict[Any, Any]:
    """The content of an `auto.yml`; empty when it is no mapping."""
    plain = _pairs(text)
    if plain is not None:
        return plain
    content = load_yaml(Path(AUTO_FILE), text)
    return content if isinstance(content, dict) else {}


def _pairs(text: str) -> dict[str, str] | None:
    """A file of one ``"name": "value"`` per line, as whitelight writes it; None when it holds anything else.

    Saves 2 ms a file, which a hundred songs of six stages have six hundred times.
    """
    found: dict[str, str] = {}
    for line in text.splitlines() if text.isascii() else ("?",):
        if line.startswith("#"):
            continue
        pair = _PAIR.fullmatch(line)
        if pair is None or pair[1] in found:
            return None
        found[pair[1]] = pair[2]
    return found or None


def chosen_by_machine(stage: Path) -> frozenset[str]:
    """Names in `approved/` that `--auto` put there and nobody has touched since."""
    found = []
    for name, candidate_id in read_choice(stage).items():
        if "/" in name + candidate_id:  # no file of this stage
            continue
        approved, candidate = stage / "approved" / f"{name}.mid", stage / "candidates" / f"{candidate_id}.mid"
        if approved.exists() and candidate.exists() and approved.read_bytes() == candidate.read_bytes():
            found.append(name)
    return frozenset(found)


def write_choice(stage: Path, chosen: Mapping[str, str]) -> None:
    """Copy what was chosen to `approved/` and record it; what a human put there under the same name stays.

    Parameters
    ----------
    chosen : name without its ending → id of a candidate that is written. Earlier choices of other names stay listed.
    """
    mine = chosen_by_machine(stage)
    for name, candidate_id in chosen.items():
        approved = stage / "approved" / f"{name}.mid"
        if name in mine or not approved.exists():
            candidate = stage / "candidates" / f"{candidate_id}.mid"
            write_when_new(approved, candidate.read_bytes())
            copy_words(candidate.with_suffix(".txt"), approved)
    known = read_choice(stage) | dict(chosen)
    lines = "".join(f"{json.dumps(name)}: {json.dumps(one)}\n" for name, one in sorted(known.items()))
    write_when_new(stage / AUTO_FILE, (_HEADER + lines).encode())


def copy_words(words: Path, approved: Path) -> None:
    """Lay the words of a lyric candidate beside its approved file; words there that no candidate has are somebody's."""
    text = approved.with_suffix(".txt")
    if not words.is_file():
        return
    if not text.exists() or text.read_bytes() in {file.read_bytes() for file in words.parent.glob("*.txt")}:
        write_when_new(text, words.read_bytes())
