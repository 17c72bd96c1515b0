"""The page is there before the composer is: features are loaded beside the first requests, and who needs them waits.

Importing the composer takes most of a second. A browser needs as long to open and draw an empty page, so both go on
together.
"""

import asyncio
from collections.abc import Callable
from threading import Event, Thread

from starlette.types import ASGIApp, Receive, Scope, Send

_FEATURES = "/api/"  # the page itself is there from the start


class Loading:
    """Something that is loaded once, here or in a thread."""

    def __init__(self) -> None:
        self._done = Event()
        self._failure: BaseException | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is there, or will never be."""
        return self._done.is_set()

    def run(self, load: Callable[[], None]) -> None:
        """Load now; raises whatever that raises."""
        load()
        self._done.set()

    def begin(self, load: Callable[[], None]) -> None:
        """Load in a thread."""

        def loading() -> None:
            try:
                load()
            except BaseException as err:  # noqa: BLE001  kept, and raised for everyone who waits
                self._failure = err
            finally:
                self._done.set()

        Thread(target=loading, name="studio-loading", daemon=True).start()

    def wait(self) -> None:
        """Return when it is there; raises what loading it raised."""
        self._done.wait()
        if self._failure is not None:
            raise self._failure


class Waiting:
    """ASGI middleware that holds requests for features until they are loaded."""

    def __init__(self, app: ASGIApp, *, loading: Loading) -> None:
        self._app, self._loading = app, loading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, when what it needs is there."""
        if scope["type"] == "http" and scope["path"].startswith(_FEATURES):
            if self._loading.is_done:
                self._loading.wait()
            else:
                await asyncio.to_thread(self._loading.wait)
        await self._app(scope, receive, send)
