"""The description of the interface for programs, in which a reply is what its own schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from qa.settings import Settings

SCHEMA = Path(__file__).parent.parent / "reply.schema.json"
REPLY = {"$ref": "#/components/schemas/Reply"}
REPLIES = {"type": "object", "required": ["replies"], "properties": {"replies": {"type": "array", "items": REPLY}}}

DESCRIPTION = """\
Answers from the documents that are served here, in their own words: each is a stretch of a document, copied exactly,
with its citation. What the documents don't answer is refused, with the reason.

Whatever goes wrong is told as problem details (RFC 9457). If the server has a token, it is sent as a bearer token.
Beside this interface there are `POST /v1/chat/completions` for clients of OpenAI's, described below, and the MCP tool
`ask_documents` at `/mcp` (streamable HTTP)."""

_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`about:blank`, or `urn:chapter-and-verse:problem:` and its kind."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, for a person."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which part of the body.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "error": {"type": "object", "description": "The same for OpenAI's clients, on the paths that they ask."},
    },
}
_PROBLEMS = {
    400: "The body cannot be read.",
    408: "The request was not complete in time.",
    413: "The request is too large.",
    422: "The request is not what is described here, or names a document that is not there.",
    429: "Too many requests in a minute; Retry-After says when there may be more.",
    503: "No answer in time, too many requests wait, or the index cannot be asked; Retry-After says when to try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a path, as OpenAPI describes responses; without statuses, those of a path that answers."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _PROBLEMS[status], "content": content} for status in sorted(statuses or _PROBLEMS)}


def describe(app: FastAPI, settings: Settings) -> None:
    """Complete the description of an application: the schemas, the bounds that are settings, and the token."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Reply"] = reply_schema()
    schemas["Problem"] = _PROBLEM
    asked = schemas["Ask"]["properties"]
    asked["question"]["maxLength"] = settings.max_question_characters
    asked["questions"]["items"]["maxLength"] = settings.max_question_characters
    asked["questions"]["maxItems"] = settings.max_questions_per_request
    for name in ("question", "questions"):
        asked[name].pop("default", None)  # there is none: one of both has to be given
    if settings.token:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
        missing = {"description": "The token is missing or wrong.", "content": problems(400)[400]["content"]}
        for path, operations in described["paths"].items():
            for operation in operations.values():
                if path != "/healthz":
                    operation["responses"]["401"] = missing


def reply_schema() -> dict[str, Any]:
    """The shipped schema of a reply, as a part of the description: its references go by where it stands there."""
    text = SCHEMA.read_text(encoding="utf-8").replace('"#/$defs/', '"#/components/schemas/Reply/$defs/')
    schema: dict[str, Any] = json.loads(text)
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
