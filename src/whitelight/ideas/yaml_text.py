"""Plain data as YAML that people can edit: block mappings and lists, values on one line, the same bytes every time."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # that readers of older YAML take for values


def to_yaml(value: Mapping[str, Any], *, header: str = "") -> str:
    """Return a mapping as a YAML document.

    Parameters
    ----------
    value : mappings, lists, texts, numbers, None; mappings inside lists become blocks.
    header : what stands above as comment, without the "#".
    """
    comment = "".join(f"# {line}\n" for line in header.splitlines())
    return comment + "".join(f"{line}\n" for line in _mapping(value, ""))


def _mapping(value: Mapping[str, Any], pad: str) -> Iterator[str]:
    for key, item in value.items():
        name = scalar(str(key))
        if isinstance(item, Mapping) and item:
            yield f"{pad}{name}:"
            yield from _mapping(item, f"{pad}  ")
        elif _is_block(item):
            yield f"{pad}{name}:"
            yield from _items(item, f"{pad}  ")
        else:
            yield f"{pad}{name}: {scalar(item)}"


def _items(items: Sequence[Any], pad: str) -> Iterator[str]:
    for item in items:
        if not isinstance(item, Mapping):
            yield f"{pad}- {scalar(item)}"
            continue
        lines = list(_mapping(item, f"{pad}  "))
        lines[0] = f"{pad}- {lines[0].removeprefix(pad + '  ')}"
        yield from lines


def _is_block(item: Any) -> bool:
    """Lists of mappings and of texts are written one below the other, short ones of numbers on a line."""
    return isinstance(item, list | tuple) and any(isinstance(one, Mapping | str) for one in item)


def scalar(value: Any) -> str:
    """One value on one line; a text that could be read as something else is quoted."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _WORDS:
        return value
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
