"""Composing, breeding, assembling and exporting: started, followed and cancelled."""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path as Folder
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, StreamingResponse

from whitelight.composition.exports import KINDS
from whitelight.studio.errors import StudioError
from whitelight.studio.job_work import Order
from whitelight.studio.jobs import UnknownJobError
from whitelight.studio.state import Studio, StudioDep

router = APIRouter(prefix="/api")
JobId = Annotated[str, Path(max_length=40)]
StageName = Literal["chords", "drums", "bass", "melody", "harmony", "lyrics"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
TOLD_EVERY_S, HEART_BEAT_S = 0.1, 10.0
MAX_CANDIDATES, MAX_GENERATIONS = 200, 20


class NeedsModelError(StudioError):
    """Something is to be composed, and nobody can judge it."""

    status = HTTPStatus.CONFLICT


class ImpossibleJobError(StudioError):
    """A job that says too little or something unknown."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class JobRequest(BaseModel):
    """As `JobRequest` of `web/src/types.ts`."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["compose", "evolve", "regenerate", "assemble", "export"]
    stage: StageName | None = None
    section: Name | None = None
    like: Annotated[list[Name], Field(max_length=200)] = []
    candidates: Annotated[int, Field(ge=2, le=MAX_CANDIDATES)] | None = None
    generations: Annotated[int, Field(ge=0, le=MAX_GENERATIONS)] | None = None
    kinds: Annotated[list[Name], Field(max_length=len(KINDS))] = []


@router.post("/songs/{song}/jobs")
def start(song: Annotated[str, Path(max_length=120)], request: JobRequest, studio: StudioDep) -> JSONResponse:
    """Begin a job and answer `Job`."""
    folder = studio.library.find(song)
    order = _order(folder, request, studio)
    text = in_words(request)
    return JSONResponse(studio.jobs.start(song, order, text=text, before=lambda: studio.decisions.record(folder)))


def _order(folder: Folder, request: JobRequest, studio: Studio) -> Order:
    if request.kind in ("evolve", "regenerate") and request.stage is None:
        raise ImpossibleJobError(f"{request.kind}: of which stage?")
    unknown = [kind for kind in request.kinds if kind not in KINDS]
    if unknown:
        raise ImpossibleJobError(f"export '{unknown[0]}': expected some of {', '.join(KINDS)}")
    needs_model = request.kind not in ("assemble", "export")
    if needs_model and studio.settings.model is None:
        raise NeedsModelError(
            "this studio was opened without a model, so nothing can be composed; end it and start it with: "
            "whitelight studio DIR --model MODEL"
        )
    return Order(
        kind=request.kind,
        folder=folder,
        stage=request.stage,
        sections=(request.section,) if request.section else (),
        like=tuple(request.like),
        candidates=request.candidates,
        generations=request.generations,
        kinds=tuple(request.kinds),
        model=studio.settings.model,
        dataset=studio.dataset if needs_model else None,
        taste=studio.settings.taste,
        soundfont=studio.settings.soundfont,
        force=studio.settings.force,
    )


def in_words(request: JobRequest) -> str:
    """What a job does, for people."""
    if request.kind == "assemble":
        return "Put the song together"
    if request.kind == "export":
        return f"Export {', '.join(request.kinds) or 'everything'}"
    what = {"compose": "Compose", "evolve": "Breed", "regenerate": "Compose anew:"}[request.kind]
    where = f" of {request.section}" if request.section else ""
    like = f" from {len(request.like)} you chose" if request.like else " from what you like" if what == "Breed" else ""
    return f"{what} {request.stage or 'the next stage'}{where}{like}"


@router.get("/jobs/{job}")
def job(job: JobId, studio: StudioDep) -> JSONResponse:
    """A job as it stands."""
    return JSONResponse(studio.jobs.get(job))


@router.delete("/jobs/{job}")
def cancel(job: JobId, studio: StudioDep) -> JSONResponse:
    """End a job at once and answer it as it stands then."""
    return JSONResponse(studio.jobs.cancel(job))


@router.get("/jobs/{job}/events")
async def events(job: JobId, request: Request, studio: StudioDep) -> StreamingResponse:
    """A `Job` whenever it changed, at most ten times a second, until it is over."""
    studio.jobs.get(job)
    return StreamingResponse(_told(job, request, studio), media_type="text/event-stream")


async def _told(job_id: str, request: Request, studio: Studio) -> AsyncIterator[str]:
    told, silent_s = -1, 0.0
    yield "retry: 1000\n\n"
    while not (studio.closing.is_set() or await request.is_disconnected()):
        try:
            revision, is_over = studio.jobs.revision(job_id)
            news = studio.jobs.get(job_id) if revision != told else None
        except UnknownJobError:  # so long over that it was forgotten
            return
        if news is not None:
            told, silent_s = revision, 0.0
            yield f"data: {json.dumps(news)}\n\n"
        if is_over:
            return
        if silent_s >= HEART_BEAT_S:
            silent_s = 0.0
            yield ": here\n\n"
        await asyncio.sleep(TOLD_EVERY_S)
        silent_s += TOLD_EVERY_S
