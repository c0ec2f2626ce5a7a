"""Replies as rows of a spreadsheet, and their citations back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from qa import render
from qa.reply import Citation

CITATION = "citation_"  # how the columns of the citation begin
_LISTS = ("support", "others", "items", "nearest")  # JSON in a cell
_NUMBERS = ("page", "line", "start", "end", "source_start", "source_end", "quote_start")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would run, or would begin a cell of its own with

COLUMNS = (
    "id",
    "question",
    "asked",
    "answer",
    "confidence",
    "calibrated",
    "threshold",
    "reason",
    *(f"{CITATION}{field.name}" for field in fields(Citation)),
    f"{CITATION}link",
    *_LISTS,
    "disagreement",
    "error",
    "index",
)


def cells(reply: Mapping[str, Any]) -> list[str]:
    """A reply in its JSON form as the cells of a row, in the order of `COLUMNS`."""
    citation = dict(reply["citation"] or {})
    citation["heading"] = " › ".join(citation.get("heading", []))
    citation["attributed_to"] = (citation.get("attributed_to") or {}).get("text")
    flat = {**reply, **{f"{CITATION}{name}": value for name, value in citation.items()}}
    return [_cell(flat.get(column)) for column in COLUMNS]


def cited_in(row: Mapping[str, str]) -> dict[str, Any]:
    """What a row says of its id, answer and citations, in the JSON form of a reply.

    To whom something is attributed is left out: a row does not say where. Raises ValueError for a cell that does not
    hold what its column should.
    """
    citation: dict[str, Any] = {
        name.removeprefix(CITATION): cell for name, cell in row.items() if name.startswith(CITATION) and cell
    }
    for name in ("heading", "attributed_to"):
        citation.pop(name, None)
    for name in citation.keys() - {"text", "quote"}:
        citation[name] = int(citation[name]) if name in _NUMBERS else _unescaped(citation[name])
    citation = _without_escapes(citation)
    answer = row.get("answer") or None
    return {
        "id": _unescaped(row.get("id") or ""),
        "answer": answer if answer is None or answer == citation.get("text") else _unescaped(answer),
        "citation": citation or None,
        **{name: json.loads(row.get(name) or "[]") for name in _LISTS},
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return render.json_line(value)
    return f"'{value}" if value.startswith(_FORMULA) else value


def _unescaped(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _without_escapes(citation: dict[str, Any]) -> dict[str, Any]:
    """The citation with its words as they are: what begins with '- may be escaped or not, offsets tell."""
    if not {"text", "quote", "start", "end", "quote_start"} <= citation.keys():
        return citation
    text, quote = citation["text"], citation["quote"]
    if len(text) != citation["end"] - citation["start"]:
        text = _unescaped(text)
    if _unescaped(quote).startswith(text, max(0, citation["start"] - citation["quote_start"])):
        quote = _unescaped(quote)
    return citation | {"text": text, "quote": quote}
