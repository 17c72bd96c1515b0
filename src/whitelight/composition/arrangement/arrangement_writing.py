"""Writing `arrangement.yml`: once, then it is the human's.

Planning again changes the blocks and leaves comments, unknown keys, mix and ending as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE
from whitelight.composition.arrangement.model import STAGES, ArrangedBlock, Arrangement, ArrangementError, PartUse
from whitelight.composition.review_writing import scalar
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.files import load_yaml, read_text, write_atomic

HEADER = """\
# Arrangement of "{title}". This file is yours: it is written once, and what you change here counts.
# Blocks sound one after the other. A part is the name of a file in <stage>/approved/ without ".mid"; leave it empty for
# silence, or give more than a name: {{part: verse_a, gain_db: -3, mute: true, from_bar: 5}}. A part shorter than its block is
# repeated, a longer one is cut. Energy (0 to 1) makes a block a little louder or softer. Under "mix" whole stages are
# turned up or down: drums: {{gain_db: -2, mute: false}}. "ending: ring" holds the last chord, "ending: none" just stops.
# Then: whitelight compose assemble
"""


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
