"""How often a client may ask, and how large and how slow a request may be: for page, REST and MCP alike."""

from __future__ import annotations

import asyncio
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.api.problems import Problem

_PAGE = "/gradio_api/"
_UPLOAD = f"{_PAGE}upload"  # files come one by one, and the page has a limit for them of its own


class RateLimit:
    """Refuses a client (an address) that asked too often in the last minute.

    What counts is what may cost something: requests of programs, and all that isn't a mere look at the page.
    """

    def __init__(self, app: ASGIApp, *, per_minute: int) -> None:
        self._app = app
        self._most = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 429 and the seconds to wait."""
        client = scope["client"][0] if scope.get("client") else "unknown"
        if not _counts(scope) or self._limiter.hit(self._most, client):
            await self._app(scope, receive, send)
            return
        wait = self._limiter.get_window_stats(self._most, client).reset_time - time.time()
        problem = Problem(
            429,
            f"More than {self._most.amount} requests in a minute. Ask again later (requests_per_minute).",
            kind="rate-limit",
            headers={"retry-after": str(max(1, math.ceil(wait)))},
        )
        await problem.response(scope["path"])(scope, receive, send)


def _counts(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["path"] in ("/healthz", _UPLOAD):
        return False
    looks = scope["method"] in ("GET", "HEAD") and not scope["path"].startswith("/v1/")
    return not looks or "authorization" in Headers(scope=scope)  # so that a token cannot be found by trying


class BodyLimit:
    """Takes in the body of a request before anything else does, and refuses one that is too large or too slow.

    A request of the page, which may carry what the browser keeps, has `page_bytes` at most, if that is more.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, seconds: float, page_bytes: int = 0) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._page_bytes = max(max_bytes, page_bytes)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its whole body, or refuse it with 413 or 408."""
        if scope["type"] != "http" or scope["path"] == _UPLOAD:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                page = scope["path"].startswith(_PAGE)
                taken = await _taken(scope, receive, self._page_bytes if page else self._max_bytes)
        except TimeoutError:
            problem = Problem(408, f"The request was not complete after {self._seconds:g} seconds.")
            await problem.response(scope["path"])(scope, receive, send)
            return
        except Problem as problem:
            await problem.response(scope["path"])(scope, receive, send)
            return

        async def replayed() -> Message:
            return taken.pop() if taken else await receive()

        await self._app(scope, replayed, send)


async def _taken(scope: Scope, receive: Receive, most: int) -> list[Message]:
    """The body as one message. Raises Problem if it is too large, before more of it is taken in."""
    too_large = Problem(413, f"A request may have {most / 1000:g} kilobytes (max_request_kilobytes).", kind="too-large")
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > most:
            raise too_large
        if not message.get("more_body"):
            return [{"type": "http.request", "body": bytes(body), "more_body": False}]
    return [message]  # the client has gone
