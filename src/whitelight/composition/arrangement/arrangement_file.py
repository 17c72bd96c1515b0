"""Reading `arrangement.yml`: tolerantly, since unknown keys are the human's, and checked against what is approved."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement.model import (
    ENDINGS,
    STAGES,
    ArrangedBlock,
    Arrangement,
    ArrangementError,
    PartUse,
    StageMix,
)
from whitelight.composition.arrangement.parts import Approved, approved_parts, part_names
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.files import load_yaml

ARRANGEMENT_FILE = "arrangement.yml"
MAX_GAIN_DB, MAX_BLOCK_BARS = 24.0, 256


def read_arrangement(folder: Path, text: str | None = None, *, allow_missing: bool = False) -> Arrangement:
    """Read `arrangement.yml` of a production folder and check it against `song.yml` and what is approved.

    Parameters
    ----------
    text : read and checked instead of what the file holds, which need not be there.
    allow_missing : take parts that are not approved (any more) as they are named, so that they can be shown and replaced.

    Raises
    ------
    ArrangementError : missing, not understood, or it names a section, stage or part that is not there.
    """
    path = folder / ARRANGEMENT_FILE
    if text is None and not path.exists():
        raise ArrangementError(f"{folder}: no {ARRANGEMENT_FILE} there; write one with: whitelight compose assemble")
    content = load_yaml(path, text)
    if not isinstance(content, dict) or not isinstance(content.get("blocks"), list) or not content["blocks"]:
        raise ArrangementError(
            f"{path.name}: expected 'blocks:' with a list; restore it, or delete the file to plan again"
        )
    sheet, known = read_song_sheet(folder), _Known(approved_parts(folder), allow_missing)
    ending = str(content.get("ending") or ENDINGS[0]).casefold()
    if ending not in ENDINGS:
        raise ArrangementError(f"{path.name}: ending '{ending}'; expected {' or '.join(ENDINGS)}")
    blocks = tuple(_block(value, place, sheet, known) for place, value in enumerate(content["blocks"], start=1))
    return Arrangement(blocks, _mix(content.get("mix") or {}), ending)


@dataclass(frozen=True, slots=True)
class _Known:
    """Parts that a block may name."""

    approved: Approved
    allow_missing: bool

    def part(self, stage: str, stated: str, where: str) -> str:
        """The approved part that is meant; what was stated where that is allowed."""
        names = part_names(self.approved, stage)
        part = next((name for name in names if _plain_name(name) == _plain_name(stated)), None)
        if part is not None:
            return part
        if stated and self.allow_missing:
            return stated
        raise ArrangementError(
            f"{where}: no approved part '{stated}' in {stage}; there are {', '.join(names) or 'none'}; "
            "approve and promote it, or choose another"
        )


def _block(value: Any, place: int, sheet: SongSheet, known: _Known) -> ArrangedBlock:
    where = f"{ARRANGEMENT_FILE} block {place}"
    if not isinstance(value, Mapping) or value.get("section") in (None, ""):
        raise ArrangementError(f"{where}: expected name, section, bars and parts; give it a section")
    name = str(value.get("name") or value["section"])
    where = f"{where} ('{name}')"
    section = next((s for s in sheet.form.sections if slug(str(value["section"])) == slug(s.name)), None)
    if section is None:
        names = ", ".join(s.name for s in sheet.form.sections)
        raise ArrangementError(f"{where}: no section '{value['section']}' in the song; sections are {names}")
    parts = value.get("parts") or {}
    if not isinstance(parts, Mapping):
        raise ArrangementError(f"{where}: parts are {parts!r}; expected one line per stage, such as 'bass: verse_a'")
    return ArrangedBlock(
        name=name,
        section=section.name,
        n_bars=_whole(value.get("bars", section.n_bars), 1, MAX_BLOCK_BARS, f"{where}: bars"),
        energy=_number(value.get("energy", section.energy), 0.0, 1.0, f"{where}: energy"),
        uses=tuple(use for stage, given in parts.items() for use in _uses(str(stage), given, where, known)),
    )


def _uses(stage: str, given: Any, where: str, known: _Known) -> Iterable[PartUse]:
    if stage not in STAGES:
        raise ArrangementError(f"{where}: no stage '{stage}'; stages are {', '.join(STAGES)}")
    for item in given if isinstance(given, list) else [given]:
        if item in (None, "", False):
            continue
        details = item if isinstance(item, Mapping) else {"part": item}
        part = known.part(stage, str(details.get("part") or ""), where)
        yield PartUse(
            stage=stage,
            part=part,
            from_bar=_whole(details.get("from_bar", 1), 1, MAX_BLOCK_BARS, f"{where}: from_bar of {part}") - 1,
            gain_db=_gain(details, f"{where}: gain_db of {part}"),
            mute=_flag(details.get("mute"), f"{where}: mute of {part}"),
        )


def _plain_name(part: str) -> str:
    """A part however it is written: "Verse A" is verse_a."""
    return re.sub(r"[\s_]+", "_", part.strip().casefold().removesuffix(".mid"))


def _flag(value: Any, what: str) -> bool:
    """Yes or no, also as the words that YAML 1.2 reads as text."""
    word = str(value).casefold()
    if value is None or word in ("false", "no", "off", "0", ""):
        return False
    if word in ("true", "yes", "on", "1"):
        return True
    raise ArrangementError(f"{what} is {value!r}; expected true or false")


def _mix(value: Any) -> dict[str, StageMix]:
    if not isinstance(value, Mapping):
        raise ArrangementError(f"{ARRANGEMENT_FILE}: mix is {value!r}; expected lines such as 'drums: {{gain_db: -2}}'")
    mix = {}
    for stage, given in value.items():
        details = given if isinstance(given, Mapping) else {"gain_db": given}
        if stage not in STAGES:
            raise ArrangementError(f"{ARRANGEMENT_FILE} mix: no stage '{stage}'; stages are {', '.join(STAGES)}")
        gain_db = _gain(details, f"{ARRANGEMENT_FILE} mix: gain_db of {stage}")
        mix[str(stage)] = StageMix(gain_db, _flag(details.get("mute"), f"{ARRANGEMENT_FILE} mix: mute of {stage}"))
    return mix


def _gain(details: Mapping[str, Any], what: str) -> float:
    return _number(details.get("gain_db") or 0.0, -MAX_GAIN_DB, MAX_GAIN_DB, what)


def _number(value: Any, low: float, high: float, what: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not low <= value <= high:
        raise ArrangementError(f"{what} is {value!r}; expected a number from {low:g} to {high:g}")
    return float(value)


def _whole(value: Any, low: int, high: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ArrangementError(f"{what} is {value!r}; expected a whole number from {low} to {high}")
    return value
