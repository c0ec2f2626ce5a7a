"""Many requests at once, long ones, and those for which there is no time."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from qa import server
from qa.web.library import Desk
from tests.api_client import LIT, OWNER, client_of, problem
from tests.catalogue import RestrictedAnswerer, catalogued_answerer


def test_fifty_questions_at_once_are_all_answered() -> None:
    answerer = catalogued_answerer(seconds=0.01)
    app = server.application(Desk(answerer=answerer), hosts=["*"])

    async def ask_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
            asked = (client.post("/v1/ask", json={"question": LIT if i % 2 else OWNER}) for i in range(50))
            return await asyncio.gather(*asked)

    replies = asyncio.run(ask_all())
    assert [reply.status_code for reply in replies] == [200] * 50
    answers = [reply.json()["replies"][0]["answer"] for reply in replies]
    assert answers == [None, "4 May 1871"] * 25
    assert len(answerer.questions) == 50


def test_a_long_request_does_not_hold_up_the_others() -> None:
    answerer = catalogued_answerer(seconds=0.02)
    app = server.application(Desk(answerer=answerer), hosts=["*"])

    async def ask_both() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
            long = asyncio.create_task(client.post("/v1/ask", json={"questions": [OWNER] * 40}))
            while not answerer.questions:
                await asyncio.sleep(0.005)
            await client.post("/v1/ask", json={"question": LIT})
            assert not long.done()
            assert len((await long).json()["replies"]) == 40

    asyncio.run(ask_both())
    assert LIT in [question.text for question in answerer.questions[:5]]


def test_a_request_that_runs_out_of_time_is_told_so_and_the_server_goes_on(answerer: RestrictedAnswerer) -> None:
    with client_of(answerer, request_timeout_seconds=0.2) as client:
        answerer.gate.clear()
        reply = client.post("/v1/ask", json={"questions": [LIT, OWNER]})
        told = problem(reply, 503, "timeout")
        assert told["detail"].startswith("There was no answer within 0.2 seconds.")
        assert reply.headers["retry-after"] == "30"
        assert client.get("/healthz").json()["status"] == "ok"  # while the answer is still being made
        answerer.gate.set()
        assert client.post("/v1/ask", json={"question": LIT}).json()["replies"][0]["answer"] == "4 May 1871"
    assert [question.text for question in answerer.questions] == [LIT, LIT]  # the second question was never begun


def test_too_many_that_wait_are_sent_away(answerer: RestrictedAnswerer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.api.queue.WAITING", 1)
    with client_of(answerer) as client:
        answerer.gate.clear()
        first: list[int] = []
        thread = threading.Thread(
            target=lambda: first.append(client.post("/v1/ask", json={"question": LIT}).status_code)
        )
        thread.start()
        while not answerer.questions:
            thread.join(0.005)
        reply = client.post("/v1/ask", json={"question": LIT})
        problem(reply, 503, "queue-full")
        assert reply.headers["retry-after"] == "10"
        answerer.gate.set()
        thread.join(10)
    assert first == [200]
