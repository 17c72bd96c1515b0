"""Changing single values of review entries as text: everything else of the file stays, byte by byte.

Three ways, the least intrusive first: inside the text of the one entry, inside the whole file where its shape is
unusual, and ruamel's round trip. Whatever comes out is read again: it counts only if nothing but the asked values
means something else than before.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from whitelight.composition.review import ReviewError, read_entries
from whitelight.composition.review_text import LIST_KEY, cut_pieces, read_piece
from whitelight.composition.review_writing import scalar
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

ORDER = ("id", "section", "variant", "file", "status", "label", "rating", "notes", "wish", "blind")
Values = Mapping[str, Any]  # field → value, None leaves it empty
_COLON = re.compile(r"[ ]*:")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # to YAML; JSON has no need to escape them


class _OtherwiseError(Exception):
    """This way does not work for this text."""


def with_values(text: str, wanted: Mapping[str, Values], path: Path) -> str:
    """Return the text of a review with some values of some entries (by id) set.

    Raises
    ------
    ReviewError : an id that is not there exactly once, or a shape that cannot be changed safely.
    """
    for way in (_in_pieces, _in_whole, _round_trip):
        try:
            return way(text, wanted, path)
        except _OtherwiseError:
            continue
    raise ReviewError(f"{path.name}: the entry is written in an unusual way; change it in the file itself")


def _in_pieces(text: str, wanted: Mapping[str, Values], path: Path) -> str:
    cut = cut_pieces(text)
    if cut is None:
        raise _OtherwiseError
    found = _places([piece.item for piece in cut[1]], wanted, path)
    for place in sorted(found, reverse=True):
        piece, values = cut[1][place], found[place]
        old = text[piece.start : piece.end]
        new = _edited(old, values, lambda node: node.value[0])
        read = read_piece(new)
        if read is None or not _is_only(piece.item, read, values):
            raise _OtherwiseError
        text = text[: piece.start] + new + text[piece.end :]
    return text


def _in_whole(text: str, wanted: Mapping[str, Values], path: Path) -> str:
    before = load_yaml(path, text)
    for place, values in _places(before[LIST_KEY], wanted, path).items():
        text = _edited(text, values, lambda node, place=place: _listed(node)[place])  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    return _checked(text, before, wanted, path)


def _round_trip(text: str, wanted: Mapping[str, Values], path: Path) -> str:
    from ruamel.yaml import YAML  # noqa: PLC0415  costs 60 ms that reading need not pay

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes, yaml.width = True, 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    before, content = load_yaml(path, text), yaml.load(text)
    for place, values in _places(before[LIST_KEY], wanted, path).items():
        content[LIST_KEY][place].update(values)
    stream = StringIO()
    yaml.dump(content, stream)
    comments = {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}
    if not comments <= {line.strip() for line in stream.getvalue().splitlines()}:
        raise _OtherwiseError
    return _checked(stream.getvalue(), before, wanted, path)


def _places(items: Sequence[Any], wanted: Mapping[str, Values], path: Path) -> dict[int, Values]:
    """Place in the list → values, for entries that count exactly once."""
    places: dict[str, list[int]] = {}
    for entry in read_entries(items, path.name)[0]:
        places.setdefault(entry.candidate_id, []).append(entry.position)
    for name in wanted:
        if name not in places:
            raise ReviewError(f"{path.name}: no candidate is called '{name}' any more; look at the list again")
        if len(places[name]) > 1:
            raise ReviewError(f"{path.name}: '{name}' is marked {len(places[name])} times; remove all but one")
    return {places[name][0]: values for name, values in wanted.items()}


def _checked(text: str, before: Any, wanted: Mapping[str, Values], path: Path) -> str:
    """The text, if it says what was asked and nothing else is different."""
    try:
        after = load_yaml(path, text)
        places = _places(before[LIST_KEY], wanted, path)
        pairs = enumerate(zip(before[LIST_KEY], after[LIST_KEY], strict=True))
        is_same = all(
            _is_only(old, new, places[place]) if place in places else repr(old) == repr(new)
            for place, (old, new) in pairs
        )
        others = [{key: value for key, value in one.items() if key != LIST_KEY} for one in (before, after)]
    except (WhitelightError, LookupError, TypeError, ValueError, AttributeError):
        raise _OtherwiseError from None
    if not is_same or repr(others[0]) != repr(others[1]):
        raise _OtherwiseError
    return text


def _is_only(before: Mapping[str, Any], after: Mapping[str, Any], values: Values) -> bool:
    """Whether the values are set and all others, in their order, are as before (repr: .nan equals itself)."""
    rest = [[(key, one[key]) for key in one if key not in values] for one in (before, after)]
    return repr(rest[0]) == repr(rest[1]) and all(repr(after.get(key)) == repr(values[key]) for key in values)


def _listed(root: Any) -> Any:
    return next(value for key, value in root.value if key.value == LIST_KEY).value


def _edited(text: str, values: Values, find: Callable[[Any], Any]) -> str:
    """Set values of one mapping; the mapping is what `find` returns of the root node."""
    from ruamel.yaml import YAML  # noqa: PLC0415  costs 60 ms that reading need not pay
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  as above

    try:
        node = find(YAML(typ="safe", pure=True).compose(text))
        changes = _changes(text, node, values)
    except (YAMLError, LookupError, TypeError, AttributeError, StopIteration, RecursionError):
        raise _OtherwiseError from None
    for start, end, new in sorted(changes, key=lambda change: change[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _changes(text: str, mapping: Any, values: Values) -> list[tuple[int, int, str]]:
    """What to put in place of which characters."""
    spans = {key.value: _span(text, key, node) for key, node in mapping.value}
    column = mapping.value[0][0].start_mark.column
    newline = "\r\n" if "\r\n" in text else "\n"
    changes, behind = [], dict[int, str]()
    for field in sorted(values, key=ORDER.index):
        value = values[field]
        if field in spans:
            new = _replacement(text, spans[field], value, column, newline, is_flow=bool(mapping.flow_style))
            changes.append(new)
        elif value is not None:
            end = next(spans[name] for name in reversed(ORDER[: ORDER.index(field)]) if name in spans)[1]
            if end < 0:
                raise _OtherwiseError
            if mapping.flow_style:
                line = f", {field}: {quoted(value)}"
            else:
                line_end = text.find("\n", end)
                end = len(text) if line_end < 0 else line_end - (text[line_end - 1] == "\r")
                line = f"{newline}{' ' * column}{field}: {written(value, column, newline)}"
            behind[end] = behind.get(end, "") + line
    return [*((end, end, lines) for end, lines in behind.items()), *changes]  # at one place, what is behind comes first


def _replacement(
    text: str, span: tuple[int, int], value: Any, column: int, newline: str, *, is_flow: bool
) -> tuple[int, int, str]:
    """What stands for a value that takes these characters."""
    start, end = span
    if start < 0:
        raise _OtherwiseError
    if value is None:
        if is_flow:
            return start, end, " null" if start == end else "null"
        while text[start - 1] == " ":
            start -= 1
        return start, end, ""
    rest = text[end:].split("\n", 1)[0].strip()
    header = text[start:end].split("\n", 1)[0]
    comment = header[header.index("#") :].rstrip() if header[:1] in ("|", ">") and "#" in header else ""
    new = quoted(value) if is_flow or rest or comment else written(value, column, newline)
    new += f"  {comment}" if comment else ""
    return start, end, new if text[start - 1] in " \n" else f" {new}"


def _span(text: str, key: Any, node: Any) -> tuple[int, int]:
    """Characters that a value takes: none behind the colon where it is empty, (-1, -1) where it is no single value."""
    if not isinstance(node.value, str):
        return -1, -1
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    if start == end:
        colon = _COLON.match(text, key.end_mark.index)
        return (colon.end(), colon.end()) if colon else (-1, -1)
    is_block = node.style in ("|", ">")  # blank lines behind it are not part of what is replaced
    return start, start + len(text[start:end].rstrip()) if is_block else end


def written(value: Any, column: int, newline: str) -> str:
    """A value as people would write it below keys of a column: several lines stand under each other."""
    lines = value.split("\n") if isinstance(value, str) else []
    is_plain = all(line == line.rstrip() and line.isprintable() and not _UNPRINTABLE.search(line) for line in lines)
    if len(lines) < 2 or not is_plain or not lines[0] or lines[0].startswith(" ") or not lines[-1]:
        return quoted(value)
    return newline.join(["|-", *(f"{' ' * (column + 2)}{line}" if line else "" for line in lines)])


def quoted(value: Any) -> str:
    """A value on one line, safe wherever it stands."""
    return escaped(scalar(value))


def escaped(text: str) -> str:
    """JSON without characters that YAML does not print."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
