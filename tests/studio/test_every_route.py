"""Every route there is, asked for nonsense: an answer of one line, never a mistake of our own, nothing given away or written."""

import json
import re
from importlib import import_module
from urllib.parse import quote

import pytest

from whitelight.studio.app import FEATURES

ROUTES = [
    (method, route.path)
    for name in FEATURES
    for route in import_module(f"whitelight.studio.routes.{name}").router.routes
    for method in sorted(route.methods)
    if not route.path.endswith("/events")  # they do not end
]
NAMES = (
    "..",
    "../../secret",
    "/etc/passwd",
    "a\0b",
    "x" * 3000,
    "<script>",
    "chords",
    "%2e%2e",
    "\ud7ff\U0001f3b9",
    "'; --",
    " ",
)
BODIES = (
    None, {}, [], "text", 5, {"client": "a"}, {"client": "x" * 10_000}, {"client": "a", "changes": [{}] * 5}, {"client": "a", "extra": 1},
    {"client": "a", "blind": "perhaps", "changes": [{"id": "../x", "field": "file", "from": None, "to": "/etc/passwd"}]},
    {"client": "a", "blind": False, "changes": [{"id": "nobody", "field": "status", "from": "undecided", "to": "approved"}]},
    {"kind": "compose", "stage": "../chords"}, {"kind": "rm", "stage": "chords"}, {"kind": "export", "kinds": ["../../x"]},
    {"kind": "compose", "stage": "chords", "candidates": 10**12}, {"kind": "evolve", "stage": "chords", "section": "x" * 5000},
    {"text": "x" * 900_000}, {"client": "a", "text": "\0", "before": "\0"}, {"client": "a", "version": "", "blocks": [], "mix": {}, "ending": "?"},
)  # fmt: skip


@pytest.fixture
def hostile(make_client, root, folder):
    """A client that does not raise, and what it must not change or learn."""
    secret = root.parent / "secret"
    secret.write_text("TOP SECRET")
    client = make_client()
    client._transport.raise_server_exceptions = False
    before = contents(root.parent)
    yield client
    assert contents(root.parent) == before


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def check(answer, root, *about):
    assert answer.status_code in (200, 400, 403, 404, 405, 409, 413, 422), (
        about,
        answer.status_code,
        answer.text[:300],
    )
    for hidden in ("SECRET", "root:x", str(root), "Traceback", "site-packages"):
        assert hidden not in answer.text, about
    if answer.status_code >= 400:
        assert isinstance(json.loads(answer.text)["error"], str), about
        assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda value: value.replace("/", " ").strip())
def test_nonsense_is_answered_in_one_line(*, hostile, song, root, candidate, method, path):
    usual = {"song": song, "stage": "chords", "candidate": candidate(), "name": "verse_a", "job": "x"}
    spots = re.findall(r"\{(\w+)\}", path)
    for spot in spots:
        for name in NAMES:
            if (spot, name) == ("stage", "chords"):
                continue
            values = {**usual, spot: quote(name.encode("utf-8", "surrogatepass"), safe="")}
            body = None if method == "GET" else {"client": "a", "text": "la"}
            check(hostile.request(method, path.format(**values), json=body), root, spot, name)
    if method != "GET":
        for body in BODIES:
            check(hostile.request(method, path.format(**usual | {"candidate": "nobody"}), json=body), root, body)
    else:
        for query in ("client=%00", "client=" + "x" * 5000, "approved=maybe", "section=%00", "id=%00", "a=b&a=b"):
            check(hostile.get(f"{path.format(**usual)}?{query}"), root, query)
