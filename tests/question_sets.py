"""Tiny question-answering sets in the formats in which the large ones are published."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qa.training.formats import Row

BRIDGE = "The Orlo bridge opened in 1931. It is 40 m long."
FERRY = " A ferry, the Hilma, ran until then."


def write(path: Path, content: object, *, lines: bool = False, packed: bool = False) -> Path:
    text = "\n".join(map(json.dumps, content)) if lines else json.dumps(content)  # type: ignore[call-overload]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


def prepared(id: str, context: str, answers: Iterable[str], start: int | None = None) -> dict[str, Any]:
    given = list(answers)
    starts = [context.find(answer) if start is None else start for answer in given]
    question, found = f"What is {id}?", {"text": given, "answer_start": starts}
    return {"id": id, "title": "Orlo", "context": context, "question": question, "answers": found}


def squad(*questions: Mapping[str, Any], context: str = BRIDGE) -> dict[str, Any]:
    return {"data": [{"title": "Orlo", "paragraphs": [{"context": context, "qas": list(questions)}]}]}


def asked(id: str, answer: str = "1931", start: int = 26, **more: object) -> dict[str, Any]:
    return {"id": id, "question": "When?", "answers": [{"text": answer, "answer_start": start}], **more}


def texts(row: Row) -> list[str]:
    return [row.context[start:end] for start, end in row.answers]
