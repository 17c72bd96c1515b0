"""The list of songs, and one song."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse

from whitelight.errors import WhitelightError
from whitelight.studio.errors import public
from whitelight.studio.library import check_links
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api")
SongId = Annotated[str, Path(max_length=120)]


@router.get("/songs")
def songs(studio: StudioDep) -> JSONResponse:
    """All songs as `Library` of `web/src/types.ts`; a song that cannot be read is a line among the problems."""
    cards: list[dict[str, Any]] = []
    problems: list[str] = []
    for place in studio.library.places():
        try:
            check_links(place.folder, studio.settings.root)
            cards.append(studio.card(place))
        except (WhitelightError, OSError) as err:
            problems.append(f"{place.name}: {public(str(err), studio.settings.root)}")
    settings, ontology = studio.settings, studio.ontology
    return JSONResponse(
        {
            "read_only": settings.read_only,
            "model": None if settings.model is None else settings.model.resolve().name,
            "soundfont": None if studio.soundfont is None else studio.soundfont.name,
            "taste": None if settings.taste is None else settings.taste.resolve().name,
            "classes": [
                {"name": one.name, "letter": one.letter or None, "hex": f"#{one.hex}" if one.hex else None}
                for one in ontology.classes
            ],
            "axes": {axis.name: list(axis.modes) for axis in ontology.axes},
            "songs": cards,
            "problems": problems,
        }
    )


@router.get("/songs/{song}")
def song(song: SongId, studio: StudioDep) -> JSONResponse:
    """One song as `SongCard`."""
    return JSONResponse(studio.card(studio.library.place(song)))
