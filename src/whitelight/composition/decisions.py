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
from whitelight.composition.mark_text import escaped
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.promotion import approved_name
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.stages import STAGE_NAMES
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text, write_atomic
from whitelight.locking import folder_locked
from whitelight.music import MidiError, read_midi

DECISIONS_FILE = "decisions.yml"
_MARK = ("by", "status", "label", "rating", "notes", "wish", "used", "edited")
_HEADER = "# Written by whitelight: what was decided, and on which music. Records are only added.\ndecisions:\n"


class DecisionsError(WhitelightError):
    """A `decisions.yml` that was changed until it cannot be added to."""


def record_decisions(folder: Path, used: Mapping[str, Sequence[str]] | None = None) -> int:
    """Add what was decided since the last time; return how many records were added.

    A mark that was taken back is recorded as undecided, so that the last record of a candidate is what stands.

    Parameters
    ----------
    used : stage → approved files (names without ending) that the arrangement plays; nothing is said of use if None.

    Raises
    ------
    DecisionsError : the file there is no list of decisions.
    """
    path = folder / DECISIONS_FILE
    with folder_locked(folder):
        last = {(str(one["stage"]), str(one["id"])): one for one in read_decisions(folder)}
        new = list(_new_records(folder, used, last))
        if new:
            text = read_text(path) if path.exists() else _HEADER
            text += "" if text.endswith("\n") else "\n"
            write_atomic(path, text + "".join(f"  - {escaped(json.dumps(one, ensure_ascii=False))}\n" for one in new))
    return len(new)


def read_decisions(folder: Path) -> list[dict[str, Any]]:
    """All records, oldest first; raises like `record_decisions`."""
    path = folder / DECISIONS_FILE
    if not path.exists():
        return []
    text = read_text(path)
    found = _read_lines(text)
    if found is None:
        content = load_yaml(path, text)
        found = content.get("decisions") if isinstance(content, dict) else None
        found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise DecisionsError(
            f"{folder.name}/{DECISIONS_FILE}: expected 'decisions:' with a list; restore it or move it away"
        )
    return found


def _read_lines(text: str) -> list[Any] | None:
    """Records as they were written, one line of JSON each; None when there is anything else, which YAML may read."""
    head, _, rest = text.partition("\ndecisions:\n")
    lines = [line for line in rest.split("\n") if line.strip()]
    if not all(line.startswith("#") for line in head.splitlines()) or not all(map(_is_record, lines)):
        return None
    try:
        return [json.loads(line[4:], parse_constant=str) for line in lines]  # str: what YAML makes of NaN
    except ValueError:
        return None


def _is_record(line: str) -> bool:
    return line.startswith("  - {") and line.endswith("}")


def _new_records(
    folder: Path, used: Mapping[str, Sequence[str]] | None, last: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for stage in (folder / name for name in STAGE_NAMES if (folder / name / REVIEW_FILE).exists()):
        by_machine = chosen_by_machine(stage)
        chosen = {one: name for name, one in read_choice(stage).items() if name in by_machine}
        for entry in read_review(stage / REVIEW_FILE).entries:
            before = last.get((stage.name, entry.candidate_id))
            is_auto = entry.candidate_id in chosen and not entry.is_marked
            if not entry.is_marked and not is_auto and not _was_marked(before):
                continue
            name = chosen[entry.candidate_id] if is_auto else approved_name(entry)
            mark = _mark_of(stage, entry, by="auto" if is_auto else "human")
            edit = _edit(stage, entry, name) if mark["status"] == "approved" else None
            facts: dict[str, Any] = (
                {} if used is None or mark["status"] != "approved" else {"used": name in used.get(stage.name, ())}
            )
            facts |= {"edited": sha256(edit).hexdigest()} if edit is not None else {}
            if before is None or not _is_said(before, mark | facts):
                yield _record(stage, entry, mark, facts, edit)


def _was_marked(before: Mapping[str, Any] | None) -> bool:
    """Whether the last record of a candidate is a human's opinion."""
    if before is None or before.get("by") != "human":
        return False
    said = (before.get(name) for name in ("label", "rating", "notes", "wish"))
    return before.get("status") != "undecided" or any(one is not None for one in said)


def _is_said(before: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a record says what the last one said; one that does not know of use says nothing against it."""
    names = [name for name in _MARK if name != "used" or "used" in record]
    is_blind = (before.get("blind") is True, record.get("blind") is True)
    return is_blind[0] == is_blind[1] and all(before.get(name) == record.get(name) for name in names)


def _mark_of(stage: Path, entry: ReviewEntry, *, by: str) -> dict[str, Any]:
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
        "wish": entry.wish or None,
        "blind": entry.blind,
    }


def _record(
    stage: Path, entry: ReviewEntry, mark: Mapping[str, Any], facts: Mapping[str, Any], edit: bytes | None
) -> dict[str, Any]:
    """The whole record; music is read here, and only for what is new."""
    machine = entry.item.get("machine")
    music = _music(_content(stage / "candidates" / Path(entry.file).name))
    edited = {} if edit is None else _edited_music(edit)
    return {**mark, "machine": dict(machine) if isinstance(machine, Mapping) else {}, **music, **facts, **edited}


def _edited_music(edit: bytes) -> dict[str, Any]:
    """Music with its own clock and tempo: a DAW may have changed both."""
    found = _music(edit)
    return {f"edited_{name}": found[name] for name in ("ticks_per_beat", "tempo_bpm", "music")}


def _music(data: bytes | None) -> dict[str, Any]:
    """Hash, clock, first tempo (quarter notes per minute) and notes of a MIDI file; nothing when it cannot be read."""
    try:
        piece = read_midi(data or b"")
    except MidiError:
        return {"sha256": None, "ticks_per_beat": None, "tempo_bpm": None, "music": None}
    rows = (
        f"{part.name or 'track'} {' '.join(f'{on}+{length}:{pitch}/{velocity}' for on, length, pitch, velocity in part.notes.to_rows())}"
        for part in piece.midi_tracks
    )
    digest = sha256(data or b"").hexdigest()
    tempo_bpm = round(60_000_000 / piece.tempo_map.us_per_beat[0], 6)
    return {
        "sha256": digest, "ticks_per_beat": piece.ticks_per_beat, "tempo_bpm": tempo_bpm, "music": "; ".join(rows)
    }  # fmt: skip


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _edit(stage: Path, entry: ReviewEntry, name: str) -> bytes | None:
    """The file in `approved/` as it was changed by hand; None when it is the candidate, or no music."""
    data = _content(stage / "approved" / f"{name}.mid")
    if data is None or data == _content(stage / "candidates" / Path(entry.file).name):
        return None
    try:
        read_midi(data)
    except MidiError:
        return None
    return data
