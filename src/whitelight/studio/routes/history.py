"""Undo and redo of everything a page did to a song."""

from pathlib import Path as Folder
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse

from whitelight.studio.journal import ARRANGEMENT_FILE, Operation
from whitelight.studio.routes.marks import ClientName
from whitelight.studio.state import Studio, StudioDep

router = APIRouter(prefix="/api/songs/{song}")
SongId = Annotated[str, Path(max_length=120)]


class ClientRequest(BaseModel):
    """Who asks."""

    model_config = ConfigDict(extra="forbid")
    client: ClientName


@router.get("/history")
def history(
    song: SongId, studio: StudioDep, client: Annotated[str, Query(min_length=1, max_length=64)]
) -> JSONResponse:
    """What could be undone and done again, as `History`."""
    folder = studio.library.find(song)
    studio.decisions.record_soon(folder)  # a song that is opened: catches up on what a killed studio left unrecorded
    return JSONResponse(studio.journal.history(folder, client))


@router.post("/undo")
def undo(song: SongId, request: ClientRequest, studio: StudioDep) -> JSONResponse:
    """Take the last operation back, as `Undone`."""
    folder = studio.library.find(song)
    return JSONResponse(_undone(studio, folder, request.client, studio.journal.undo(folder, request.client)))


@router.post("/redo")
def redo(song: SongId, request: ClientRequest, studio: StudioDep) -> JSONResponse:
    """Do again what was undone last, as `Undone`."""
    folder = studio.library.find(song)
    return JSONResponse(_undone(studio, folder, request.client, studio.journal.redo(folder, request.client)))


def _undone(studio: Studio, folder: Folder, client: str, operation: Operation) -> dict[str, Any]:
    studio.decisions.record_soon(folder)
    return {
        "what": operation.what,
        "stages": list(operation.stages),
        "arrangement": ARRANGEMENT_FILE in operation.files,
        "history": studio.journal.history(folder, client),
    }
