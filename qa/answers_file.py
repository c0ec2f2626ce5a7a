"""The citations of an answers file: of `qa batch`, of `qa ask --json`, or of a chat."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import BadInput
from qa.reply import Attribution, Citation
from qa.reply_rows import CITATION, cited_in

_WANTED = "give the replies of `qa batch` or `qa ask --json`, or the export of a chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A citation of an answers file: the reply it belongs to, its place there ("others[0].citation"), what it proves.

    `number` counts the replies of the file from 1; `id` is the reply's own. `answer` is None where nothing is claimed
    (a passage worth a look, or one more place that gives the same value in other words).
    """

    number: int
    id: str
    part: str
    citation: Citation
    answer: str | None


def read_citations(name: str) -> list[Cited]:
    """All citations of an answers file, in its order; "-" reads standard input.

    A file is CSV if it ends in .csv; else JSON: a reply, a list of replies or turns (of a chat: its `replies`), or one
    of them a line. Citations are found wherever they stand in a reply. Keys that say no more than others may be missing
    (page, line, title ...). Raises BadInput, naming the line or reply, for a file that cannot be read, a citation that
    is not whole, an answer whose citation is gone, and a file without replies.
    """
    text = _read(name)
    rows = _csv_rows(name, text) if name.lower().endswith(".csv") else _json_rows(name, text)
    found: list[Cited] = []
    replies = 0
    for number, (where, row) in enumerate(rows, 1):
        try:
            id = row.get("id") if isinstance(row, dict) else None
            found += _Walk(number=number, id=str(number) if id in (None, "") else str(id)).citations(row)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{name}, {where}: {_why(error)}; {_WANTED}") from error
        replies += _holds_reply(row)
    if not replies:
        raise BadInput(f"{name} holds no reply; {_WANTED}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Goes through one reply or turn."""

    number: int
    id: str

    def citations(self, value: object, part: str = "", answer: str | None = None) -> Iterator[Cited]:
        if isinstance(value, list):
            for place, one in enumerate(value):
                yield from self.citations(one, f"{part}[{place}]")
        elif isinstance(value, dict) and "quote" in value and "document" in value:
            citation = _citation(value, part)
            yield Cited(number=self.number, id=self.id, part=part, citation=citation, answer=answer)
        elif isinstance(value, dict):
            answer = value.get("answer") or None
            if answer is not None and "citation" in value and not value["citation"]:
                raise ValueError(f"{part or 'the reply'} has an answer and no citation")
            if answer is not None and not isinstance(answer, str):
                raise ValueError(f"{part or 'the reply'} has an answer that is no text")
            for key, one in value.items():
                below = f"{part}.{key}" if part else str(key)
                if key == "citation" and isinstance(one, dict) and not {"quote", "document"} <= one.keys():
                    raise ValueError(f"{below} has no document or no quote")
                yield from self.citations(one, below, answer if key == "citation" else None)


def _citation(value: Mapping[str, Any], part: str) -> Citation:
    """A citation from its JSON form. Raises ValueError if it lacks what is to be verified."""

    def of(kind: type, key: str, *, needed: bool = False) -> Any:
        found = value.get(key)
        if (found is None and not needed) or type(found) is kind:
            return found
        raise ValueError(f"{part} has {'no' if found is None else 'an impossible'} {key}")

    def words(key: str) -> str:
        found = of(str, key, needed=True)
        if not found:
            raise ValueError(f"{part} has an empty {key}")
        return str(found)

    by = of(dict, "attributed_to")
    if by is not None and not (type(by.get("text")) is str and type(by.get("start")) is type(by.get("end")) is int):
        raise ValueError(f"{part} has an impossible attributed_to")
    return Citation(
        document=words("document"),
        collection=of(str, "collection") or "",
        sha256=words("sha256"),
        title=of(str, "title") or "",
        heading=tuple(map(str, of(list, "heading") or [])),
        kind=of(str, "kind") or "prose",
        page=of(int, "page"),
        line=of(int, "line"),
        start=of(int, "start", needed=True),
        end=of(int, "end", needed=True),
        source_start=of(int, "source_start"),
        source_end=of(int, "source_end"),
        text=words("text"),
        quote=words("quote"),
        quote_start=of(int, "quote_start", needed=True),
        url=of(str, "url"),
        published=of(str, "published"),
        attributed_to=None if by is None else Attribution(text=by["text"], start=by["start"], end=by["end"]),
    )


def _holds_reply(value: object) -> bool:
    """Whether there is a reply somewhere in a value: what has a place for a citation."""
    if isinstance(value, dict):
        return "citation" in value or "quote" in value or any(map(_holds_reply, value.values()))
    return isinstance(value, list) and any(map(_holds_reply, value))


# the forms of a file, each as (where in the file, what stands there)


def _json_rows(name: str, text: str) -> Iterable[tuple[str, object]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _json_lines(name, text)
    if isinstance(whole, list):
        return [(f"reply {number}", one) for number, one in enumerate(whole, 1)]
    if isinstance(whole, dict) and isinstance(whole.get("replies"), list):  # the export of a chat
        return [(f"reply {number}", one) for number, one in enumerate(whole["replies"], 1)]
    return [("the reply", whole)]


def _json_lines(name: str, text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{name}, line {number}: not JSON: {_why(error)}; {_WANTED}") from error


def _csv_rows(name: str, text: str) -> Iterator[tuple[str, object]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)  # spreadsheets differ by country
    csv.field_size_limit(max(len(text), csv.field_size_limit()))  # the support of an answer is one cell
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    try:
        if f"{CITATION}quote" not in (rows.fieldnames or ()):
            raise BadInput(f"{name}: the first line does not name the columns of `qa batch`; {_WANTED}")
        for row in rows:
            row.pop(None, None)  # cells beyond the last column
            yield f"line {rows.line_num}", cited_in(row)
    except (csv.Error, ValueError, RecursionError) as error:
        raise BadInput(f"{name}, line {rows.line_num}: {_why(error)}; {_WANTED}") from error


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:  # a ValueError too: a path with a null character
        raise BadInput(f"{name} cannot be read: {_why(error)}; check the path, or save it as UTF-8") from error


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
