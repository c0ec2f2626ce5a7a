"""The MCP tool, asked by the official client of a server that really serves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from mcp.client.client import Client
from mcp.types import CallToolResult

from embeddings.errors import IndexDamaged
from qa import render
from qa.chat import Question, Turn
from tests.catalogue import RestrictedAnswerer, catalogued_answerer
from tests.chatpage import served

LIT = "When was the lighthouse first lit?"
OWNER = "Who owns the lighthouse today?"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[RestrictedAnswerer, str]]:
    answerer = catalogued_answerer()
    with served(answerer) as address:
        yield answerer, address


@pytest.fixture
def answerer(server: tuple[RestrictedAnswerer, str]) -> RestrictedAnswerer:
    answerer, _ = server
    answerer.questions.clear()
    return answerer


@pytest.fixture
def address(answerer: RestrictedAnswerer, server: tuple[RestrictedAnswerer, str]) -> str:
    return server[1]


def with_client(address: str, use: Callable[[Client], Awaitable[Any]], mode: str) -> Any:
    async def connected() -> Any:
        async with Client(f"{address}mcp", mode=mode) as client:
            return await use(client)

    return asyncio.run(connected())


def called(address: str, mode: str = "auto", **arguments: Any) -> CallToolResult:
    return with_client(address, lambda client: client.call_tool("ask_documents", arguments), mode)


def words(result: CallToolResult) -> str:
    (content,) = result.content
    return content.text


def test_the_tool_says_what_it_takes_and_gives(address: str) -> None:
    (tool,) = with_client(address, lambda client: client.list_tools(), "auto").tools
    assert tool.name == "ask_documents"
    assert tool.annotations.read_only_hint
    assert "`answer` is null and `reason` says why" in tool.description
    assert set(tool.input_schema["properties"]) == {"question", "history", "documents"}
    assert tool.input_schema["required"] == ["question"]
    assert tool.output_schema["title"] == "A reply"


@pytest.mark.parametrize("mode", ["auto", "legacy"])  # with and without the handshake of earlier versions
def test_an_answer_is_a_reply_and_a_readable_text(address: str, answerer: RestrictedAnswerer, mode: str) -> None:
    result = called(address, mode, question=LIT)
    reply = answerer.ask(Question(id="1", text=LIT))
    assert not result.is_error
    assert result.structured_content == render.to_dict(reply)
    assert words(result) == render.to_text(reply)
    assert words(result).startswith("4 May 1871\n\n  It was first lit on [[4 May 1871]], after")


def test_a_refusal_is_no_error(address: str) -> None:
    result = called(address, question=OWNER)
    assert not result.is_error
    assert (result.structured_content["answer"], result.structured_content["reason"]) == (None, "not confident")
    assert words(result).startswith("No answer. No passage answers this surely enough.")


def test_history_and_documents_reach_the_answerer(address: str, answerer: RestrictedAnswerer) -> None:
    called(address, question=OWNER, history=[{"question": LIT, "answer": "4 May 1871"}], documents=["coast/*"])
    assert answerer.questions == [
        Question(
            id="1",
            text=OWNER,
            history=(Turn(question=LIT, asked=LIT, answer="4 May 1871"),),
            documents=("coast/*",),
        )
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "question: Field required"),
        ({"question": LIT, "top_k": 3}, "top_k: Extra inputs are not permitted"),
        ({"question": LIT, "history": [{"question": LIT, "citation": {"document": 3}}]}, "history: there must be"),
        ({"question": LIT, "documents": ["gazete.txt"]}, "No document matches 'gazete.txt'. The nearest: gazette.txt"),
        ({"question": "x" * 2001}, "Question 1 has 2001 characters"),
    ],
)
def test_what_is_wrong_with_a_call_is_told(address: str, arguments: dict[str, Any], told: str) -> None:
    result = called(address, **arguments)
    assert result.is_error
    assert words(result).startswith(told)


@pytest.mark.parametrize("error", [IndexDamaged("secret: damaged"), RuntimeError("secret")])
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_nothing_of_the_inside_is_told(
    address: str, answerer: RestrictedAnswerer, monkeypatch: pytest.MonkeyPatch, error: Exception, mode: str
) -> None:
    monkeypatch.setattr(answerer, "script", {LIT: error})
    result = called(address, mode, question=LIT)
    assert result.is_error
    assert "the server's log" in words(result)
    assert "secret" not in words(result)


def test_another_tool_is_not_there(address: str) -> None:
    result = with_client(address, lambda client: client.call_tool("forget", {}), "auto")
    assert (result.is_error, words(result)) == (True, "There is no tool 'forget', only ask_documents.")


def test_calls_are_counted(address: str) -> None:
    def counted() -> float:
        figures = httpx.get(f"{address}metrics").text
        return float(figures.partition('qa_questions_total{surface="mcp"} ')[2].split()[0])

    before = counted()
    called(address, question=LIT)
    assert counted() == before + 1


def test_the_schema_of_what_it_gives_holds(address: str) -> None:
    (tool,) = with_client(address, lambda client: client.list_tools(), "auto").tools
    for question in (LIT, OWNER, "What did the lighthouse cost?"):
        jsonschema.Draft202012Validator(tool.output_schema).validate(
            called(address, question=question).structured_content
        )
