"""What is said when a request cannot be met: problem details as JSON (RFC 9457), without a trace of the inside."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from embeddings.errors import UserError

MEDIA_TYPE = "application/problem+json"
OPENAI = ("/v1/chat/", "/v1/models")  # whose clients look for the error in a key of its own
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # as RFC 9110 has them, and not yet every Python

_log = logging.getLogger(__name__)


class Problem(Exception):
    """Why a request is not met. `kind` names it where its status doesn't say enough, for programs to tell apart."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = errors
        self.headers = headers or {}

    def body(self, path: str) -> dict[str, Any]:
        """The problem as JSON; for a path that OpenAI's clients ask, with the `error` that they look for."""
        told: dict[str, Any] = {
            "type": f"urn:chapter-and-verse:problem:{self.kind}" if self.kind else "about:blank",
            "title": _TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            told["errors"] = list(self.errors)
        if path.startswith(OPENAI):
            told["error"] = {
                "message": self.detail,
                "type": "invalid_request_error" if self.status < 500 else "server_error",
                "param": self.errors[0]["pointer"].strip("/") if self.errors else None,
                "code": self.kind,
            }
        return told

    def response(self, path: str) -> Response:
        """The problem as what is sent back."""
        text = json.dumps(self.body(path), ensure_ascii=False)
        return Response(text, self.status, media_type=MEDIA_TYPE, headers=dict(self.headers))


def catch(app: FastAPI) -> None:
    """Have everything that goes wrong in an application told as a problem."""
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(UserError, _unusable)
    app.add_exception_handler(Exception, _unforeseen)


def catch_unknown(app: FastAPI) -> None:
    """Have the paths that the page doesn't know told as problems, and nothing else: its own errors are its own."""
    for mount in app.router.routes:
        if isinstance(mount, Mount) and isinstance(mount.app, FastAPI):
            mount.app.add_exception_handler(404, _http)


def close(app: FastAPI) -> None:
    """Have other methods of the paths so far, and other paths below /v1/, refused here: what follows takes all."""
    methods: dict[str, set[str]] = {}
    for route in app.router.routes:
        if isinstance(route, Route):
            methods.setdefault(route.path, set()).update(route.methods or ())
    refused: list[BaseRoute] = [Route(path, _Refusal(405, ", ".join(sorted(few)))) for path, few in methods.items()]
    app.router.routes += [*refused, Route("/v1/{path:path}", _Refusal(404))]


class _Refusal:
    """A route that takes every method and raises."""

    def __init__(self, status: int, allow: str = "") -> None:
        self._status = status
        self._headers = {"allow": allow} if allow else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(self._status, headers=self._headers)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        404: "There is nothing at this path; /openapi.json says what there is.",
        405: "This path takes other methods; the Allow header names them.",
    }
    detail = details.get(error.status_code, error.detail)
    return Problem(error.status_code, detail, headers=error.headers).response(request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"pointer": _pointer(error.body, one["loc"][1:]), "detail": one["msg"].removeprefix("Value error, ")}
        for one in error.errors()
        if one["type"] != "json_invalid"
    ]
    detail = "; ".join(f"{one['pointer'] or 'The body'}: {one['detail']}" for one in errors)
    if not errors:
        detail = "The body is not JSON."
    openai = request.url.path.startswith(OPENAI)  # OpenAI's own server says 400, and its clients go by that
    return Problem(400 if openai else 422, detail, errors=errors).response(request.url.path)


def _pointer(body: Any, place: Sequence[Any]) -> str:
    """The JSON pointer of a place in the body; the forms that a value was tried as are no part of it."""
    pointer = ""
    for part in place:
        if isinstance(body, dict) or (isinstance(body, list) and isinstance(part, int)):
            pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
            body = body[part] if isinstance(body, list) else body.get(part)
    return pointer


async def _unusable(request: Request, error: Exception) -> Response:
    return unusable(error).response(request.url.path)


def unusable(error: Exception) -> Problem:
    """The problem of an index or model that cannot be asked just now; what is wrong with it only the log says."""
    _log.error("%s", error)
    detail = "The index cannot be asked at the moment; the server's log says why."
    return Problem(503, detail, kind="index-unusable", headers={"retry-after": "60"})


async def _unforeseen(request: Request, error: Exception) -> Response:
    return Problem(500, "Something unexpected happened; the server's log shows what.").response(request.url.path)
