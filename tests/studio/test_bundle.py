"""The page that is shipped is the page whose sources are here; node is not needed to know."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "whitelight" / "studio" / "static"
WEB = ROOT / "web"
MAX_BYTES = 1_000_000  # "committed small"


def fingerprint() -> str:
    """SHA-256 of the sources as web/build.mjs counts it."""
    sources = [*(path for path in (WEB / "src").rglob("*") if path.is_file()), WEB / "package-lock.json"]
    named = sorted((path.relative_to(WEB).as_posix(), path) for path in sources)
    digest = hashlib.sha256()
    for name, path in named:
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def test_bundle_was_built_from_these_sources() -> None:
    first = (STATIC / "app.js").read_text()[:100]
    assert first.startswith(f"/* built from {fingerprint()} */"), "build the page again: make web"


def test_bundle_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < MAX_BYTES


@pytest.mark.parametrize("name", ["app.js", "app.css", "index.html"])
def test_bundle_names_no_address_outside(name: str) -> None:
    text = (STATIC / name).read_text()
    loaded = re.findall(r"""(?:src|href)=["'](https?:)?//|@import|url\(["']?https?:|import\(["']https?:""", text)
    assert not loaded
