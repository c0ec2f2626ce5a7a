"""The tool `ask_documents` for language models, by the Model Context Protocol (streamable HTTP, without sessions)."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from qa import render
from qa.api.forms import Documents, History, turns
from qa.api.openapi import SCHEMA
from qa.api.problems import Problem
from qa.api.queue import AnswerQueue
from qa.chat import Question
from qa.version import version

PATH = "/mcp"
TOOL = "ask_documents"

_DESCRIPTION = """\
Look up a fact in the user's own documents. Give one plain English question that names what it is about ("When was the
bridge over the Talmer opened?"), not keywords, and one at a time: nothing is composed. The answer is a verbatim stretch
of a document with its citation (document, section, line, the sentence it stands in) and the probability that it is
right. If the documents don't answer, `answer` is null and `reason` says why: tell the user so rather than guess;
`nearest` are passages that may be worth a look, not answers. If `disagreement` is true, report also the values in
`others` that conflict, and whom each is attributed to. When you use an answer, quote `citation.quote` and name the
document."""

_log = logging.getLogger(__name__)


class AskDocuments(BaseModel):
    """What the tool takes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str = Field(description="One question in plain English.")
    history: History = Field([], description="What was asked and answered before, if the question leans on it.")
    documents: Documents = []


class Mcp:
    """The tool's server; it answers within `running`."""

    def __init__(self, queue: AnswerQueue) -> None:
        self._queue = queue
        self._server = Server(
            "chapter-and-verse",
            version=version(),
            title="Chapter & Verse",
            instructions=f"`{TOOL}` answers questions from the user's documents in their own words, with citations.",
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        self._transport = self._new_transport()

    def add(self, app: FastAPI) -> None:
        """Put the tool on an application."""
        app.router.routes.append(Route(PATH, self, methods=["POST"]))

    @asynccontextmanager
    async def running(self, _app: FastAPI) -> AsyncIterator[None]:
        """Serve meanwhile."""
        self._transport = self._new_transport()  # each can run only once
        async with self._transport.run():
            yield

    def _new_transport(self) -> StreamableHTTPSessionManager:
        return StreamableHTTPSessionManager(self._server, stateless=True, json_response=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._transport.handle_request(scope, receive, send)

    async def _list(self, _context: ServerRequestContext[Any], _page: PaginatedRequestParams | None) -> ListToolsResult:
        tool = Tool(
            name=TOOL,
            title="Ask the documents",
            description=_DESCRIPTION,
            input_schema=AskDocuments.model_json_schema(),
            output_schema=json.loads(SCHEMA.read_text(encoding="utf-8")),
            annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        )
        return ListToolsResult(tools=[tool])

    async def _call(self, _context: ServerRequestContext[Any], call: CallToolRequestParams) -> CallToolResult:
        if call.name != TOOL:
            return _failed(f"There is no tool {call.name!r}, only {TOOL}.")
        try:
            asked = AskDocuments.model_validate(call.arguments or {})
            question = Question(
                id="1", text=asked.question, history=turns(asked.history), documents=tuple(asked.documents)
            )
            (reply,) = await self._queue.ask([question], surface="mcp")
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}" for one in error.errors())
            return _failed("; ".join(wrong))
        except ValueError as error:
            return _failed(f"history: {error}")
        except Problem as problem:
            return _failed(problem.detail)
        except Exception:  # the library would tell the client what it says
            _log.exception("a question asked by MCP")
            return _failed("Something unexpected happened; the server's log shows what.")
        return CallToolResult(
            content=[TextContent(text=render.to_text(reply))], structured_content=render.to_dict(reply)
        )


def _failed(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=why)], is_error=True)
