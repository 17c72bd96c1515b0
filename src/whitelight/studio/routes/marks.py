"""Judging: what a page says about candidates."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr
from starlette.responses import JSONResponse

from whitelight.composition.review_marks import Mark
from whitelight.studio.library import known_stage
from whitelight.studio.marking import mark_candidates, marked_document
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api/songs/{song}")
ClientName = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[StrictStr, Field(max_length=100_000)]  # what a human wrote by hand may be long
Value = Text | StrictInt | StrictFloat | None
MAX_CHANGES = 1_000


class MarkChange(BaseModel):
    """One value of one candidate; `shown` is what the page showed."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(min_length=1, max_length=200)]
    field: Literal["status", "label", "rating", "notes", "wish"]
    shown: Annotated[Value, Field(alias="from")]
    to: Value


class MarkRequest(BaseModel):
    """As `MarkRequest` of `web/src/types.ts`."""

    model_config = ConfigDict(extra="forbid")
    client: ClientName
    blind: bool
    changes: Annotated[list[MarkChange], Field(min_length=1, max_length=MAX_CHANGES)]


@router.post("/stages/{stage}/marks")
def marks(
    song: Annotated[str, Path(max_length=120)],
    stage: Annotated[str, Path(max_length=20)],
    request: MarkRequest,
    studio: StudioDep,
) -> JSONResponse:
    """Write marks, all or none, and answer `Marked`."""
    folder = studio.library.find(song)
    wanted = [Mark(change.id, change.field, change.shown, change.to) for change in request.changes]
    mark_candidates(folder, known_stage(stage), wanted, studio.journal, client=request.client, blind=request.blind)
    studio.decisions.record_soon(folder)
    answer = marked_document(folder, stage, (change.id for change in request.changes))
    return JSONResponse(answer | {"history": studio.journal.history(folder, request.client)})
