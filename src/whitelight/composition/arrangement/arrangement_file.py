"""`arrangement.yml`: written once, then the human's.

It is read tolerantly (unknown keys are theirs) and checked against what is approved. Planning again changes the blocks
and leaves comments, unknown keys, mix and ending as they are.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
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
from whitelight.composition.review_writing import scalar
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.files import load_yaml, read_text, write_atomic

ARRANGEMENT_FILE = "arrangement.yml"
MAX_GAIN_DB, MAX_BLOCK_BARS = 24.0, 256
HEADER = """\
# Arrangement of "{title}". This file is yours: it is written once, and what you change here counts.
# Blocks sound one after the other. A part is the name of a file in <stage>/approved/ without ".mid"; leave it empty for
# silence, or give more than a name: {{part: verse_a, gain_db: -3, mute: true, from_bar: 5}}. A part shorter than its block is
# repeated, a longer one is cut. Energy (0 to 1) makes a block a little louder or softer. Under "mix" whole stages are
# turned up or down: drums: {{gain_db: -2, mute: false}}. "ending: ring" holds the last chord, "ending: none" just stops.
# Then: whitelight compose assemble
"""


def read_arrangement(folder: Path, text: str | None = None) -> Arrangement:
    """Read `arrangement.yml` of a production folder and check it against `song.yml` and what is approved.

    Parameters
    ----------
    text : read and checked instead of what the file holds, which need not be there.

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
    sheet, approved = read_song_sheet(folder), approved_parts(folder)
    ending = str(content.get("ending") or ENDINGS[0]).casefold()
    if ending not in ENDINGS:
        raise ArrangementError(f"{path.name}: ending '{ending}'; expected {' or '.join(ENDINGS)}")
    blocks = tuple(_block(value, place, sheet, approved) for place, value in enumerate(content["blocks"], start=1))
    return Arrangement(blocks, _mix(content.get("mix") or {}), ending)


def _block(value: Any, place: int, sheet: SongSheet, approved: Approved) -> ArrangedBlock:
    where = f"{ARRANGEMENT_FILE} block {place}"
    if not isinstance(value, Mapping) or value.get("section") in (None, ""):
        raise ArrangementError(f"{where}: expected name, section, bars and parts; give it a section")
    name = str(value.get("name") or value["section"])
    where = f"{where} ('{name}')"
    section = next((s for s in sheet.form.sections if slug(str(value["section"])) == slug(s.name)), None)
    if section is None:
        known = ", ".join(s.name for s in sheet.form.sections)
        raise ArrangementError(f"{where}: no section '{value['section']}' in the song; sections are {known}")
    parts = value.get("parts") or {}
    if not isinstance(parts, Mapping):
        raise ArrangementError(f"{where}: parts are {parts!r}; expected one line per stage, such as 'bass: verse_a'")
    return ArrangedBlock(
        name=name,
        section=section.name,
        n_bars=_whole(value.get("bars", section.n_bars), 1, MAX_BLOCK_BARS, f"{where}: bars"),
        energy=_number(value.get("energy", section.energy), 0.0, 1.0, f"{where}: energy"),
        uses=tuple(use for stage, given in parts.items() for use in _uses(str(stage), given, where, approved)),
    )


def _uses(stage: str, given: Any, where: str, approved: Approved) -> Iterable[PartUse]:
    if stage not in STAGES:
        raise ArrangementError(f"{where}: no stage '{stage}'; stages are {', '.join(STAGES)}")
    for item in given if isinstance(given, list) else [given]:
        if item in (None, "", False):
            continue
        details = item if isinstance(item, Mapping) else {"part": item}
        stated = str(details.get("part") or "")
        known = part_names(approved, stage)
        part = next((name for name in known if _plain_name(name) == _plain_name(stated)), None)
        if part is None:
            raise ArrangementError(
                f"{where}: no approved part '{stated}' in {stage}; there are {', '.join(known) or 'none'}; "
                "approve and promote it, or choose another"
            )
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


def write_arrangement(folder: Path, arrangement: Arrangement, *, replan: bool = False) -> bool:
    """Write `arrangement.yml` when there is none; return whether it was written.

    Parameters
    ----------
    replan : put these blocks into a file that is there; comments, unknown keys, mix and ending in it stay.

    Raises
    ------
    ArrangementError : the file changed while it was written; nothing was lost.
    """
    path = folder / ARRANGEMENT_FILE
    if not path.exists():
        write_atomic(path, first_text(folder, arrangement))
        return True
    if not replan:
        return False
    text = read_text(path)
    merged = _replanned(path, text, arrangement)
    if merged == text:
        return False
    if read_text(path) != text:
        raise ArrangementError(f"{path.name} changed while it was written; save it in the editor and run again")
    write_atomic(path, merged)
    return True


def first_text(folder: Path, arrangement: Arrangement) -> str:
    """What `write_arrangement` writes into a folder that has none."""
    title = " ".join(read_song_sheet(folder).title.split())
    return HEADER.format(title=title) + _as_text(arrangement)


def _as_text(arrangement: Arrangement) -> str:
    lines = [f"ending: {arrangement.ending}"]
    if arrangement.mix:
        lines.append("mix:")
        for stage, mix in arrangement.mix.items():
            lines.append(f"  {stage}: {{gain_db: {mix.gain_db:g}, mute: {str(mix.mute).lower()}}}")
    lines.append("blocks:")
    for block in arrangement.blocks:
        lines += [f"  {line}" for line in block_lines(block)]
    return "\n".join(lines) + "\n"


def block_lines(block: ArrangedBlock) -> Iterable[str]:
    """Yield a block as the list holds it, its dash in the first column."""
    yield f"- name: {scalar(block.name)}"
    yield f"  section: {scalar(block.section)}"
    yield f"  bars: {block.n_bars}"
    yield f"  energy: {block.energy:g}"
    yield "  parts:"
    for stage, given in _given_by_stage(block).items():
        yield f"    {stage}: {_part_text(given)}".rstrip()


def _given_by_stage(block: ArrangedBlock) -> dict[str, list[dict[str, Any]]]:
    """What the file says per stage; a silent stage has an empty list, so that people see where to put it."""
    stages = dict.fromkeys(STAGES)
    return {stage: [_details(use) for use in block.uses if use.stage == stage] for stage in stages}


def _details(use: PartUse) -> dict[str, Any]:
    details: dict[str, Any] = {"part": use.part}
    if use.from_bar:
        details["from_bar"] = use.from_bar + 1
    if use.gain_db:
        details["gain_db"] = use.gain_db
    if use.mute:
        details["mute"] = True
    return details


def _plainly(given: Sequence[Mapping[str, Any]]) -> Any:
    """A name where a name says it all, a mapping for one part, a list for several, None for silence."""
    plain = [item["part"] if len(item) == 1 else dict(item) for item in given]
    return plain[0] if len(plain) == 1 else plain or None


def _part_text(given: Sequence[Mapping[str, Any]]) -> str:
    return scalar(_plainly(given))


def _replanned(path: Path, text: str, arrangement: Arrangement) -> str:
    """The text with other blocks; ruamel's round trip carries comments, quotes and unknown keys over."""
    from ruamel.yaml import YAML  # noqa: PLC0415  costs 60 ms that importing the room need not pay

    content = load_yaml(path, text)
    if not isinstance(content, dict):
        raise ArrangementError(f"{path.name}: expected keys and values; restore it, or delete the file to plan again")
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    listed = [item for item in document.get("blocks") or [] if isinstance(item, dict)]
    unused = list(listed)
    blocks = []
    for block in arrangement.blocks:
        known = next((item for item in unused if str(item.get("name")) == block.name), None)
        if known is not None:
            unused = [item for item in unused if item is not known]
        blocks.append(_updated({} if known is None else known, block))
    if isinstance(document.get("blocks"), list):
        document["blocks"][:] = blocks
    else:
        document["blocks"] = blocks
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _updated(item: Any, block: ArrangedBlock) -> Any:
    """A block of the file with what was planned; what it holds beside that stays."""
    facts = {"name": block.name, "section": block.section, "bars": block.n_bars, "energy": block.energy}
    for key, value in facts.items():
        if item.get(key) != value:
            item[key] = value
    parts = item.get("parts")
    if not isinstance(parts, dict):
        parts = item["parts"] = {}
    for stage, given in _given_by_stage(block).items():
        if parts.get(stage) != _plainly(given):
            parts[stage] = _plainly(given)
    return item
