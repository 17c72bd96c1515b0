"""The page itself: a document, a style sheet, a script, and the two scripts that make sound beside it, as they were built (`web/`)."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from whitelight.studio.errors import NotThereError

router = APIRouter()
STATIC = Path(__file__).resolve().parent.parent / "static"
_SCRIPT = "text/javascript"
_TYPES = {
    "index.html": "text/html",
    "app.css": "text/css",
    "app.js": _SCRIPT,
    "sound-engine.js": _SCRIPT,
    "sound-maker.js": _SCRIPT,
}


@router.get("/")
def page() -> FileResponse:
    """The document."""
    return _file("index.html")


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    """What the document asks for; nothing else lies there."""
    return _file(name)


def _file(name: str) -> FileResponse:
    if name not in _TYPES or not (STATIC / name).is_file():
        raise NotThereError(f"no file '{name[:60]}' belongs to the page; build it: see web/")
    return FileResponse(STATIC / name, media_type=_TYPES[name])
