"""`decisions.yml`: every mark a human made, and every choice `--auto` made, with the music it was made on.

Training data of later days, so a record is complete by itself: what was proposed and how it was scored then, the mark,
and the notes as they sounded. Records are only ever added; a mark that changes adds another. Notes are kept as one
string, "onset+duration:pitch/velocity …" in ticks, so that the file stays readable line by line.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from whitelight.composition.automatic_choice import chosen_by_machine, read_choice
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.promotion import approved_name
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.review_text import LIST_KEY
from whitelight.composition.stages import STAGE_NAMES
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text, write_atomic
from whitelight.music import MidiError, read_midi

DECISIONS_FILE = "decisions.yml"
_HEADER = "# Written by whitelight: what was decided, and on which music. Records are only added.\ndecisions:\n"


class DecisionsError(WhitelightError):
    """A `decisions.yml` that was changed until it cannot be added to."""


def record_decisions(folder: Path, used: Mapping[str, Sequence[str]] | None = None) -> int:
    """Add what was decided since the last time; return how many records were added.

    Parameters
    ----------
    used : stage → approved files (names without ending) that the arrangement plays; nothing is said of use if None.

    Raises
    ------
    DecisionsError : the file there is no list of decisions.
    """
    path = folder / DECISIONS_FILE
    last = _last_marks(path)
    new = [record for record in _records(folder, used) if last.get(_key(record)) != _mark(record)]
    if new:
        text = read_text(path) if path.exists() else _HEADER
        text += "" if text.endswith("\n") else "\n"
        write_atomic(path, text + "".join(f"  - {json.dumps(one, ensure_ascii=False)}\n" for one in new))
    return len(new)


def read_decisions(folder: Path) -> list[dict[str, Any]]:
    """All records, oldest first; raises like `record_decisions`."""
    path = folder / DECISIONS_FILE
    if not path.exists():
        return []
    content = load_yaml(path)
    found = content.get("decisions") if isinstance(content, dict) else None
    if found is None:
        found = []
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise DecisionsError(
            f"{folder.name}/{DECISIONS_FILE}: expected 'decisions:' with a list; restore it or move it away"
        )
    return found


def _last_marks(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    return {_key(record): _mark(record) for record in read_decisions(path.parent)}


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    return str(record["stage"]), str(record["id"])


def _mark(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record.get(name) for name in ("by", "status", "label", "rating", "notes", "used", "edited")}


def _records(folder: Path, used: Mapping[str, Sequence[str]] | None) -> Iterator[dict[str, Any]]:
    for stage in STAGE_NAMES:
        path = folder / stage / REVIEW_FILE
        if not path.exists():
            continue
        content = load_yaml(path)
        measured = {
            str(item["id"]): item.get("machine") or {}
            for item in content.get(LIST_KEY) or []
            if isinstance(item, dict) and "id" in item
        }
        chosen = {
            one: name for name, one in read_choice(folder / stage).items() if name in chosen_by_machine(folder / stage)
        }
        for entry in read_review(path).entries:
            is_auto = entry.candidate_id in chosen and not entry.is_marked
            if entry.is_marked or is_auto:
                name = chosen[entry.candidate_id] if is_auto else approved_name(entry)
                record = _record(
                    folder / stage, entry, measured.get(entry.candidate_id, {}), by="auto" if is_auto else "human"
                )
                if used is not None and (is_auto or entry.status == "approved"):
                    record["used"] = name in used.get(stage, ())
                yield record | _edit(folder / stage / "approved" / f"{name}.mid", record)


def _record(stage: Path, entry: ReviewEntry, machine: Mapping[str, Any], *, by: str) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "id": entry.candidate_id,
        "section": entry.section,
        "variant": entry.variant or None,
        "by": by,
        "status": "approved" if by == "auto" else entry.status,
        "label": entry.label or None,
        "rating": entry.rating,
        "notes": entry.notes or None,
        "machine": dict(machine),
        **_music(stage / "candidates" / Path(entry.file).name),
    }


def _music(file: Path) -> dict[str, Any]:
    """Hash and notes of a MIDI file; nothing when it is gone or cannot be read."""
    try:
        data = file.read_bytes()
        piece = read_midi(data)
    except (OSError, MidiError):
        return {"sha256": None, "music": None}
    rows = (
        f"{part.name or 'track'} {' '.join(f'{on}+{length}:{pitch}/{velocity}' for on, length, pitch, velocity in part.notes.to_rows())}"
        for part in piece.midi_tracks
    )
    return {"sha256": sha256(data).hexdigest(), "ticks_per_beat": piece.ticks_per_beat, "music": "; ".join(rows)}


def _edit(approved: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """What was made of an approved candidate by hand: the notes as they stand in `approved/`."""
    if record["status"] != "approved" or not approved.exists():
        return {}
    found = _music(approved)
    if found["sha256"] in (None, record["sha256"]):
        return {}
    return {"edited": found["sha256"], "edited_music": found["music"]}
