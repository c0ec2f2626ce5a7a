"""Serve the chat page, and what programs ask beside it, from one process."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware

from embeddings.errors import UserError
from qa import web
from qa.feedback import feedback_file
from qa.settings import Settings
from qa.web.library import Answerer, Desk
from qa.web.page import mount

LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]", "::1"]


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    documents: tuple[str, ...] = (),
    open_browser: bool = False,
    insecure: bool = False,
) -> int:
    """Serve until interrupted; returns the exit code.

    `port` 0 takes any free one. `documents` are globs that questions are restricted to. `insecure` allows an address
    that other machines reach, where everyone who reaches it can read the documents. Raises UserError for such an
    address without it, for a taken port and for a glob that matches nothing, IndexMissing and the like for an index
    that cannot be opened.
    """
    if not (insecure or is_loopback(host)):
        raise UserError(
            f"Other machines could reach {host}, and whoever reaches the page can read the documents. Run `qa serve` "
            "without --host to serve this machine only, or add --insecure if that is what you want."
        )
    with bind(host, port) as listening:
        from qa.assembly import open_answerer  # loads the models, so only once the address is ours

        answerer = open_answerer(settings)
        answerer.index.matching(documents)
        hosts = ["*"] if insecure else [*LOOPBACK_NAMES, host]
        app = application(
            answerer,
            web.examples(answerer.index),
            hosts=hosts,
            documents=documents,
            feedback=feedback_file(settings.index),
        )
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = _Server(config, address=address(listening), open_browser=open_browser)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:  # the ordinary end of a server
            print("Stopped.", file=sys.stderr)
    return 0


def application(
    answerer: Answerer,
    examples: tuple[str, ...],
    *,
    hosts: Sequence[str],
    documents: tuple[str, ...] = (),
    feedback: Path | None = None,
) -> FastAPI:
    """The page at / and /healthz beside it, for requests that name one of `hosts` ("*": any).

    Naming the hosts keeps a web page elsewhere from reading the documents under a name of its own that it points here.
    """
    # no interactive API pages: they load their scripts from another host
    app = FastAPI(title="Chapter & Verse", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))

    @app.get("/healthz")
    def healthz() -> dict[str, str | int]:
        return {"status": "ok", "index": answerer.index.digest, "documents": len(list(answerer.index.documents))}

    return mount(app, Desk(answerer=answerer, documents=documents, examples=examples), feedback=feedback)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """A socket on that address; raises UserError, naming a free port, if something else has it."""
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise UserError(f"Cannot serve at {host}: {error.strerror}. Run `qa serve --host 127.0.0.1`.") from error
        with _bound(host, 0) as free:
            other = free.getsockname()[1]
        raise UserError(f"Port {port} of {host} is taken. Run `qa serve --port {other}`.") from error


def address(listening: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 - only compared
    return f"http://{shown}:{port}/"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server just stopped doesn't block the next
        listening.bind((host.strip("[]"), port))
    except OSError:
        listening.close()
        raise
    return listening


class _Server(uvicorn.Server):
    """A server that says where it is once it is there."""

    def __init__(self, config: uvicorn.Config, *, address: str, open_browser: bool) -> None:
        super().__init__(config)
        self._address = address
        self._open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Chapter & Verse is at {self._address} (Ctrl+C stops it)", flush=True)
        if self._open_browser:
            webbrowser.open(self._address)
