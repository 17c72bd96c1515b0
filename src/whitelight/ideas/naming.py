"""Names of files that people can read and every file system can hold.

A clean name has letters and digits of any script in small letters, joined by "-"; nothing of a source's name reaches
the file system unseen.
"""

import re
import unicodedata

MAX_LETTERS = 60
MAX_BYTES = 150  # file systems hold 255, of which number, kind, version and a temporary ending need their share
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_ELISION = re.compile(r"['’`]")
_WORD = re.compile(r"[^\W_]+")
_SAME_SUFFIX = {".yaml": ".yml", ".midi": ".mid", ".jpeg": ".jpg", ".htm": ".html"}


def clean_name(text: str, *, otherwise: str = "untitled") -> str:
    """Return a text as part of a file name, `otherwise` when no letter or digit is left."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    name = ""
    for word in _WORD.findall(_ELISION.sub("", plain)):
        longer = f"{name}-{word}" if name else word[:MAX_LETTERS]
        if len(longer) > MAX_LETTERS or len(longer.encode()) > MAX_BYTES:
            break
        name = longer
    return name or otherwise


def clean_suffix(name: str) -> str:
    """Return the ending of a file name in small letters and its usual spelling, "" when it is none that is safe."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    return _SAME_SUFFIX.get(suffix, suffix) if _SUFFIX.fullmatch(suffix) else ""


def file_name(order: int, kind: str, title: str, suffix: str, *, version: int = 1, attempt: int = 1) -> str:
    """Return "007-proposal-the-rust-signal.yml"; later versions of one source end in ".r2", other names in "_2"."""
    stem = f"{order:03d}-{clean_name(kind, otherwise='file')}-{clean_name(title)}"
    again = f"_{attempt}" if attempt > 1 else ""
    later = f".r{version}" if version > 1 else ""
    return f"{stem}{again}{later}{suffix}"


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorting key that puts "v2" before "v10"."""
    parts = re.findall(r"\d+|\D+", unicodedata.normalize("NFC", text).casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
