"""Nothing private leaves: absolute paths and secrets are looked for in everything that will be published.

Paths tell who and where somebody is; keys open doors. Texts of songs are free, so a slash alone is no path: a path
begins at the root of a system people use, or is the home or working place of this machine. Columns that hold file names
must hold relative ones.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from whitelight.dataset.publish.errors import LeakError

_ROOTS = "home|Users|root|tmp|var|etc|mnt|media|opt|srv|private|Volumes|usr|data|workspace|content|kaggle"
_PATHS = re.compile(
    rf"(?<![\w.:/~-])/(?:{_ROOTS})/[\w.@~-]"  # /home/me
    r"|(?<![A-Za-z])[A-Za-z]:\\{1,2}[\w.~ -]"  # C:\Users, also escaped as in JSON
    r"|(?<![\w\\])\\\\[\w.-]+\\[\w.$-]"  # \\server\share
    r"|\bfile:///?\w|(?<![\w/.])~/[\w.]",
    re.ASCII,
)
_SECRETS = {
    "a token of the Hugging Face hub": r"\bhf_[A-Za-z0-9]{30,}",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}",
    "an API key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "an address with a password": r"\b[a-z][a-z0-9+.-]*://[^\s/:@]{1,64}:[^\s/@]{1,128}@",
    "a password": r"\b(?i:api[_-]?key|secret|password|passwd)\b[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9+/_-]{16,}",
}
_SECRET = re.compile("|".join(f"(?P<s{i}>{pattern})" for i, pattern in enumerate(_SECRETS.values())))
_FILE_COLUMNS = re.compile(r"(?:^|_)(?:file|path)$")
_MIDI_TEXT = re.compile(rb"\xff[\x01-\x0f]([\x80-\xff]{0,3}[\x00-\x7f])")  # text events; their length, 7 bits a byte
_STRICT = re.compile(r"^(?:[/\\~]|[A-Za-z]:[/\\]|[a-z][a-z0-9+.-]*://)|(?:^|[/\\])\.\.(?:[/\\]|$)")


def found_in(text: str, places: Iterable[str] = ()) -> str:
    """Return what is private in a text, in words; empty when nothing is.

    Parameters
    ----------
    places : absolute paths of this machine that must not occur.
    """
    match = _SECRET.search(text)
    if match is not None:
        return next(name for i, name in enumerate(_SECRETS) if match[f"s{i}"] is not None)
    if _PATHS.search(text) is not None or any(place in text for place in places):
        return "an absolute path"
    return ""


def local_places(*folders: Path) -> tuple[str, ...]:
    """Return absolute paths that tell where this machine keeps things: home, working place, and `folders`."""
    paths = {Path.home(), Path.cwd(), *(folder.resolve() for folder in folders)}
    return tuple(sorted(str(path) for path in paths if len(path.parts) > 2))


def check_table(table: pa.Table, where: str, places: Iterable[str] = ()) -> None:
    """Look at every distinct text of a table, in lists and structures too.

    Raises
    ------
    LeakError : the column, and what was found; never the secret itself.
    """
    for name in table.column_names:
        for path, values in _texts(name, table[name].combine_chunks()):
            is_file = _FILE_COLUMNS.search(path) is not None
            for text in pc.unique(values).to_pylist():
                if not text:
                    continue
                what = found_in(text, places) or ("no relative path" if is_file and _STRICT.search(text) else "")
                if what:
                    raise _leak(f"{where}, column '{path}'", what)


def check_text(text: str, where: str, places: Iterable[str] = ()) -> None:
    """Look at one text, line by line.

    Raises
    ------
    LeakError : where it was found, and what.
    """
    for number, line in enumerate(text.splitlines(), 1):
        what = found_in(line, places)
        if what:
            raise _leak(f"{where} line {number}", what)


def check_values(value: Any, where: str, places: Iterable[str] = ()) -> None:
    """Look at every text of a nested value, keys included.

    Raises
    ------
    LeakError : where it was found, and what.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            check_values(str(key), where, places)
            check_values(inner, f"{where}.{key}", places)
    elif isinstance(value, list | tuple):
        for inner in value:
            check_values(inner, where, places)
    elif isinstance(value, str):
        what = found_in(value, places)
        if what:
            raise _leak(where, what)


def check_midi(row_id: str, midi: bytes) -> None:
    """Look at the texts inside a MIDI file; programs like to put file names there.

    Raises
    ------
    LeakError : the row, and what was found.
    """
    for match in _MIDI_TEXT.finditer(midi):  # only texts: notes are bytes too, and some spell C:\\A
        length = 0
        for byte in match[1]:
            length = length << 7 | byte & 0x7F
        what = found_in(midi[match.end() : match.end() + length].decode("utf-8", "replace"))
        if what:
            raise _leak(f"MIDI of {row_id}", what)


def _texts(path: str, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    kind = values.type
    if pa.types.is_string(kind):
        yield path, values
    elif pa.types.is_list(kind):
        yield from _texts(path, values.flatten())
    elif pa.types.is_struct(kind):
        for index in range(kind.num_fields):
            yield from _texts(f"{path}.{kind.field(index).name}", values.field(index))


def _leak(where: str, what: str) -> LeakError:
    return LeakError(f"{where} holds {what}, expected nothing private; correct the catalog and build the dataset again")
