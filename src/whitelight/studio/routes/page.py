"""The page itself: one document, one script, one style sheet, as they were built (`web/`)."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from whitelight.studio.errors import NotThereError

router = APIRouter()
STATIC = Path(__file__).resolve().parent.parent / "static"
_TYPES = {"index.html": "text/html", "app.js": "text/javascript", "app.css": "text/css"}


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
