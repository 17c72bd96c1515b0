"""Reading and writing files safely: bounded YAML, atomic writes, paths that stay inside their folder, hashes.

Conventions: text is UTF-8; YAML is version 1.2, loaded without constructing objects; a file is either the old one
or the complete new one, never a part (POSIX rename).
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from whitelight.errors import WhitelightError

MAX_YAML_BYTES = 4 * 1024 * 1024  # the largest real manifest has 30 kB, a thread of proposals 200 kB
MAX_YAML_VALUES = 200_000  # after expanding aliases; a billion-laughs bomb has 10⁹, a thread of proposals 2,000

_APPLICATION_TAG = re.compile(r"(?<=[:\-\s])!{1,2}[A-Za-z][\w/.:]*(?=\s)")


class UnreadableFileError(WhitelightError):
    """A file cannot be read as what it claims to be.

    Attributes
    ----------
    line : 1-based line of what is wrong, 0 when it is the whole file.
    """

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class UnsafePathError(WhitelightError):
    """A path given by a file points outside the folder it belongs to."""


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write `data` so that `path` holds either its old content or all of the new one.

    Parameters
    ----------
    path : target; its folder is made when missing.
    data : text is written as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = data.encode() if isinstance(data, str) else data
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = path.parent / Path(name).name  # mkstemp makes it absolute, and an error would say so
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_bytes(path: Path) -> bytes:
    """Return the content of `path`; opening a named pipe would wait forever, so only regular files are opened.

    Raises
    ------
    UnreadableFileError : the file is missing, or is a folder, a pipe or a device.
    """
    try:
        if path.is_dir() or path.is_file() or not path.exists():  # a folder and nothing say so themselves
            return path.read_bytes()
    except OSError as err:
        raise UnreadableFileError(f"{path}: {err.strerror or err}; check the path") from err
    raise UnreadableFileError(f"{path}: a pipe or a device, expected a file; put a regular file there")


def read_text(path: Path) -> str:
    """Return the UTF-8 text of `path` without a byte order mark.

    Raises
    ------
    UnreadableFileError : as `read_bytes`, or not UTF-8; the message names the first bad byte.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = err.object[: err.start].count(b"\n") + 1
        raise UnreadableFileError(
            f"{path.name} line {line}: byte 0x{err.object[err.start]:02x} is not UTF-8; save the file as UTF-8",
            line=line,
        ) from err


def load_yaml(path: Path, text: str | None = None, *, ignore_tags: bool = False) -> Any:
    """Load one YAML 1.2 document without constructing anything but plain values.

    Parameters
    ----------
    path : the file, and the name used in messages.
    text : content to parse instead of reading `path`.
    ignore_tags : read a value with an application's own tag (``!!python/object``) as the plain value it holds;
        otherwise such a tag is refused. Nothing is ever constructed either way.

    Raises
    ------
    UnreadableFileError : not UTF-8, larger than `MAX_YAML_BYTES`, duplicate keys, tabs, aliases that expand to
        more than `MAX_YAML_VALUES` values, unknown tags or any other syntax error; the message carries the line.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  loading it costs 60 ms that `--help` must not pay
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415  as above

    content = read_text(path) if text is None else text
    if len(content) > MAX_YAML_BYTES:
        raise UnreadableFileError(f"{path.name}: {len(content):,} characters of YAML, at most {MAX_YAML_BYTES:,}")
    if ignore_tags:
        content = _APPLICATION_TAG.sub("", content)
    try:
        value = YAML(typ="safe", pure=True).load(content)
    except MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        where = f" line {mark.line + 1}" if mark is not None else ""
        problem = " ".join(str(err.problem or err.context or "not YAML").split())
        raise UnreadableFileError(f"{path.name}{where}: {problem}", line=mark.line + 1 if mark else 0) from err
    except RecursionError as err:
        raise UnreadableFileError(f"{path.name}: nested too deeply; write it with fewer brackets") from err
    except (YAMLError, ValueError) as err:
        raise UnreadableFileError(f"{path.name}: {' '.join(str(err).split()) or 'not YAML'}") from err
    if "&" in content and _expanded_values(value, {}) > MAX_YAML_VALUES:
        raise UnreadableFileError(
            f"{path.name}: aliases expand to more than {MAX_YAML_VALUES:,} values; write the values out"
        )
    return value


def _expanded_values(value: Any, known: dict[int, int]) -> int:
    """Count the values below `value` with every alias written out; linear in the file, a cycle counts as too many."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MAX_YAML_VALUES + 1  # met again before it is known: a cycle
        children = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_expanded_values(child, known) for child in children)
    return known[id(value)]


def inside(root: Path, name: str, *, source: str = "the manifest") -> Path:
    """Return `root / name`, refusing any name that leads out of `root` (absolute, `..`, or through a link).

    Parameters
    ----------
    source : the file that gives the name, as messages call it; names are relative to it.

    Raises
    ------
    UnsafePathError : the resolved path is not below `root`.
    """
    relative = PurePosixPath(name.replace("\\", "/"))
    candidate = (root / relative).resolve()
    if relative.is_absolute() or not candidate.is_relative_to(root.resolve()):
        raise UnsafePathError(f"'{name}' points outside its folder; give a path relative to {source}")
    return root / relative


def sha256_of(parts: Iterable[bytes]) -> str:
    """Return the hexadecimal SHA-256 of `parts`, each preceded by its length so that borders count."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
