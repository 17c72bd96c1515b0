"""The text of `review.yml` entry by entry, so that a file of a thousand need not be read anew for one mark.

A file in the usual shape, a block list below ``candidates:``, is cut at its dashes. Every piece that is valid alone
means alone what it means in the file (a piece with an alias is not), so pieces are read, remembered and replaced one
by one. Any other shape is left to the YAML reader as a whole.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import MAX_YAML_BYTES, load_yaml

LIST_KEY = "candidates"
_LIST_LINE = re.compile(rf"^{LIST_KEY}:[ ]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)  # such as another version of YAML, with other words for yes and no
_DASH = re.compile(r"^( *)-(?: |\r?$)", re.MULTILINE)
_LINE = re.compile(r"( *)(- +)?(?:([A-Za-z_][A-Za-z0-9_]*):(?: +(.*?))?)? *\Z")
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(?: [A-Za-z0-9][A-Za-z0-9_\-]*)*\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
_CONSTANTS = {"null": None, "true": True, "false": False}
_PIECES = 8192  # entries remembered, about 1 kB each
_UNUSUAL = re.compile(r"[^\x20-\x7e\n\xa0-\u2027\u202a-\ud7ff\ue000-\ufdff]|\\u[dD]|\":(?! )")


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the list.

    Attributes
    ----------
    start, end : characters of the file it takes, from its dash's line to the next one's. item : what it says; shared
        between readers, so never change it.
    """

    start: int
    end: int
    item: Mapping[str, Any]


def load_review(path: Path, text: str) -> Any:
    """Return what `load_yaml` returns for the text of a review, sooner where it can; raises like it.

    Entries are shared between calls, so never change them.
    """
    cut = cut_pieces(text)
    return load_yaml(path, text) if cut is None else {**cut[0], LIST_KEY: [piece.item for piece in cut[1]]}


@lru_cache(16)
def cut_pieces(text: str) -> tuple[Mapping[str, Any], list[Piece]] | None:
    """What stands beside the list, and the entries of it; None when the file has another shape, or an error."""
    found = list(_LIST_LINE.finditer(text))
    if len(found) != 1 or len(text) > MAX_YAML_BYTES or _DIRECTIVE.search(text):
        return None
    bounds = _bounds(text, min(found[0].end() + 1, len(text)))
    if not bounds:
        return None
    frame = _read(text[: bounds[0]] + text[bounds[-1] :])
    if not isinstance(frame, dict) or frame.get(LIST_KEY, "") is not None:
        return None
    pieces = []
    for start, end in pairwise(bounds):
        content = read_piece(text[start:end])
        if content is None:
            return None
        pieces.append(Piece(start, end, content))
    return frame, pieces


def _bounds(text: str, begin: int) -> list[int]:
    """Where each entry begins, and where the last one ends; empty when the lines are no plain block list."""
    first = _DASH.search(text, begin)
    if first is None or any(_has_words(line) for line in text[begin : first.start()].split("\n")):
        return []
    indent, found = len(first[1]), list[int]()
    for line in re.compile(rf"^ {{0,{indent}}}(?! )[^\n]+", re.MULTILINE).finditer(text, first.start()):
        if _has_words(line[0]):
            bare = line[0].lstrip(" ")
            width = len(line[0]) - len(bare)
            if width == indent and (bare.startswith("- ") or bare.rstrip("\r") == "-"):
                found.append(line.start())
            else:
                return [*found, line.start()] if width == 0 else []
    return [*found, len(text)]


def _has_words(line: str) -> bool:
    """Whether a line is more than blanks and a comment."""
    bare = line.strip(" \r")
    return bool(bare) and bare[0] != "#"


@lru_cache(_PIECES)
def read_piece(text: str) -> Mapping[str, Any] | None:
    """What the text of one entry says; None unless it is exactly one mapping."""
    plain = _read_plainly(text.replace("\r\n", "\n"))
    if plain is not None:
        return plain
    content = _read(text)
    return content[0] if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict) else None


@lru_cache(256)
def _read(text: str) -> Any:
    try:
        return load_yaml(Path("review.yml"), text)
    except WhitelightError:
        return None


class _OtherwiseError(Exception):
    """Not in the shape that whitelight writes."""


def _read_plainly(text: str) -> dict[str, Any] | None:
    """Read an entry of one-line values as JSON, fifty times as fast as YAML; None when it has anything else."""
    if _UNUSUAL.search(text):
        return None
    try:
        return _entry(text)
    except (_OtherwiseError, ValueError, RecursionError):
        return None


def _entry(text: str) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    outer, nested, opened = 0, 0, ""  # columns of the keys, and the key whose value may follow below
    for number, (column, has_dash, key, value) in enumerate(_lines(text)):
        outer = column if number == 0 else outer
        nested = 0 if column == outer else nested or column
        if has_dash != (number == 0) or (nested and (column != nested or nested < outer or not opened)):
            raise _OtherwiseError
        if nested and entry[opened] is None:
            entry[opened] = {}
        target = entry[opened] if nested else entry
        if key in target or key.casefold() in _CONSTANTS:
            raise _OtherwiseError
        target[key] = None if value is None else _value(value)
        if not nested:
            opened = key if value is None else ""
    return entry


def _lines(text: str) -> Iterator[tuple[int, bool, str, str | None]]:
    """Column of the key, whether a dash stands before it, key, and what follows the colon."""
    for line in text.split("\n"):
        if not line.strip() or line.lstrip(" ").startswith("#"):
            continue
        found = _LINE.match(line)
        if found is None or found[3] is None:
            raise _OtherwiseError
        yield len(found[1]) + len(found[2] or ""), found[2] is not None, found[3], found[4] or None


def _value(text: str) -> Any:
    if text.casefold() in _CONSTANTS:
        if text not in _CONSTANTS:
            raise _OtherwiseError
        return _CONSTANTS[text]
    if _WORDS.match(text):
        return text
    if text[0] in '"[{' or _NUMBER.match(text):
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_without_twins)
    raise _OtherwiseError


def _refuse(_: str) -> Any:
    raise _OtherwiseError


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _OtherwiseError
    return found
