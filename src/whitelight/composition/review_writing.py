"""Adding to `review.yml` without changing what is there.

New entries are inserted as text behind the list wherever that works, so not one byte of the human's own is touched;
where it does not (a list in flow style), ruamel's round trip inserts them and keeps comments, order and unknown keys.
Either way the result is read again and compared before it may replace the file. The `machine` block of an entry is
what was measured when it was made; it is written once.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from whitelight.composition.review import Review, ReviewError, read_review
from whitelight.composition.review_text import LIST_KEY
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text, write_atomic
from whitelight.locking import folder_locked

_ATTEMPTS = 5


def append_entries(path: Path, entries: Sequence[Mapping[str, Any]], *, header: str) -> tuple[str, ...]:
    """Add entries whose ids are not listed yet; return the ids that were added.

    The file is read just before it is replaced; when it changed in between, the merge is made again on what is there.

    Raises
    ------
    ReviewError : the file there cannot be read; it was left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with folder_locked(path.parent):
        for _ in range(_ATTEMPTS):
            review = read_review(path)
            new = [entry for entry in entries if entry["id"] not in review.ids]
            if not new:
                return ()
            merged = merge_text(review, new, path, header=header)
            if _is_unchanged(path, review.text):
                write_atomic(path, merged)
                return tuple(str(entry["id"]) for entry in new)
    raise ReviewError(f"{path.name} keeps changing while it is written; save it in the editor and run again")


def _is_unchanged(path: Path, text: str) -> bool:
    return read_text(path) == text if path.exists() else text == ""


def merge_text(review: Review, new: Sequence[Mapping[str, Any]], path: Path, *, header: str) -> str:
    """Return the review text with `new` entries at the end of its list."""
    if not review.text.strip():
        return f"{review.text}{header}{LIST_KEY}:\n{_as_text(new, indent=2)}"
    before = load_yaml(path, review.text)
    for merged in _merges(review.text, before, new):
        try:
            after = load_yaml(path, merged)
        except WhitelightError:
            continue
        if _is_only_longer(before, after, new) and _comment_lines(review.text) <= _comment_lines(merged):
            return merged
    raise ReviewError(f"{path.name}: new candidates cannot be added without touching your marks; its list is unusual")


def _merges(text: str, before: Any, new: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Ways of adding, the least intrusive first."""
    ended = text if text.endswith("\n") else text + "\n"
    if before is None or (isinstance(before, dict) and LIST_KEY not in before):
        yield f"{ended}{LIST_KEY}:\n{_as_text(new, indent=2)}"
    else:
        line, indent = _end_of_list(ended)
        lines = ended.splitlines(keepends=True)
        yield "".join((*lines[:line], _as_text(new, indent=indent), *lines[line:]))
    yield _round_trip(text, new)


def _end_of_list(text: str) -> tuple[int, int]:
    """Line after which the list of candidates ends, and the columns before its dashes (2 when it is empty)."""
    from ruamel.yaml import YAML  # noqa: PLC0415  only needed when there is something to add

    root = YAML(typ="safe", pure=True).compose(text)
    keys = [key.value for key, _ in root.value]
    place = keys.index(LIST_KEY)
    lines = text.splitlines()
    line = len(lines)
    if place + 1 < len(keys):  # comments and blanks above the next key belong to it
        line = root.value[place + 1][0].start_mark.line
        while lines[line - 1].strip() == "" or lines[line - 1].lstrip().startswith("#"):
            line -= 1
    items = root.value[place][1].value
    return line, root.value[place][1].start_mark.column if items else 2


def _round_trip(text: str, new: Sequence[Mapping[str, Any]]) -> str:
    """Insert with ruamel, which carries comments, order, quotes and unknown keys over."""
    from ruamel.yaml import YAML  # noqa: PLC0415  as above

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(text)
    content = {} if content is None else content
    content[LIST_KEY] = content.get(LIST_KEY) or []
    content[LIST_KEY].extend(YAML(typ="rt", pure=True).load(_as_text(new, indent=0)))
    stream = StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _comment_lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}


def _is_only_longer(before: Any, after: Any, new: Sequence[Mapping[str, Any]]) -> bool:
    """Whether everything that was there is there, in order, and only the new entries follow."""
    if not isinstance(after, dict) or not isinstance(after.get(LIST_KEY), list):
        return False
    old = dict(before or {})
    listed = list(old.pop(LIST_KEY, None) or [])
    others = {key: value for key, value in after.items() if key != LIST_KEY}
    ids = [entry.get("id") for entry in after[LIST_KEY][len(listed) :] if isinstance(entry, dict)]
    is_same = repr((after[LIST_KEY][: len(listed)], others)) == repr(
        (listed, old)
    )  # repr: .nan equals itself, order counts
    return is_same and ids == [entry["id"] for entry in new]


def _as_text(entries: Sequence[Mapping[str, Any]], *, indent: int) -> str:
    """Write entries as a block list; nested values below `machine` as one-line flow (YAML 1.2 includes JSON)."""
    lines: list[str] = []
    for entry in entries:
        prefix = "- "
        for key, value in entry.items():
            if isinstance(value, Mapping):
                lines.append(f"{prefix}{key}:")
                lines += [f"    {name}: {scalar(inner)}" for name, inner in value.items()]
            else:
                lines.append(f"{prefix}{key}: {scalar(value)}".rstrip())
            prefix = "  "
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def scalar(value: Any) -> str:
    """One value on one line: nothing for None, plain words plain, the rest as JSON; numbers not finite are null."""
    if value is None:
        return ""
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalnum() and value[0].isalpha():
        return json.dumps(value) if value.casefold() in _YAML_WORDS else value
    return json.dumps(_finite(value), ensure_ascii=False)


_YAML_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
