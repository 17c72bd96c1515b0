"""Running the server: a socket on this computer only, an address with the token, and an end without hanging."""

import socket
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

import uvicorn

from whitelight.studio.app import create_app
from whitelight.studio.errors import StudioError
from whitelight.studio.state import Studio, StudioSettings

HOST = "127.0.0.1"
_LAST_REQUESTS_S = 2  # how long a request may still take when the server is asked to stop


class PortTakenError(StudioError):
    """Something else listens where the studio was to."""


def serve(settings: StudioSettings, opened: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    settings : port 0 takes a free one. opened : called with the address, token included, when it can be opened.

    Raises
    ------
    PortTakenError : the port is in use.
    """
    listening = _listen(settings.port)
    try:
        ready = replace(settings, port=listening.getsockname()[1])
        app = create_app(ready, at_once=False)
        config = uvicorn.Config(
            app, lifespan="on", ws="none", log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=_LAST_REQUESTS_S,
        )  # fmt: skip
        server = _Server(config, app.state.studio, lambda: opened(address(ready)))
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:  # how it ends
            return
    finally:
        listening.close()


def address(settings: StudioSettings) -> str:
    """What to open in the browser."""
    return f"http://{HOST}:{settings.port}/?token={settings.token}"


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError as err:
        listening.close()
        raise PortTakenError(f"port {port}: {err.strerror or err}; choose another, or leave --port out") from err
    return listening


class _Server(uvicorn.Server):
    """Says when it listens, and lets streams know that it stops: a server waits for them, and they for news."""

    def __init__(self, config: uvicorn.Config, studio: Studio, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._studio, self._listening = studio, listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._listening()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._studio.closing.set()
        super().handle_exit(sig, frame)
