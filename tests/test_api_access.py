"""The one token before page, REST and MCP, and the limits of size, rate and time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr
from starlette.websockets import WebSocketDisconnect

from embeddings.errors import UserError
from qa import server
from qa.api import access
from qa.cli import main
from qa.settings import Settings
from qa.web.kept import Room
from qa.web.library import Desk
from tests.catalogue import catalogued_answerer
from tests.chatpage import served

TOKEN = "correct-horse-battery-staple"
LIT = "When was the lighthouse first lit?"
BEARER = {"authorization": f"Bearer {TOKEN}"}
CLOSED = [
    ("GET", "/"),
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/upload"),
    ("GET", "/gradio_api/file=README.md"),
    ("GET", "/assets/index.js"),
    ("POST", "/v1/ask"),
    ("GET", "/v1/documents"),
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("POST", "/mcp"),
    ("GET", "/healthz/"),
    ("GET", "/nothing"),
]


def client_of(base_url: str = "http://127.0.0.1", **settings: Any) -> TestClient:
    app = server.application(
        Desk(answerer=catalogued_answerer()), hosts=["*"], settings=Settings.model_construct(**settings)
    )
    return TestClient(app, base_url=base_url, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def closed() -> Iterator[TestClient]:
    with client_of(token=SecretStr(TOKEN)) as client:
        yield client


@pytest.fixture
def client(closed: TestClient) -> TestClient:
    closed.cookies.clear()
    return closed


# the token


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": TOKEN},
        {"authorization": "Bearer \xff"},
        {"cookie": f"{access.COOKIE}={TOKEN}"},
        {"cookie": f"{access.COOKIE}="},
    ],
)
def test_without_the_token_everything_is_closed(client: TestClient, headers: dict[str, str]) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in CLOSED:
        reply = client.request(method, path, headers=sent)
        assert (reply.status_code, reply.headers["content-type"]) == (401, "application/problem+json"), path
        assert reply.headers["www-authenticate"] == "Bearer"
        assert reply.json()["type"] == "urn:chapter-and-verse:problem:token"
        assert TOKEN not in reply.text


def test_a_websocket_is_closed_too(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/gradio_api/queue/join"):
        pass
    assert closed.value.code == 1008


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_programs_show_the_token(client: TestClient) -> None:
    reply = client.post("/v1/ask", json={"question": LIT}, headers=BEARER)
    assert reply.json()["replies"][0]["answer"] == "4 May 1871"
    assert client.get("/", headers={"authorization": f"bearer {TOKEN}"}).status_code == 200
    described = client.get("/openapi.json", headers=BEARER).json()
    assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert (described["security"], described["paths"]["/healthz"]["get"]["security"]) == ([{"token": []}], [])
    assert "401" in described["paths"]["/v1/ask"]["post"]["responses"]


def test_a_person_signs_in(client: TestClient) -> None:
    form = client.get("/", headers={"accept": "text/html,*/*"})
    assert (form.status_code, form.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert '<form method="post" action="/sign-in">' in form.text
    assert "http" not in form.text, "nothing is fetched from elsewhere"
    assert "default-src 'none'" in form.headers["content-security-policy"]
    assert client.get("/sign-in").text == form.text

    wrong = client.post("/sign-in", data={"token": "<b>wrong"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert "That is not the token." in wrong.text
    assert "<b>wrong" not in wrong.text

    right = client.post("/sign-in", data={"token": f" {TOKEN} "})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie

    assert "Chapter &" in client.get("/", headers={"accept": "text/html"}).text
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    assert client.post("/v1/ask", json={"question": LIT}).status_code == 200
    assert client.get("/sign-in").headers["location"] == "/"


def test_no_other_page_acts_in_the_name_of_who_signed_in(client: TestClient) -> None:
    client.post("/sign-in", data={"token": TOKEN})
    for site, status in (("same-origin", 200), ("none", 200), ("same-site", 401), ("cross-site", 401)):
        reply = client.post("/v1/ask", json={"question": LIT}, headers={"sec-fetch-site": site})
        assert reply.status_code == status


def test_the_cookie_is_of_one_server_and_kept_to_https_where_there_is_https() -> None:
    one, other = client_of("https://127.0.0.1", token=SecretStr(TOKEN)), client_of(token=SecretStr(TOKEN))
    cookie = one.post("/sign-in", data={"token": TOKEN}).headers["set-cookie"]
    assert "Secure" in cookie.split("; ")
    assert other.get("/v1/models", headers={"cookie": cookie.split("; ")[0]}).status_code == 401


def test_mcp_takes_the_token() -> None:
    async def asked(address: str) -> str:
        async with (
            httpx2.AsyncClient(headers=BEARER) as http,
            Client(streamable_http_client(f"{address}mcp", http_client=http)) as client,
        ):
            return (await client.call_tool("ask_documents", {"question": LIT})).structured_content["answer"]

    with served(catalogued_answerer(), settings=Settings.model_construct(token=SecretStr(TOKEN))) as address:
        assert asyncio.run(asked(address)) == "4 May 1871"
        assert httpx2.post(f"{address}mcp", json={}).status_code == 401


def test_a_token_comes_from_a_file_and_opens_an_address_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    served_with: list[Settings] = []
    monkeypatch.setattr(server, "serve", lambda settings, *_, **__: served_with.append(settings) or 0)
    Path("token").write_text(f"{TOKEN}\n")
    assert main(["serve", "--token-file", "token", "-v"]) == 0
    assert served_with[0].token == SecretStr(TOKEN)
    Path("token").write_text("short\n")
    assert main(["serve", "--token-file", "token"]) == 2
    told = capsys.readouterr()
    assert "--token-file cannot be what it is: it must have 16 to 1024 characters" in told.err
    assert (TOKEN in told.err, "short" in told.err) == (False, False)
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--token-file", "elsewhere"])


def test_with_a_token_other_machines_may_come(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path, token=TOKEN)
    with pytest.raises(UserError, match="no index"):  # so the address was no reason to stop
        server.serve(settings, "0.0.0.0", 0)


# size, rate and time


def test_a_large_request_is_refused() -> None:
    client = client_of(max_request_kilobytes=1)
    for body in (b" " * 1001, iter([b" " * 600, b" " * 600])):  # its length declared, and not
        reply = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})
        assert (reply.status_code, reply.headers["content-type"]) == (413, "application/problem+json")
        assert reply.json()["detail"] == "A request may have 1 kilobytes (max_request_kilobytes)."
    assert client.post("/v1/ask", json={"question": LIT}).status_code == 200
    page = Room().request_bytes  # a conversation that the browser keeps may be as long as there is room
    sent = [client.post("/gradio_api/queue/join", content=b" " * size) for size in (page, page + 1)]
    assert [reply.status_code == 413 for reply in sent] == [False, True]
    assert client.post("/mcp", content=b" " * 1001).status_code == 413


def test_who_asks_too_often_has_to_wait() -> None:
    client = client_of(requests_per_minute=3)
    assert [client.post("/v1/ask", json={"question": LIT}).status_code for _ in range(4)] == [200, 200, 200, 429]
    reply = client.post("/v1/chat/completions", json={"messages": []})
    assert (reply.status_code, reply.json()["error"]["code"]) == (429, "rate-limit")
    assert 0 < int(reply.headers["retry-after"]) <= 61
    assert client.post("/mcp", json={}).status_code == 429
    assert client.post("/gradio_api/queue/join", json={}).status_code == 429
    assert (client.get("/healthz").status_code, client.get("/").status_code) == (200, 200)


def test_a_token_cannot_be_found_by_trying() -> None:
    client = client_of(token=SecretStr(TOKEN), requests_per_minute=3)
    tried = [client.get("/", headers={"authorization": f"Bearer {i}"}).status_code for i in range(3)]
    assert tried == [401, 401, 401]
    assert client.get("/", headers=BEARER).status_code == 429
    assert client.post("/sign-in", data={"token": TOKEN}).status_code == 429


def test_a_request_that_trickles_in_is_given_up() -> None:
    app = server.application(
        Desk(answerer=catalogued_answerer()),
        hosts=["*"],
        settings=Settings.model_construct(request_timeout_seconds=0.05),
    )
    sent: list[Any] = []

    async def trickle() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.03)
            return {"type": "http.request", "body": b" ", "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/ask",
            "query_string": b"",
            "headers": [(b"host", b"x")],
            "client": ("127.0.0.1", 1),
        }
        await app(scope, receive, send)

    asyncio.run(trickle())
    assert sent[0]["status"] == 408
    assert b"The request was not complete after 0.05 seconds." in sent[1]["body"]
