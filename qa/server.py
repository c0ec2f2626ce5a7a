"""Serve the chat page, and what programs ask beside it, from one process."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
import webbrowser
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from embeddings.errors import UserError
from embeddings.index import Index
from qa.api import chat_completions, openapi, problems, rest
from qa.api.access import HostGate, TokenGate
from qa.api.limits import BodyLimit, RateLimit
from qa.api.mcp import Mcp
from qa.api.metrics import Metrics
from qa.api.queue import AnswerQueue
from qa.collections import Collections, Sessions, home_of, searched
from qa.feedback import feedback_file
from qa.settings import Settings
from qa.uploads import UploadLimits
from qa.version import version
from qa.web.kept import Room
from qa.web.library import Desk
from qa.web.page import mount
from qa.web.shelf import Shelves

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

    `port` 0 takes any free one. `documents` are globs that questions are restricted to. An address that other machines
    reach needs a token in the settings, or `insecure`: then everyone who reaches it can read the documents. Raises
    UserError for such an address without either, for a taken port and for a glob that matches nothing, IndexMissing and
    the like for an index that cannot be opened.
    """
    only_here = is_loopback(host)
    if not (insecure or settings.token or only_here):
        raise UserError(
            f"Other machines could reach {host}, and whoever reaches the page can read the documents. Set a token "
            "(QA_TOKEN, or `qa serve --token-file FILE`) that is asked for, run `qa serve` without --host to serve "
            "this machine only, or add --insecure if everyone may read them."
        )
    with bind(host, port) as listening:
        from qa.assembly import Models  # loads the models, so only once the address is ours

        folders = searched(settings)
        Index.open_together(folders)  # a missing index is told before a model is loaded
        models = Models.load(settings)
        answerer = models.answerer(folders)
        answerer.index.matching(documents)
        # the names of this machine elsewhere are not known; there, the token keeps out what has none
        hosts = ["*"] if insecure or not only_here else [*LOOPBACK_NAMES, host]
        with Sessions.open(home_of(settings)) as sessions:
            shelves = Shelves(
                models=models,
                folders=folders,
                sessions=sessions,
                collections=Collections.of(settings),
                limits=UploadLimits.of(settings),
                globs=documents,
            )
            desk = Desk(answerer=answerer, documents=documents)
            feedback = feedback_file(settings.index)
            app = application(desk, hosts=hosts, settings=settings, shelves=shelves, feedback=feedback)
            config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
            server = _Server(config, address=address(listening), open_browser=open_browser)
            try:
                server.run(sockets=[listening])
            except KeyboardInterrupt:  # the ordinary end of a server
                print("Stopped.", file=sys.stderr)
    return 0


def application(
    desk: Desk,
    *,
    hosts: Sequence[str],
    settings: Settings | None = None,
    shelves: Shelves | None = None,
    feedback: Path | None = None,
) -> FastAPI:
    """The page at / and what programs ask beside it, for requests that name one of `hosts` ("*": any).

    Naming the hosts keeps a web page elsewhere from reading the documents under a name of its own that it points here.
    Of the settings, the token and the limits count; none given: the defaults. `shelves` is where windows keep documents
    of their own, `feedback` the file in which verdicts are kept (None: no such thing).
    """
    settings = settings or Settings.model_construct()
    metrics = Metrics()
    queue = AnswerQueue(desk.answerer, metrics, settings, desk.documents)
    mcp = Mcp(queue)
    # no interactive API pages: they load their scripts from another host
    app = FastAPI(
        title="Chapter & Verse",
        version=version(),
        description=openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        lifespan=mcp.running,
    )
    rest.add(app, desk.answerer, queue, metrics, settings, desk.documents)
    chat_completions.add(app, queue)
    openapi.describe(app, settings)
    mcp.add(app)
    problems.catch(app)
    problems.close(app)
    # the last one added meets a request first
    if settings.token:
        app.add_middleware(TokenGate, token=settings.token)
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_request_kilobytes * 1000,
        seconds=settings.request_timeout_seconds,
        page_bytes=Room().request_bytes,
    )
    app.add_middleware(RateLimit, per_minute=settings.requests_per_minute)
    app.add_middleware(HostGate, hosts=hosts)
    mounted = mount(
        app,
        desk,
        shelves=shelves,
        feedback=feedback,
        max_file_megabytes=settings.max_file_megabytes,
        longest=settings.max_question_characters,
        counted=partial(metrics.counted, "page"),
    )
    problems.catch_unknown(mounted)
    return mounted


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
