"""`<stage>/auto.yml`: what `--auto` chose where the human had not. The human's `review.yml` is never marked by it."""

import json
from collections.abc import Mapping
from pathlib import Path

from whitelight.composition.production import write_when_new
from whitelight.files import load_yaml

AUTO_FILE = "auto.yml"
_HEADER = "# Written by whitelight --auto: approved file -> candidate. What you approve in review.yml counts instead.\n"


def read_choice(stage: Path) -> dict[str, str]:
    """Name of the approved file, without its ending → id of the candidate; empty when nothing was chosen."""
    path = stage / AUTO_FILE
    content = load_yaml(path) if path.exists() else None
    return {str(name): str(one) for name, one in content.items()} if isinstance(content, dict) else {}


def chosen_by_machine(stage: Path) -> frozenset[str]:
    """Names in `approved/` that `--auto` put there and nobody has touched since."""
    found = []
    for name, candidate_id in read_choice(stage).items():
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
