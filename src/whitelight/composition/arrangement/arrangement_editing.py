"""Blocks in another order, in other parts, at other levels: a change of `arrangement.yml` that loses nothing of it.

A block that is kept says which block of the text it is, so what the human wrote into it (comments, unknown keys, gains, two
parts at once) moves with it, and is copied when it is repeated. Lines are moved and values changed where they stand; where
that cannot be, ruamel's round trip does it; either way the result is read again and compared before anybody may use it.
"""

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE, read_arrangement
from whitelight.composition.arrangement.arrangement_writing import block_lines
from whitelight.composition.arrangement.edit_values import (
    BLOCKS,
    ArrangementEdit,
    BlockEdit,
    heard_part,
    wanted_content,
)
from whitelight.composition.arrangement.model import STAGES, ArrangedBlock, Arrangement, ArrangementError, PartUse
from whitelight.composition.arrangement.yaml_splicing import rearranged, spliced
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

MAX_BLOCKS = 200
_FILE = Path(ARRANGEMENT_FILE)  # as messages call the text
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


def edited_text(folder: Path, text: str, edit: ArrangementEdit) -> str:
    """Return the text with the change made, read again and checked; nothing is written.

    Raises
    ------
    ArrangementError : the change asks for what is not there, or cannot be made without losing something of the text.
    """
    before = read_arrangement(folder, text, allow_missing=True)  # a part that is gone may be the very thing replaced
    _check_places(edit, len(before.blocks))
    plain = text.replace("\r\n", "\n")
    wanted = wanted_content(load_yaml(_FILE, plain), before, edit)
    made = _in_place(plain, wanted, edit) or _round_trip(plain, wanted, edit)
    if made is None:
        raise ArrangementError(
            f"{_FILE} is written too unusually to be changed here without losing something; change it in an editor"
        )
    _check(read_arrangement(folder, made), edit)
    return made.replace("\n", "\r\n") if "\r\n" in text else made


def _check_places(edit: ArrangementEdit, n_blocks: int) -> None:
    if not 1 <= len(edit.blocks) <= MAX_BLOCKS:
        raise ArrangementError(f"{_FILE}: {len(edit.blocks)} blocks; a song has 1 to {MAX_BLOCKS}")
    for block in edit.blocks:
        if block.place is not None and not 0 <= block.place < n_blocks:
            raise ArrangementError(f"{_FILE}: no block {block.place + 1}; there are {n_blocks}, read it again")


def _check(after: Arrangement, edit: ArrangementEdit) -> None:
    """Refuse a text that is not understood as what was asked for: the last guard before it may be written."""
    for block, asked in zip(after.blocks, edit.blocks, strict=True):
        facts = (block.name, block.n_bars, block.energy, {stage: heard_part(block, stage) for stage in asked.parts})
        if facts != (asked.name, asked.n_bars, asked.energy, dict(asked.parts)):
            raise ArrangementError(f"{_FILE}: block '{asked.name}' cannot be written as asked; give it a plain name")


def _in_place(text: str, wanted: Mapping[str, Any], edit: ArrangementEdit) -> str | None:
    """Move lines, then change values where they stand; None when that does not give what is wanted."""
    order = [_lines(block) if block.place is None else block.place for block in edit.blocks]
    try:
        moved = rearranged(text, BLOCKS, order)
        made = spliced(moved, load_yaml(_FILE, moved), wanted)
        return made if load_yaml(_FILE, made) == wanted else None
    except WhitelightError:
        return None


def _lines(block: BlockEdit) -> str:
    uses = tuple(PartUse(stage, part) for stage in STAGES if (part := block.parts.get(stage)) is not None)
    return "\n".join(block_lines(ArrangedBlock(block.name, block.section, block.n_bars, block.energy, uses)))


def _round_trip(text: str, wanted: Mapping[str, Any], edit: ArrangementEdit) -> str | None:
    """Change it with ruamel, which carries quotes, order and most comments over; None when one would be lost."""
    from ruamel.yaml import YAML  # noqa: PLC0415  only needed where lines cannot be moved

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    known, blocks, used = list(document[BLOCKS]), [], set[int]()
    for block, value in zip(edit.blocks, wanted[BLOCKS], strict=True):
        item = None if block.place is None else known[block.place]
        blocks.append(value if item is None or id(item) in used else item)  # once more, or an alias: plain values
        used.add(id(item))
    document[BLOCKS][:] = blocks
    _assign(document, wanted)
    stream = StringIO()
    yaml.dump(document, stream)
    made = stream.getvalue()
    is_complete = all(comment.rstrip() in made for comment in _COMMENT.findall(text))
    try:
        return made if is_complete and load_yaml(_FILE, made) == wanted else None
    except WhitelightError:
        return None


def _assign(tree: Any, wanted: Any) -> None:
    """Set what differs below a mapping, or a list of the same length."""
    for key, new in wanted.items() if isinstance(wanted, Mapping) else enumerate(wanted):
        is_there = key in tree if isinstance(tree, dict) else True
        old = tree[key] if is_there else None
        are_lists = isinstance(new, list) and isinstance(old, list) and len(new) == len(old)
        if are_lists or (isinstance(new, dict) and isinstance(old, dict)):
            _assign(old, new)
        elif not is_there or old != new:
            tree[key] = new
