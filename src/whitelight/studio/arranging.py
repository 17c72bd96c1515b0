"""The arrangement as the page sees and changes it. The file is the human's: a change is refused when it is not the one seen."""

import difflib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from whitelight.composition.arrangement import (
    ARRANGEMENT_FILE,
    Arrangement,
    StageMix,
    approved_parts,
    plan_arrangement,
    read_arrangement,
)
from whitelight.composition.arrangement.arrangement_editing import edited_text
from whitelight.composition.arrangement.arrangement_writing import first_text
from whitelight.composition.arrangement.edit_values import ArrangementEdit, heard_part, says_more
from whitelight.composition.arrangement.edit_words import edit_words
from whitelight.composition.arrangement.model import ENDINGS, STAGES
from whitelight.composition.arrangement.parts import Approved, foreign_parts, part_names
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.files import inside, read_text, sha256_of, write_atomic
from whitelight.studio.journal import Journal, Operation, RefusedError, read_or_none

_KEPT_TEXTS = 64  # 2 to 10 kB each


@dataclass(frozen=True, slots=True)
class ArrangementText:
    """`arrangement.yml` as it stands, or as it would be written where there is none."""

    text: str
    is_planned: bool

    @property
    def version(self) -> str:
        """By which the page knows it."""
        return sha256_of((b"planned" if self.is_planned else b"", self.text.encode()))[:16]


@dataclass(slots=True)
class SeenTexts:
    """Which text a version stands for, so that a refusal can say what changed since the page saw it."""

    _texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, shown: ArrangementText) -> None:
        """Remember a text; the oldest is forgotten."""
        with self._lock:
            self._texts[shown.version] = shown.text
            self._texts.move_to_end(shown.version)
            while len(self._texts) > _KEPT_TEXTS:
                self._texts.popitem(last=False)

    def get(self, version: str) -> str | None:
        """The text of a version, None when it is forgotten."""
        return self._texts.get(version)


_SEEN = SeenTexts()


def current_text(folder: Path) -> ArrangementText:
    """What is there, or what would be.

    Raises
    ------
    ArrangementError : there is none, and nothing is approved that could be arranged.
    """
    path = inside(folder, ARRANGEMENT_FILE, source="the song's folder")
    if path.exists():
        return ArrangementText(read_text(path), is_planned=False)
    return ArrangementText(first_text(folder, plan_arrangement(read_song_sheet(folder), approved_parts(folder))), True)


def arrangement_document(folder: Path, now: ArrangementText, history: Mapping[str, Any]) -> dict[str, Any]:
    """The arrangement as `ArrangementDocument` of `web/src/types.ts`."""
    arrangement = read_arrangement(folder, now.text, allow_missing=True)
    sheet, approved = read_song_sheet(folder), approved_parts(folder)
    _SEEN.keep(now)
    return {
        "version": now.version,
        "planned": now.is_planned,
        "blocks": _blocks(arrangement),
        "mix": {stage: _mix(arrangement.mix.get(stage, StageMix())) for stage in STAGES},
        "ending": arrangement.ending,
        "endings": list(ENDINGS),
        "choices": _choices(sheet, approved),
        "unheard": _unheard(arrangement, sheet, approved),
        "problems": [
            *_missing(arrangement, approved),
            *(f"{name}.mid: belongs to no section of the song; not used" for name in foreign_parts(folder)),
        ],
        "history": history,
    }


def _blocks(arrangement: Arrangement) -> list[dict[str, Any]]:
    return [
        {
            "name": block.name,
            "section": block.section,
            "bars": block.n_bars,
            "energy": block.energy,
            "parts": {stage: heard_part(block, stage) for stage in STAGES},
            "extra": says_more(block),
            "origin": place,
        }
        for place, block in enumerate(arrangement.blocks)
    ]


def _mix(mix: StageMix) -> dict[str, Any]:
    return {"gain_db": mix.gain_db, "mute": mix.mute}


def _missing(arrangement: Arrangement, approved: Approved) -> list[str]:
    """Parts that are arranged and not approved any more: until they are replaced, nothing can be saved."""
    return [
        f"{block.name}: {use.stage} plays '{use.part}', which is not approved; choose another part, or approve and promote it"
        for block in arrangement.blocks
        for use in block.uses
        if use.part not in part_names(approved, use.stage)
    ]


def _choices(sheet: SongSheet, approved: Approved) -> dict[str, dict[str, list[str]]]:
    return {
        section.name: {
            stage: [f"{slug(section.name)}_{label}" for label in approved.get(stage, {}).get(slug(section.name), ())]
            for stage in STAGES
        }
        for section in sheet.form.sections
    }


def _unheard(arrangement: Arrangement, sheet: SongSheet, approved: Approved) -> dict[str, list[str | None]]:
    """Stages that are approved and play nowhere, as after a promotion; with what each block would play of them."""
    used = {use.stage for block in arrangement.blocks for use in block.uses}
    out = {stage for stage, mix in arrangement.mix.items() if mix.mute}
    choices = _choices(sheet, approved)
    waiting = [
        s for s in STAGES if s not in used | out and any(choices.get(b.section, {}).get(s) for b in arrangement.blocks)
    ]
    if not waiting:
        return {}
    planned = {(b.name, b.section): b for b in plan_arrangement(sheet, approved).blocks}

    def fitting(stage: str) -> list[str | None]:
        wanted = [planned.get((block.name, block.section)) for block in arrangement.blocks]
        found = [heard_part(block, stage) if block is not None else None for block in wanted]
        return found if any(found) else [next(iter(choices[b.section][stage]), None) for b in arrangement.blocks]

    return {stage: fitting(stage) for stage in waiting}


def save_arrangement(folder: Path, journal: Journal, version: str, edit: ArrangementEdit, *, client: str) -> None:
    """Write a change into `arrangement.yml`, so that it can be undone; a change of nothing writes nothing.

    Raises
    ------
    RefusedError : the file is not the one of `version`. ArrangementError : it cannot be played. Nothing was written.
    """
    path = folder / ARRANGEMENT_FILE
    with journal.lock(folder):
        before, now = read_or_none(path), current_text(folder)
        if now.version != version:
            raise _changed(version, now)
        made = edited_text(folder, now.text, edit)
        if made == now.text and not now.is_planned:
            return
        words = (
            edit_words(read_arrangement(folder, now.text, allow_missing=True), edit)
            or "write down the planned arrangement"
        )
        if read_or_none(path) != before:  # an editor saved while this was made
            raise _changed(version, current_text(folder))
        write_atomic(path, made)
        journal.record(folder, client, Operation(words, {ARRANGEMENT_FILE: (before, made.encode())}))


def _changed(version: str, now: ArrangementText) -> RefusedError:
    before = _SEEN.get(version)
    message = f"{ARRANGEMENT_FILE} was changed elsewhere since the page read it; nothing was written"
    if before is None:
        return RefusedError(f"{message}, and what the page had read is not known any more", difference=now.text)
    names = (f"{ARRANGEMENT_FILE} as you saw it", f"{ARRANGEMENT_FILE} now")
    lines = difflib.unified_diff(before.splitlines(), now.text.splitlines(), *names, lineterm="")
    return RefusedError(message, difference="\n".join(lines))
