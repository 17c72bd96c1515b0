"""Answers to what went wrong: one clear line of JSON, without a path of this computer and without a traceback."""

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from whitelight.errors import WhitelightError

_FOLDERS = re.compile(r"(?<![\w./])(?:/[^\s/'\"<>|:]+)+/(?=[^\s/'\"<>|:])|(?<!\w)[A-Za-z]:\\(?:[^\s\\'\"]+\\)*")
BUG = "the studio met a mistake of its own; the terminal it was started in shows where"


class StudioError(WhitelightError):
    """Something asked of the studio that cannot be done; `status` is the HTTP status of the answer."""

    status = HTTPStatus.BAD_REQUEST


class NotThereError(StudioError):
    """A song, candidate or file that does not exist."""

    status = HTTPStatus.NOT_FOUND


class NotAllowedError(StudioError):
    """Something this studio was not opened for."""

    status = HTTPStatus.FORBIDDEN


def public(text: str, root: Path | None = None) -> str:
    """The text as the page may see it: paths below `root` relative to it, of others the last name only."""
    if root is not None:
        for known in {str(root), str(root.resolve())} - {"/", "."}:
            text = text.replace(f"{known}/", "").replace(known, root.name or "the folder")
    return _FOLDERS.sub("", text)


def refusal(status: int, message: str, **more: Any) -> JSONResponse:
    """An error as the page expects it."""
    return JSONResponse({"error": message, **more}, status_code=status)


def add_handlers(app: FastAPI, root: Path) -> None:
    """Let every error become one line of JSON.

    An error with an attribute `more` (plain data) sends it along: conflicts, a difference.
    """

    def ours(_request: Request, err: Exception) -> JSONResponse:
        status = getattr(err, "status", HTTPStatus.BAD_REQUEST)
        return refusal(status, public(" ".join(str(err).split()), root), **getattr(err, "more", {}))

    def theirs(_request: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, HTTPException)
        detail = err.detail if isinstance(err.detail, str) else HTTPStatus(err.status_code).phrase
        return JSONResponse({"error": public(detail, root)}, status_code=err.status_code, headers=err.headers)

    def malformed(_request: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, RequestValidationError)
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where or first['loc'][0]}: {first['msg']}"[:300])

    def system(_request: Request, err: Exception) -> JSONResponse:
        assert isinstance(err, OSError)
        return refusal(HTTPStatus.BAD_REQUEST, f"the system refused: {err.strerror or type(err).__name__}")

    app.add_exception_handler(WhitelightError, ours)
    app.add_exception_handler(HTTPException, theirs)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(OSError, system)
