"""Who may ask, and under which name: the one token that stands before page, REST and MCP, and the hosts they are at."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.api.problems import Problem

OPEN = "/healthz"  # tells only that the server is there, and is asked by what holds no secrets
SIGN_IN = "/sign-in"
COOKIE = "qa_signed_in"

_TRUSTED = "qa.host"

_FORM = Template(Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8"))
_INVITED = "<p>These documents are for those who have the token.</p>"
_REFUSED = '<p role="alert">That is not the token.</p>'
_FORM_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class HostGate:
    """Lets through what names one of `hosts` ("*": any): a name that somebody else points here is no way in."""

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str]) -> None:
        self._app = app
        self._trusted = TrustedHostMiddleware(_note, allowed_hosts=list(hosts), www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 400."""
        noted = {**scope}
        await self._trusted(noted, receive, _unsent)
        if _TRUSTED in noted:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            detail = "The Host header gives this server a name that is not its own. Ask at the address that it printed."
            await Problem(400, detail, kind="host").response(scope["path"])(scope, receive, send)


async def _note(scope: Scope, receive: Receive, send: Send) -> None:
    scope[_TRUSTED] = True


async def _unsent(message: Message) -> None:
    """What the middleware would say, which is no problem document."""


class TokenGate:
    """Lets through what shows the token: programs as a bearer token, browsers by a cookie got for it.

    The cookie's value is made of the token and of a key that lives as long as the server, so it tells nobody the token
    and nobody can try tokens by it. Whoever signed in signs in again when the server is started anew.
    """

    def __init__(self, app: ASGIApp, *, token: SecretStr) -> None:
        self._app = app
        self._key = secrets.token_bytes(32)
        self._token = self._digest(token.get_secret_value())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or ask for the token: a person by a form, a program by a problem."""
        if scope["type"] == "websocket" and not self._may(scope):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and scope["path"] == SIGN_IN:
            await (await self._sign_in(Request(scope, receive)))(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] != OPEN and not self._may(scope):
            await self._refusal(scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        headers = dict(scope["headers"])
        scheme, _, shown = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(self._digest(shown.strip()), self._token):
            return True
        # Another page of the same host, on another port, must not act in the name of whoever signed in here.
        foreign = headers.get(b"sec-fetch-site") in (b"same-site", b"cross-site")
        if foreign and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")):
            return False
        cookies = Request({**scope, "type": "http"}).cookies
        return hmac.compare_digest(cookies.get(COOKIE, "").encode(), self._token.encode())

    def _digest(self, token: str) -> str:
        return hmac.new(self._key, token.encode(), hashlib.sha256).hexdigest()

    def _refusal(self, scope: Scope) -> Response:
        accepted = dict(scope["headers"]).get(b"accept", b"")
        if scope["method"] == "GET" and b"text/html" in accepted:
            return _form(_INVITED, 401)
        detail = f"The token is missing or wrong. Send it as `Authorization: Bearer ...`, or sign in at {SIGN_IN}."
        return Problem(401, detail, kind="token", headers={"www-authenticate": "Bearer"}).response(scope["path"])

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return RedirectResponse("/", 303) if self._may(request.scope) else _form(_INVITED, 200)
        fields = parse_qs((await request.body()).decode("latin-1"))
        if not hmac.compare_digest(self._digest(fields.get("token", [""])[0].strip()), self._token):
            return _form(_REFUSED, 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer


def _form(said: str, status: int) -> Response:
    return HTMLResponse(_FORM.substitute(said=said, action=SIGN_IN), status, headers=_FORM_HEADERS)
