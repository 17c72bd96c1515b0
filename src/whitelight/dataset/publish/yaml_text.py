"""YAML as a card needs it: maps, lists and scalars in block form, read alike by YAML 1.1 and 1.2.

The hub and `datasets` read cards with YAML 1.1, where `no`, `on` or `1_0` are no texts; so every text that is not
plainly a word is written in quotes, JSON's, which YAML shares.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"))


def to_yaml(value: Mapping[str, Any]) -> str:
    """Return a map as YAML, in its own order; None is null."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Mapping[str, Any] | Sequence[Any]) -> Iterator[str]:
    pairs = value.items() if isinstance(value, Mapping) else (("-", item) for item in value)
    for key, item in pairs:
        head = "-" if key == "-" and not isinstance(value, Mapping) else f"{_scalar(key)}:"
        if not isinstance(item, Mapping | list | tuple):
            yield f"{head} {_scalar(item)}"
        elif not item:
            yield f"{head} {'{}' if isinstance(item, Mapping) else '[]'}"
        elif head == "-":
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield head
            yield from (f"{'  ' if isinstance(item, Mapping) else ''}{line}" for line in _lines(item))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        is_plain = _WORD.fullmatch(value) is not None and value.lower() not in _RESERVED
        return value if is_plain else _quoted(value)
    return json.dumps(value, allow_nan=False)


def _quoted(text: str) -> str:
    """Return a text in quotes; JSON would write what lies beyond 16 bits as two halves, which YAML does not join."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
