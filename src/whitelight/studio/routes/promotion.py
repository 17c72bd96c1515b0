"""Promotion: a look at what would be copied, and the copying."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import JSONResponse

from whitelight.studio.promoting import promote_approved, promotion_document
from whitelight.studio.routes.history import ClientRequest
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api/songs/{song}")
SongId = Annotated[str, Path(max_length=120)]


@router.get("/promotion")
def plan(song: SongId, studio: StudioDep) -> JSONResponse:
    """What would be copied, as `PromotionPlan`."""
    return JSONResponse(promotion_document(studio.library.find(song)))


@router.post("/promotion")
def promotion(song: SongId, request: ClientRequest, studio: StudioDep) -> JSONResponse:
    """Copy what is approved, as `PromotionReport`."""
    folder = studio.library.find(song)
    report = promote_approved(folder, studio.journal, request.client)
    studio.decisions.record(folder)
    return JSONResponse(report | {"history": studio.journal.history(folder, request.client)})
