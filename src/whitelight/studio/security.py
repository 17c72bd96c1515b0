"""Who may speak to the studio: the page it served itself, in the browser that was given the token, and nobody else.

Every request passes here first. A page elsewhere cannot read the token (no CORS, cookie SameSite=Strict and HttpOnly),
cannot reach the server under another name (Host), and cannot send a form (Origin); a body is small or refused.
"""

from hmac import compare_digest
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whitelight.studio.errors import BUG, refusal

MAX_BODY_BYTES: Final = 1 << 20
TOKEN_HEADER: Final = "x-studio-token"  # noqa: S105  the name of a header
_READING = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "  # Tone's clock is a blob
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def cookie_name(port: int) -> str:
    """Name of the cookie; cookies do not tell ports apart, and two studios may be open."""
    return f"whitelight_studio_{port}"


class Gate:
    """ASGI middleware that lets through what may come in.

    Parameters
    ----------
    token : secret of this start. port : the one the server listens on. read_only : refuse whatever would write.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int, read_only: bool) -> None:
        self._app, self._token, self._read_only, self._port = app, token, read_only, port
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at once what may not come in, else pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        answer = _Answer(send, scope["path"])
        try:
            await self._passed(scope, receive, answer)
        except Exception:
            if not answer.has_begun:
                await refusal(HTTPStatus.INTERNAL_SERVER_ERROR, BUG)(scope, receive, answer)
            raise  # the terminal shows where

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope) or self._welcome(scope) or self._strange(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        if scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        body = await _whole_body(Headers(scope=scope), receive)
        if body is None:
            limit = f"a request of more than {MAX_BODY_BYTES:,} bytes; the studio expects small ones"
            await refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts or len(headers.getlist("host")) > 1:
            return refusal(HTTPStatus.FORBIDDEN, "the studio answers only under the address it printed")
        if any(origin not in self._origins for origin in headers.getlist("origin")):
            return refusal(HTTPStatus.FORBIDDEN, "a request of another page; the studio answers only its own")
        return None

    def _welcome(self, scope: Scope) -> Response | None:
        """The address that was printed: the token moves into a cookie and out of the address bar."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token")
        if given is None or not self._is_token(given[-1]):
            return None
        answer = RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)
        answer.set_cookie(cookie_name(self._port), self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _strange(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_token(headers.get(TOKEN_HEADER, "")) and not self._is_token(self._cookie(headers)):
            return refusal(HTTPStatus.FORBIDDEN, "open the studio by the address it printed when it started")
        if self._read_only and scope["method"] not in _READING:
            return refusal(HTTPStatus.FORBIDDEN, "this studio was opened with --read-only; nothing is written")
        return None

    def _cookie(self, headers: Headers) -> str:
        try:
            found = SimpleCookie("; ".join(headers.getlist("cookie"))).get(cookie_name(self._port))
        except CookieError:
            return ""
        return found.value if found is not None else ""

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self._token.encode())


class _Answer:
    """Sends what is sent to it, with the headers that every answer has."""

    def __init__(self, send: Send, path: str) -> None:
        self._send, self._path = send, path
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-cache" if self._path.startswith("/static/") else "no-store")
        await self._send(message)


async def _whole_body(headers: Headers, receive: Receive) -> bytes | None:
    """The body of a request, however it is sent; None when it is too large."""
    stated = headers.get("content-length", "0")
    if not stated.isascii() or not stated.isdigit() or int(stated[:20]) > MAX_BODY_BYTES:
        return None
    parts, n_bytes = list[bytes](), 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        n_bytes += len(parts[-1])
        if n_bytes > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes after it."""
    told = False

    async def from_memory() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return from_memory
