"""The REST interface: questions, documents, health and figures."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from qa import render
from qa.answering import Answerer
from qa.api.forms import Ask
from qa.api.metrics import MEDIA_TYPE, Metrics
from qa.api.openapi import REPLIES, problems
from qa.api.problems import Problem
from qa.api.queue import AnswerQueue
from qa.settings import Settings

_DOCUMENTS = {
    "type": "object",
    "required": ["index", "documents"],
    "properties": {
        "index": {"type": "string", "description": "Digest of the index."},
        "documents": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title", "sha256", "passages", "characters"],
                "properties": {
                    "id": {"type": "string", "description": "What `documents` of a question and citations name."},
                    "title": {"type": "string"},
                    "sha256": {"type": "string", "description": "Of the original file's bytes."},
                    "passages": {"type": "integer"},
                    "characters": {"type": "integer"},
                },
            },
        },
    },
}
_HEALTH = {
    "type": "object",
    "required": ["status", "index", "documents"],
    "properties": {
        "status": {"const": "ok"},
        "index": {"type": "string", "description": "Digest of the index."},
        "documents": {"type": "integer", "description": "How many are loaded."},
    },
}


def add(
    app: FastAPI,
    answerer: Answerer,
    queue: AnswerQueue,
    metrics: Metrics,
    settings: Settings,
    documents: tuple[str, ...] = (),
) -> None:
    """Put the REST interface on an application; `documents` are globs of the documents that are served."""

    @app.post(
        "/v1/ask",
        tags=["questions"],
        summary="Ask one question or several",
        response_class=JSONResponse,
        responses={200: _content(REPLIES, "A reply to each question, in their order; always a list."), **problems()},
    )
    async def ask(form: Ask) -> Response:
        """Each reply is an answer in a document's own words with its citation, or a refusal with its reason.

        A refusal is a reply like others (status 200): `answer` is null and `reason` says why.
        """
        questions = form.asked()
        if len(questions) > settings.max_questions_per_request:
            most = settings.max_questions_per_request
            detail = f"{len(questions)} questions; a request may have {most} (max_questions_per_request)."
            raise Problem(422, detail, errors=[{"pointer": "/questions", "detail": detail}])
        replies = await queue.ask(questions, surface="rest", top_k=form.top_k, threshold=form.threshold)
        return _json({"replies": [render.to_dict(reply) for reply in replies]})

    @app.get(
        "/v1/documents",
        tags=["documents"],
        summary="List the documents",
        response_class=JSONResponse,
        responses={200: _content(_DOCUMENTS, "All documents, by id."), **problems(429)},
    )
    def listed() -> Response:
        """What may be asked, and the ids by which `documents` of a question name it."""
        index = answerer.index.refreshed()
        allowed = index.matching(documents) if documents else None
        names = ("id", "title", "sha256", "passages", "characters")  # not the source: where it lies on this machine
        rows = [
            {name: getattr(entry, name) for name in names}
            for entry in index.documents
            if allowed is None or entry.id in allowed
        ]
        return _json({"index": index.digest, "documents": rows})

    @app.get(
        "/healthz",
        tags=["operation"],
        summary="Whether the server is there",
        response_class=JSONResponse,
        responses={200: _content(_HEALTH, "It is, and this is the index that answers.")},
        openapi_extra={"security": []},
    )
    def healthz() -> Response:
        """Needs no token."""
        index = answerer.index
        return _json({"status": "ok", "index": index.digest, "documents": len(list(index.documents))})

    @app.get(
        "/metrics",
        tags=["operation"],
        summary="Figures for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The figures."}},
    )
    def figures() -> Response:
        """`qa_questions_total`, `qa_refusals_total`, `qa_answer_seconds`, by surface: page, rest, chat or mcp."""
        return Response(metrics.exposition(), media_type=MEDIA_TYPE)


def _content(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _json(value: object) -> Response:
    return Response(render.json_line(value), media_type="application/json")
