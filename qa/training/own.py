"""What was written for this project, kept without the paragraphs of others: questions with their paragraph's hash."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.training.formats import Row

INVENTED = Path(__file__).with_name("data") / "invented"  # documents/*.txt, and gold.jsonl for qa.gold to read
PARAGRAPHS = "paragraphs.jsonl.gz"


def paragraph_hash(context: str) -> str:
    """What a paragraph is known by without being repeated: 16 hex digits of the SHA-256 of its UTF-8."""
    return hashlib.sha256(context.encode()).hexdigest()[:16]


def pack(prepared: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write questions over others' paragraphs, given in full (`context`, `answers`, `over`, `kind`), without these."""
    _write(
        path,
        (
            {
                "id": raw["id"],
                "paragraph": paragraph_hash(raw["context"]),
                "over": raw["over"],
                "question": raw["question"],
                "answers": [
                    [start, start + len(text)]
                    for text, start in zip(raw["answers"]["text"], raw["answers"]["answer_start"], strict=True)
                ],
                "kind": raw["kind"],
            }
            for raw in prepared
        ),
    )


def unpack(path: Path, name: str, rows_of: Callable[[str], Iterable[Row]]) -> Iterator[Row | None]:
    """The questions of a packed file over their paragraphs, None for each whose paragraph is in none of the sets' rows.

    `rows_of` gives the rows of a set that the questions are `over`.
    """
    found: dict[str, dict[str, Row]] = {}
    for raw in _lines(path):
        over = raw["over"]
        if over not in found:
            found[over] = {paragraph_hash(row.context): row for row in rows_of(over)}
        under = found[over].get(raw["paragraph"])
        yield under and Row(
            set=name,
            id=raw["id"],
            title=under.title,
            context=under.context,
            question=raw["question"],
            answers=tuple((start, end) for start, end in raw["answers"]),
        )


def pack_paragraphs(sets: Mapping[str, Sequence[Row]], path: Path) -> None:
    """Write which paragraphs each of some sets has, by their hashes in order."""
    _write(
        path,
        ({"set": name, "paragraphs": sorted({paragraph_hash(row.context) for row in sets[name]})} for name in sets),
    )


def paragraphs_of(name: str, path: Path) -> frozenset[str]:
    """The hashes of the paragraphs that the prepared set of this name has; KeyError if they aren't written down."""
    return {raw["set"]: frozenset(raw["paragraphs"]) for raw in _lines(path)}[name]


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        for line in lines:
            packed.write((json.dumps(line, ensure_ascii=False) + "\n").encode())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)
