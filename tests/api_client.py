"""A client of the API, and the problems that it is told."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from qa import server
from qa.settings import Settings
from qa.web.library import Desk
from tests.catalogue import RestrictedAnswerer

LIT = "When was the lighthouse first lit?"
KEEPER = "Who was its first keeper?"
OWNER = "Who owns the lighthouse today?"
SURFACES = ("page", "rest", "chat", "mcp")
UNKNOWN = "unknown-document"


def client_of(answerer: RestrictedAnswerer, *, documents: tuple[str, ...] = (), **settings: Any) -> TestClient:
    app = server.application(
        Desk(answerer=answerer, documents=documents), hosts=["*"], settings=Settings.model_construct(**settings)
    )
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def problem(reply: Any, status: int, kind: str | None = None) -> dict[str, Any]:
    """The problem that a reply has to be."""
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    told: dict[str, Any] = reply.json()
    assert told["status"] == status
    assert told["type"] == (f"urn:chapter-and-verse:problem:{kind}" if kind else "about:blank")
    return told
