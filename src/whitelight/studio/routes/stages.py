"""A stage of a song: its candidates, how they look as notes, and what was approved around them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse

from whitelight.studio.candidates import stage_document
from whitelight.studio.rolls import candidate_rolls, section_context
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api/songs/{song}")
SongId = Annotated[str, Path(max_length=120)]
StageName = Annotated[str, Path(max_length=20)]
MAX_ROLLS = 200  # in one request


@router.get("/stages/{stage}")
def stage(song: SongId, stage: StageName, studio: StudioDep) -> JSONResponse:
    """All candidates, as `StageDocument`."""
    return JSONResponse(stage_document(studio.library.find(song), song, stage))


@router.get("/stages/{stage}/rolls")
def rolls(
    song: SongId,
    stage: StageName,
    studio: StudioDep,
    ids: Annotated[list[Annotated[str, Query(max_length=200)]], Query(alias="id", max_length=MAX_ROLLS)],
) -> JSONResponse:
    """The notes of some candidates, as `Rolls`."""
    return JSONResponse(candidate_rolls(studio.library.find(song), stage, ids))


@router.get("/context")
def context(
    song: SongId,
    studio: StudioDep,
    section: Annotated[str, Query(max_length=200)],
    variant: Annotated[str, Query(max_length=200)] = "",
) -> JSONResponse:
    """What is approved in a section, as `Context`."""
    return JSONResponse(section_context(studio.library.find(song), section, variant))
