"""Question files and history files, as people write them and as benchmarks ship them."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import BadInput
from qa.chat import Question, Turn

IDS = ("id", "_id", "qid")
QUESTIONS = ("question", "query", "text", "input")
ENDINGS = (".txt", ".csv", ".jsonl")

_NOT_TEXT = re.compile("[\ud800-\udfff]")  # what surrogateescape makes of bytes that are not UTF-8, and half escapes


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line of a question file that is no question: its id and words as far as they can be told, and what is wrong."""

    id: str
    text: str
    error: str


def read_questions(name: str, *, max_characters: int) -> list[Question | BadLine]:
    """The questions of a file, in its order; "-" reads standard input, which is JSON lines if it begins with "{".

    The ending tells the form. `.txt`: a question a line. `.csv`: a header, then a question a row; a cell of `documents`
    holds globs divided by ";", one of `history` a JSON list. `.jsonl`: an object a line with `history`
    ([{question, answer}]) and `documents` (a glob or a list of them). Other keys are ignored. Blank lines are no
    questions, but they count: without an id, a question is called by the 1-based number of its line. Two questions may
    have one id. The encoding is UTF-8, or UTF-16 with its mark.
    Raises BadInput for a file that cannot be read, has another ending, no column of questions or no question at all.
    """
    ending = Path(name).suffix.lower()
    if name != "-" and ending not in ENDINGS:
        raise BadInput(f"{name}: the ending of a question file must be one of {', '.join(ENDINGS)}; rename the file")
    text = _read(name)
    if name == "-":
        ending = ".jsonl" if text.lstrip().startswith("{") else ".txt"
    rows = {".txt": _plain_rows, ".csv": _csv_rows, ".jsonl": _json_rows}[ending](name, text)
    questions = [_question(number, row, max_characters) for number, row in rows]
    if not questions:
        raise BadInput(f"{name} holds no question; write one a line")
    return questions


def read_history(path: Path) -> tuple[Turn, ...]:
    """The turns of a conversation, oldest first: a JSON list or JSON lines of {question, answer}.

    Replies as `qa ask --json` prints them are understood. Raises BadInput for anything else.
    """
    text = _read(str(path))
    try:
        turns = json.loads(text) if text.lstrip().startswith("[") else [json.loads(row) for _, row in _lines(text)]
        return history_of(turns)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{path} is no history: {_why(error)}; write one {{question, answer}} a line, as JSON"
        ) from error


# the forms, each as (number of the line, what it holds); a ValueError in place of what cannot be understood

Row = Mapping[str, Any] | ValueError


def _plain_rows(name: str, text: str) -> Iterator[tuple[int, Row]]:
    for number, line in _lines(text):
        yield number, {"question": line.strip()}


def _json_rows(name: str, text: str) -> Iterator[tuple[int, Row]]:
    for number, line in _lines(text):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, ValueError(f"not JSON: {_why(error)}")
        else:
            yield number, row if isinstance(row, dict) else ValueError("not a JSON object")


def _csv_rows(name: str, text: str) -> Iterator[tuple[int, Row]]:
    first = next((line for _, line in _lines(text)), "")
    headers = {delimiter: _header(first, delimiter) for delimiter in ",;\t"}  # spreadsheets differ by country
    delimiter = next((d for d, names in headers.items() if not set(names).isdisjoint(QUESTIONS)), None)
    if delimiter is None:
        raise BadInput(f"{name}: the first line must name the columns, one of them {' or '.join(QUESTIONS)}")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, ValueError(f"not CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = headers[delimiter]
        elif len(cells) > len(header):
            yield number, ValueError(f"{len(cells)} cells in {len(header)} columns; put quotes around the question")
        else:
            yield number, _from_cells(dict(zip(header, cells, strict=False)))


def _header(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for row in csv.reader([line], delimiter=delimiter) for cell in row]


def _from_cells(cells: dict[str, str]) -> Row:
    row: dict[str, Any] = {key: cell for key, cell in cells.items() if cell.strip() or key in QUESTIONS}
    if "documents" in row:
        row["documents"] = [glob.strip() for glob in row["documents"].split(";") if glob.strip()]
    try:
        if "history" in row:
            row["history"] = json.loads(row["history"])
    except (ValueError, RecursionError) as error:
        return ValueError(f"history is not JSON: {_why(error)}")
    return row


# what all forms share


def _question(number: int, row: Row, max_characters: int) -> Question | BadLine:
    id, text = str(number), ""
    try:
        if isinstance(row, ValueError):
            raise row
        id = _id(row) or id
        text = _text(next((row[key] for key in QUESTIONS if key in row), None), f"a question ({', '.join(QUESTIONS)})")
        if len(text) > max_characters:
            raise ValueError(f"{len(text)} characters; at most {max_characters} are asked (max_question_characters)")
        return Question(
            id=id, text=text, history=history_of(row.get("history") or []), documents=_globs(row.get("documents") or [])
        )
    except ValueError as error:
        return BadLine(id=id, text=text, error=f"line {number}: {error}")


def _id(row: Mapping[str, Any]) -> str:
    value = next((row[key] for key in IDS if row.get(key) not in (None, "")), "")
    return str(value) if type(value) is int else _text(value, "a text or a number as id")


def _globs(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(glob, "a list of texts as documents") for glob in values)


def history_of(value: Any) -> tuple[Turn, ...]:
    """The turns that a JSON value holds, oldest first; raises ValueError if it is no list of {question, answer}."""
    if not isinstance(value, list):
        raise ValueError("history must be a list of {question, answer}")
    return tuple(_turn(turn) for turn in value)


def _turn(value: Any) -> Turn:
    if not isinstance(value, dict):
        raise ValueError("history must be a list of {question, answer}")
    question = _text(value.get("question"), "a question in each turn of the history")
    citation = value.get("citation")
    document = citation.get("document") if isinstance(citation, dict) else value.get("document")
    return Turn(
        question=question,
        asked=_text(value.get("asked") or question, "a text as what was asked"),
        answer=_text(value.get("answer") or "", "a text as answer in each turn of the history"),
        document=None if document is None else _text(document, "a text as document of a turn"),
    )


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"there must be {what}")
    if _NOT_TEXT.search(value):
        raise ValueError("not UTF-8; save the file in that encoding")
    return value


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line.strip():
            yield number, line


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} cannot be read: {_why(error)}; check the path, or save it as UTF-8") from error
    if "\0" in text:
        raise BadInput(f"{name} is not a text file; save it as UTF-8")
    return text


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
