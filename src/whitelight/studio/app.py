"""The studio's server: one FastAPI app per folder. `_routers` lists what it can do, one line per feature."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from whitelight.studio.errors import add_handlers
from whitelight.studio.security import Gate
from whitelight.studio.state import Studio, StudioSettings

if TYPE_CHECKING:
    from fastapi import APIRouter


def _routers() -> "list[APIRouter]":
    """Every feature: add an import and a name here."""
    from whitelight.studio.routes import events, songs, stages, why  # noqa: PLC0415  `add_routes` says why

    return [songs.router, stages.router, why.router, events.router]


def create_app(settings: StudioSettings) -> FastAPI:
    """Return the whole server, ready to be run or tested.

    Parameters
    ----------
    settings : `settings.port` is where it will listen: requests for another address are refused.
    """
    studio = Studio(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        studio.close()

    app = FastAPI(
        title="whitelight studio", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.studio = studio
    add_handlers(app, settings.root)
    add_routes(app)
    app.add_middleware(Gate, token=settings.token, port=settings.port, read_only=settings.read_only)
    return app


def add_routes(app: FastAPI) -> None:
    """Put all routes into the app."""
    from whitelight.studio.routes import page  # noqa: PLC0415  as the others

    for router in _routers():
        app.include_router(router)
    app.include_router(page.router)
