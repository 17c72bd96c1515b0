"""`review.yml`: the human's file. Reading is tolerant, writing adds and never changes.

New entries are inserted as text behind the list wherever that works, so not one byte of the human's own is touched;
where it does not (a list in flow style), ruamel's round trip inserts them and keeps comments, order and unknown keys. Either way the result is read again and compared before it may replace the file.
The `machine` block of an entry is what was measured when it was made; it is written once.
"""

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text, write_atomic

STATUSES = ("undecided", "approved", "rejected")
_SPELLINGS = {
    "": "undecided", "?": "undecided", "maybe": "undecided", "none": "undecided", "null": "undecided",
    "open": "undecided", "pending": "undecided", "todo": "undecided",
    "approve": "approved", "yes": "approved", "okay": "approved", "y": "approved", "ok": "approved", "keep": "approved", "true": "approved",
    "accept": "approved", "accepted": "approved",
    "reject": "rejected", "no": "rejected", "n": "rejected", "false": "rejected", "discard": "rejected",
    "disapproved": "rejected", "unapproved": "undecided", "not approved": "rejected",
}  # fmt: skip
_KEY = "candidates"
_ATTEMPTS = 5


class ReviewError(WhitelightError):
    """A review file that cannot be read, or must not be acted on, as it stands."""


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One entry as the human left it.

    Attributes
    ----------
    status : one of `STATUSES`, read tolerantly; `stated` is what the file says.
    label : free name, "" when none. position : place in the list, from 0.
    """

    candidate_id: str
    section: str
    file: str
    status: str
    stated: str
    label: str
    position: int


@dataclass(frozen=True, slots=True)
class Review:
    """A review file that was read.

    Attributes
    ----------
    text : exactly what the file held, "" when there was none.
    problems : what was odd and how it was understood.
    """

    text: str
    entries: tuple[ReviewEntry, ...]
    problems: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Ids that are listed."""
        return frozenset(entry.candidate_id for entry in self.entries)


def read_review(path: Path) -> Review:
    """Read a review file; a missing one is empty.

    Raises
    ------
    ReviewError : not YAML, or no list of candidates; the message carries the line. Nothing was changed.
    """
    if not path.exists():
        return Review("", (), ())
    text = read_text(path)
    return parse_review(text, path)


def parse_review(text: str, path: Path) -> Review:
    """Read the content of a review file; raises like `read_review`."""
    try:
        content = load_yaml(path, text)
    except WhitelightError as err:
        raise ReviewError(f"{err}; your marks were not touched, correct the line and run again") from err
    if content is None:
        return Review(text, (), ())
    found = content.get(_KEY) if isinstance(content, dict) else None
    if found is None and isinstance(content, dict):
        found = []
    if not isinstance(found, list):
        raise ReviewError(f"{path.name}: expected '{_KEY}:' with a list; your marks were not touched, restore it")
    entries, problems = [], []
    for position, item in enumerate(found):
        if not isinstance(item, dict) or item.get("id") in (None, ""):
            problems.append(f"{path.name}: entry {position + 1} has no id and is left alone")
            continue
        status, odd = read_status(item.get("status"))
        if odd:
            problems.append(f"{path.name}: '{item['id']}' has status '{item.get('status')}', understood as {status}")
        entries.append(
            ReviewEntry(
                candidate_id=str(item["id"]),
                section=str(item.get("section") or ""),
                file=str(item.get("file") or f"candidates/{item['id']}.mid"),
                status=status,
                stated=str(item.get("status") or ""),
                label=str(item.get("label") if item.get("label") is not None else "").strip(),
                position=position,
            )
        )
    return Review(text, tuple(entries), tuple(problems))


def read_status(stated: Any) -> tuple[str, bool]:
    """Understand a status however it is written; the second value says that it had to be guessed.

    A doubt is never an approval: "approved?" and words of negation are undecided.
    """
    word = re.sub(r"[\s_\-]+", " ", str(stated if stated is not None else "").casefold()).strip(" .!'\"")
    if word in STATUSES:
        return word, False
    for spelling in (word, word.replace(" ", "")):
        if spelling in _SPELLINGS:
            return _SPELLINGS[spelling], False
    close = difflib.get_close_matches(word, [*STATUSES, "approve", "reject"], n=1, cutoff=0.75)
    is_meant = close and close[0][0] == word[0] and "?" not in word and not word.startswith(("un", "dis", "not "))
    return (_SPELLINGS.get(close[0], close[0]) if is_meant else "undecided"), True


def append_entries(path: Path, entries: Sequence[Mapping[str, Any]], *, header: str) -> tuple[str, ...]:
    """Add entries whose ids are not listed yet; return the ids that were added.

    The file is read just before it is replaced; when it changed in between, the merge is made again on what is there.

    Raises
    ------
    ReviewError : the file there cannot be read; it was left alone.
    """
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
        return f"{review.text}{header}{_KEY}:\n{_as_text(new, indent=2)}"
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
    if before is None or (isinstance(before, dict) and _KEY not in before):
        yield f"{ended}{_KEY}:\n{_as_text(new, indent=2)}"
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
    place = keys.index(_KEY)
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
    content[_KEY] = content.get(_KEY) or []
    content[_KEY].extend(YAML(typ="rt", pure=True).load(_as_text(new, indent=0)))
    stream = StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _comment_lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.lstrip().startswith("#")}


def _is_only_longer(before: Any, after: Any, new: Sequence[Mapping[str, Any]]) -> bool:
    """Whether everything that was there is there, in order, and only the new entries follow."""
    if not isinstance(after, dict) or not isinstance(after.get(_KEY), list):
        return False
    old = dict(before or {})
    listed = list(old.pop(_KEY, None) or [])
    others = {key: value for key, value in after.items() if key != _KEY}
    ids = [entry.get("id") for entry in after[_KEY][len(listed) :] if isinstance(entry, dict)]
    is_same = repr((after[_KEY][: len(listed)], others)) == repr(
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
