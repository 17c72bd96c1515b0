"""Changing values in a YAML text where they stand: every other byte stays as the human wrote it.

Two moves are enough: the items of one block list in another order (`rearranged`), and other values under keys
(`spliced`). Places in the text come from the parser's own marks. What cannot be done so (a list in flow style, anchors,
folded text) is refused with `UnspliceableError`; whoever calls reads the result again and compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whitelight.composition.review_writing import scalar
from whitelight.errors import WhitelightError


class UnspliceableError(WhitelightError):
    """A text that is written too unusually to be changed in place."""


@dataclass(frozen=True, slots=True)
class _Splice:
    """Characters from `start` to `end` give way to `words`."""

    start: int
    end: int
    words: str


def _root(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  costs 60 ms that importing the room need not pay

    node = YAML(typ="safe", pure=True).compose(text)
    if node is None or node.id != "mapping" or node.flow_style:
        raise UnspliceableError("expected keys and values, one per line")
    return node


def _entry(node: Any, key: str) -> tuple[Any, Any]:
    """Nodes of a key and its value."""
    for name, value in node.value:
        if name.value == key:
            return name, value
    raise UnspliceableError(f"no key '{key}' of its own")  # it comes in by a merge key


def rearranged(text: str, key: str, order: Sequence[int | str]) -> str:
    """Put the items of the block list under `key` in another order.

    A comment above an item belongs to it when it is not indented deeper than the dashes, else to the item before.

    Parameters
    ----------
    order : for each item to be: its old place from 0 (twice: it is copied), or the text of a new one, not indented.

    Raises
    ------
    UnspliceableError : the list is in flow style, or there are anchors.
    """
    root = _root(text)
    name, items = _entry(root, key)
    if items.id != "sequence" or items.flow_style or not items.value:
        raise UnspliceableError(f"'{key}' is not a list with one dash per line")
    if list(order) == list(range(len(items.value))):
        return text
    if any(_anchors(root)):
        raise UnspliceableError("what is anchored cannot be moved or repeated")
    text = text if text.endswith("\n") else text + "\n"
    column = items.start_mark.column
    following = [n.start_mark.index for n, _ in root.value if n.start_mark.index > name.start_mark.index]
    tail = _content_end(text, min(following, default=_document_end(text, items.start_mark.index)), column)
    starts = [_item_start(text, item.start_mark.index, column) for item in items.value]
    borders = [_content_end(text, start, column) for start in starts]
    chunks = [text[start:end] for start, end in zip(borders, [*borders[1:], tail], strict=True)]
    made = [chunks[item] if isinstance(item, int) else _indented(item, column) for item in order]
    return text[: borders[0]] + "".join(made) + text[tail:]


def _anchors(node: Any) -> Iterator[str]:
    """Names of anchors below a node; aliases lead to nodes that are anchored."""
    if node.anchor:
        yield node.anchor
        return
    children = [child for pair in node.value for child in pair] if node.id == "mapping" else node.value
    for child in children if node.id != "scalar" else ():
        yield from _anchors(child)


def _document_end(text: str, after: int) -> int:
    """Where the list ends when no key follows: at a line of three dots, or with the text."""
    place = text.find("\n...", after)
    return len(text) if place < 0 else place + 1


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _item_start(text: str, index: int, column: int) -> int:
    """Start of the line with the dash of an item whose content begins at `index`."""
    start = _line_start(text, index)
    while not (text[start : start + column].strip() == "" and text[start + column : start + column + 1] == "-"):
        if start == 0:
            raise UnspliceableError("an item without a dash of its own")
        start = _line_start(text, start - 1)
    return start


def _content_end(text: str, end: int, column: int) -> int:
    """Go up from a line over blank lines and over comments that are not indented deeper than the dashes."""
    while end > 0:
        start = _line_start(text, end - 1)
        line = text[start:end]
        if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= column):
            return end
        end = start
    return end


def _indented(text: str, column: int) -> str:
    return "".join(f"{' ' * column}{line}\n" for line in text.splitlines())


def spliced(text: str, value: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Write other values under the keys where they differ, and keys that are missing beside those that are there.

    Parameters
    ----------
    value : what the text says. wanted : what it is to say; has every key of `value`, and lists of the same length.

    Raises
    ------
    UnspliceableError : a value that is a block of its own lines would have to be replaced.
    """
    splices = sorted(_changes(text, _root(text), value, wanted), key=lambda splice: splice.start)
    made, place = [], 0
    for splice in splices:
        if splice.start < place:
            raise UnspliceableError("two changes in one place")
        made += [text[place : splice.start], splice.words]
        place = splice.end
    return "".join((*made, text[place:]))


def _changes(text: str, node: Any, value: Any, wanted: Any) -> Iterator[_Splice]:
    """Yield what to change below a mapping or a list."""
    if node.id == "sequence":
        for child, old, new in zip(node.value, value, wanted, strict=True):
            yield from _change(text, child, old, new, in_flow=bool(node.flow_style))
        return
    missing = []
    for key, new in wanted.items():
        if key not in value:
            missing.append((key, new))
        elif not _is_same(value[key], new):
            name, child = _entry(node, key)
            if child.id == "scalar" and child.value == "" and not child.style:
                place = text.index(":", name.end_mark.index) + 1
                yield _Splice(place, place, f" {flow(new)}")
            else:
                yield from _change(text, child, value[key], new, in_flow=bool(node.flow_style))
    yield from _insertions(text, node, missing)


def _change(text: str, node: Any, old: Any, new: Any, *, in_flow: bool) -> Iterator[_Splice]:
    if _is_same(old, new):
        return
    if node.anchor:
        raise UnspliceableError("a value with an anchor")
    start, end = node.start_mark.index, node.end_mark.index
    if node.id != "scalar" and _have_one_shape(old, new):
        yield from _changes(text, node, old, new)
    elif (node.id == "scalar" and node.style in ("|", ">")) or (node.id != "scalar" and not node.flow_style):
        raise UnspliceableError("a value over several lines")
    elif node.id != "scalar" and "#" in text[start:end]:
        raise UnspliceableError("a comment within brackets")
    elif new is None and not in_flow:
        kept = text[:start].rstrip(" ")
        yield _Splice(len(kept), end, "")
    else:
        yield _Splice(start, end, flow(new) or "null")


def _is_same(old: Any, new: Any) -> bool:
    """Equal, with `true` not taken for 1."""
    return old is new or (old == new and isinstance(old, bool) == isinstance(new, bool))


def _have_one_shape(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new)
    return isinstance(old, dict) and isinstance(new, dict) and bool(old)


def _insertions(text: str, node: Any, missing: Sequence[tuple[str, Any]]) -> Iterator[_Splice]:
    """New keys: behind the first one that has its value on its own line, else before the first."""
    first, _ = node.value[0]
    column, before = " " * first.start_mark.column, first.start_mark.index
    entries = [f"{key}: {flow(new)}".rstrip() for key, new in missing]
    if node.flow_style:
        yield from (_Splice(before, before, f"{entry}, ") for entry in entries)
        return
    for _, child in node.value:
        if child.id == "scalar" and child.value and not child.style and "\n" not in child.value:
            end = text.find("\n", child.end_mark.index)
            end = len(text) if end < 0 else end
            yield from (_Splice(end, end, f"\n{column}{entry}") for entry in entries)
            return
    yield from (_Splice(before, before, f"{entry}\n{column}") for entry in entries)


def flow(value: Any) -> str:
    """A value on one line, with as few quotes and digits as it needs."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return scalar(value)
