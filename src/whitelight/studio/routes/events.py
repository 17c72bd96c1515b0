"""What changes on disk, told as it happens (server-sent events)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import StreamingResponse

from whitelight.studio.state import Studio, StudioDep
from whitelight.studio.watching import Change

router = APIRouter(prefix="/api")
SongId = Annotated[str, Path(max_length=120)]
HEART_BEAT_S = 10.0
_LOOK_S = 0.5  # how soon a server that stops lets its clients go
_MOST_WAITING = 500  # changes a client that does not read is owed; it then asks for everything anew


@router.get("/events")
async def events(request: Request, studio: StudioDep) -> StreamingResponse:
    """A `Change` for every song whose files changed, whoever changed them; a comment as a heart beat."""
    return StreamingResponse(_told(request, studio), media_type="text/event-stream")


async def _told(request: Request, studio: Studio) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Change] = asyncio.Queue(_MOST_WAITING)

    def put(change: Change) -> None:
        if not waiting.full():
            waiting.put_nowait(change)

    def hear(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(put, change)

    stop = studio.changes.listen(hear)
    silent_s = 0.0
    try:
        yield "retry: 1000\n\n: here\n\n"
        while not (studio.closing.is_set() or await request.is_disconnected()):
            try:
                change = await asyncio.wait_for(waiting.get(), _LOOK_S)
            except TimeoutError:
                silent_s += _LOOK_S
                if silent_s >= HEART_BEAT_S:
                    silent_s = 0.0
                    yield ": here\n\n"
                continue
            silent_s = 0.0
            yield f"data: {json.dumps(change.to_dict())}\n\n"
    finally:
        stop()
