r"""Where things are kept that are made once and can be made again.

``$WHITELIGHT_CACHE``, else the user's cache folder: ``$XDG_CACHE_HOME/whitelight`` or ``~/.cache/whitelight``,
``~/Library/Caches/whitelight``, ``%LOCALAPPDATA%\whitelight``.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "WHITELIGHT_CACHE"


def cache_folder() -> Path:
    """Return the cache folder of this user; it may not exist yet."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "whitelight"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "whitelight"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whitelight"


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name` of the cache; when it is not there, `make` fills it first.

    It is filled under another name and renamed, so it is there whole or not at all, also when a process is killed or
    two of them make it at once.
    """
    folder = cache_folder() / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".tmp"))
    try:
        make(temporary)
        try:
            temporary.replace(folder)
        except OSError:
            if not folder.is_dir():  # else another process was first, and made the same
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder
