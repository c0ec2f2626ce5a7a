"""Chat completions as OpenAI's clients ask for them: the last message is the question, those before it the history."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from qa import render
from qa.api.forms import Documents, Threshold, TopK
from qa.api.openapi import REPLY, problems
from qa.api.problems import Problem
from qa.api.queue import AnswerQueue
from qa.chat import Question, Turn
from qa.links import link
from qa.reply import Answer, Citation, Reply

MODEL = "chapter-and-verse"
EXTENSION = "chapter_and_verse"  # the key of what OpenAI's form has no place for
_REFUSED = "No answer. "
_ROLES = ("user", "assistant")  # what others say (system, developer, tool) is no part of the conversation

_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # nothing is generated
_ANNOTATION = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["url_citation", "file_citation"]},
        "url_citation": {
            "type": "object",
            "description": "Of a document with a URL, as OpenAI's clients know it; the URL opens at the cited words.",
            "required": ["url", "title", "start_index", "end_index"],
        },
        "file_citation": {
            "type": "object",
            "description": "Of a document without: `file_id` is the document's id, `quote` the sentence it stands in.",
            "required": ["file_id", "filename", "title", "quote", "line", "page", "start_index", "end_index"],
        },
    },
}
_COMPLETION = {
    "type": "object",
    "required": ["id", "object", "created", "model", "choices", "usage", EXTENSION],
    "properties": {
        "object": {"const": "chat.completion"},
        "choices": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "message", "finish_reason"],
                "properties": {
                    "message": {
                        "type": "object",
                        "required": ["role", "content", "refusal", "annotations"],
                        "properties": {
                            "role": {"const": "assistant"},
                            "content": {"type": "string"},
                            "refusal": {"type": "null"},
                            "annotations": {"type": "array", "items": _ANNOTATION},
                        },
                    },
                    "finish_reason": {"const": "stop"},
                },
            },
        },
        EXTENSION: REPLY,
    },
}


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["text"] = Field(description="Only texts are understood.")
    text: str = Field(max_length=100_000)


Text = Annotated[str, Field(max_length=100_000)]


class Message(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore", strict=True)

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class Own(BaseModel):
    """What OpenAI's form has no place for; its own `top_k` means something else, and is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    documents: Documents = []
    top_k: TopK | None = None
    threshold: Threshold | None = None


class StreamOptions(BaseModel):
    """How a stream is to be."""

    model_config = ConfigDict(extra="ignore", strict=True)

    include_usage: bool | None = None


class Completion(BaseModel):
    """A request as OpenAI's clients make it. What is not named here is ignored: nothing is generated."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "What replaced Operation Serval?"}]}]
        },
    )

    messages: list[Message] = Field(
        min_length=1,
        max_length=1000,
        description="The last one of a user is the question, what stands before it the conversation so far.",
        json_schema_extra={"contains": {"properties": {"role": {"const": "user"}}}},
    )
    model: str = Field(MODEL, description="There is only one; any name will do.")
    stream: bool | None = Field(None, description="Send the answer as server-sent events.")
    stream_options: StreamOptions | None = None
    chapter_and_verse: Own = Own()


def add(app: FastAPI, queue: AnswerQueue) -> None:
    """Put chat completions on an application."""
    begun = int(time.time())

    @app.post(
        "/v1/chat/completions",
        tags=["for OpenAI's clients"],
        summary="Ask as OpenAI's clients do",
        response_class=JSONResponse,
        responses={
            200: {
                "description": "The answer's words, or a sentence that says why there is none.",
                "content": {
                    "application/json": {"schema": _COMPLETION},
                    "text/event-stream": {"schema": {"description": "Chunks of a completion, then [DONE]."}},
                },
            },
            **problems(),
        },
    )
    async def complete(form: Completion) -> Response:
        """The content is the answer; its citations are `annotations`, the whole reply is under `chapter_and_verse`.

        Where documents disagree, a second paragraph names the other values.
        """
        own = form.chapter_and_verse
        question = _question(form.messages, tuple(own.documents))
        (reply,) = await queue.ask([question], surface="chat", top_k=own.top_k, threshold=own.threshold)
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        if form.stream:
            usage = form.stream_options is not None and bool(form.stream_options.include_usage)
            return StreamingResponse(_events(head, reply, usage=usage), media_type="text/event-stream")
        message = {"role": "assistant", "content": content(reply), "refusal": None, "annotations": cited(reply)}
        body = {
            **head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": _USAGE,
            EXTENSION: render.to_dict(reply),
        }
        return Response(render.json_line(body), media_type="application/json")

    @app.get(
        "/v1/models",
        tags=["for OpenAI's clients"],
        summary="List the models",
        responses={200: {"description": "The one there is."}, **problems(429)},
    )
    def models() -> dict[str, Any]:
        """Some clients ask for one before they begin."""
        return {
            "object": "list",
            "data": [{"id": MODEL, "object": "model", "created": begun, "owned_by": MODEL}],
        }


def _question(messages: Sequence[Message], documents: tuple[str, ...]) -> Question:
    """The last message of a user as a question, with the exchanges before it. Raises Problem if there is none."""
    said = [message for message in messages if message.role in _ROLES]
    while said and said[-1].role != "user":
        said.pop()
    if not said:
        detail = "There is no message of a user to answer."
        raise Problem(400, detail, errors=[{"pointer": "/messages", "detail": detail}])
    history: list[Turn] = []
    for one, following in pairwise(said):
        if one.role == "user":
            answer = following.text if following.role == "assistant" else ""
            history.append(Turn(question=one.text, asked=one.text, answer=_answered(answer)))
    return Question(id="1", text=said[-1].text, history=tuple(history), documents=documents)


def _answered(content: str) -> str:
    """The answer that a message of ours gave; empty: it was a refusal."""
    return "" if content.startswith(_REFUSED.strip()) else content.partition("\n\n")[0]


def content(reply: Reply) -> str:
    """What a reader sees: the answer, or why there is none; then what other documents say instead."""
    if not isinstance(reply.outcome, Answer):
        return _REFUSED + render.why_not(reply)
    best = reply.outcome.best
    against = [f"- {other.text} ({_source(other.citation)})" for other in reply.others if other.conflicts]
    if not reply.outcome.disagreement or not against:
        return best.text
    return "\n".join([f"{best.text}\n\nThe documents disagree ({_source(best.citation)}). Others say:", *against])


def _source(citation: Citation) -> str:
    by = f"{citation.attributed_to.text}, " if citation.attributed_to else ""
    return by + render.place(citation)


def cited(reply: Reply) -> list[dict[str, Any]]:
    """The citations of an answer, then those of its parts, each with the stretch of the content that it is of."""
    if not isinstance(reply.outcome, Answer):
        return []
    best, items = reply.outcome.best, reply.outcome.items
    found = [_annotation(one, 0, len(best.text)) for one in (best.citation, *best.support)]
    for item in items:
        start = item.citation.start - best.citation.start
        found.append(_annotation(item.citation, start, start + len(item.text)))
    return found


def _annotation(citation: Citation, start: int, end: int) -> dict[str, Any]:
    place = {"title": citation.title, "start_index": start, "end_index": end}
    if citation.url:
        return {"type": "url_citation", "url_citation": {"url": link(citation) or citation.url, **place}}
    file = {"file_id": citation.document, "filename": citation.document.rpartition("/")[2], **place}
    file |= {"quote": citation.quote, "line": citation.line, "page": citation.page}
    return {"type": "file_citation", "file_citation": file}


def _events(head: dict[str, Any], reply: Reply, *, usage: bool) -> Iterator[str]:
    """The reply as a stream: its words, its citations, its end."""
    deltas: list[tuple[dict[str, Any], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": content(reply)}, None),
        ({"annotations": cited(reply)}, None),
        ({}, "stop"),
    ]
    for delta, end in deltas:
        chunk = {**head, "object": "chat.completion.chunk"}
        chunk["choices"] = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]
        if end:
            chunk[EXTENSION] = render.to_dict(reply)
        yield f"data: {render.json_line(chunk)}\n\n"
    if usage:
        last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE}
        yield f"data: {render.json_line(last)}\n\n"
    yield "data: [DONE]\n\n"
