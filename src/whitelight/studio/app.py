"""The studio's server: one FastAPI app per folder. `FEATURES` lists what it can do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from inspect import signature
from typing import Any

from fastapi import FastAPI

from whitelight.studio.errors import add_handlers
from whitelight.studio.loading import Loading, Waiting
from whitelight.studio.routes import page
from whitelight.studio.security import Gate
from whitelight.studio.state import Studio, StudioSettings

FEATURES = (  # modules of `routes`, each with a `router`
    "songs",
    "stages",
    "sounds",
    "events",
    "why",
    "arrangement",
    "files",
    "marks",
    "history",
    "promotion",
    "jobs",
    "words",
)


def create_app(settings: StudioSettings, *, at_once: bool = True) -> FastAPI:
    """Return the whole server, ready to be run or tested.

    Parameters
    ----------
    settings : `settings.port` is where it will listen: requests for another address are refused.
    at_once : load all features now; else while the page is already served, and what asks for them waits so long.
    """
    studio = Studio(settings)
    loading = Loading()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if not at_once:
            loading.begin(lambda: _add_features(app))
        yield
        studio.close()

    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=lifespan, **_quiet()
    )
    app.state.studio = studio
    add_handlers(app, settings.root)
    app.include_router(page.router)
    if at_once:
        loading.run(lambda: _add_features(app))
    app.add_middleware(Waiting, loading=loading)
    app.add_middleware(Gate, token=settings.token, port=settings.port, read_only=settings.read_only)
    return app


def _add_features(app: FastAPI) -> None:
    for name in FEATURES:
        app.include_router(import_module(f"whitelight.studio.routes.{name}").router)


def _quiet() -> dict[str, Any]:
    """What keeps FastAPI, where it can, from reporting requests to a collector that the environment names."""
    off = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
    return {"telemetry": off} if "telemetry" in signature(FastAPI).parameters else {}
