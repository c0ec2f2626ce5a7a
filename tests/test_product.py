"""The whole product with its real models: a file of each format is asked, and damaged files give the same answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.load import load_bytes, load_file
from qa.answerer import Answerer
from qa.chat import Question
from qa.confidence import Calibration
from qa.metrics import best_of, f1
from qa.reader.span_reader import SpanReader
from qa.reply import Answer, Candidate, Reply
from qa.retrieve import Retriever
from tests.loading import SAMPLES

FORMATS = Path(__file__).parent / "fixtures" / "formats"
FILES = sorted(path for path in FORMATS.iterdir() if path.name not in ("questions.jsonl", "make_formats.py"))
GOLD = [json.loads(line) for line in (FORMATS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def put_together(index: Index, encoder: SentenceEncoder, reader: SpanReader) -> Answerer:
    return Answerer(retriever=Retriever(index, encoder), reader=reader, calibration=Calibration.shipped())


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder, reader: SpanReader) -> Answerer:
    documents = [load_file(path, path.name).document for path in FILES if path.is_file()]
    return put_together(Index.build(tmp_path_factory.mktemp("formats"), documents, encoder=encoder), encoder, reader)


def shown(reply: Reply) -> Candidate | None:
    return reply.outcome.best if isinstance(reply.outcome, Answer) else None


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_a_file_of_each_format_answers_most_of_its_questions(formats: Answerer, name: str) -> None:
    asked = [row for row in GOLD if row["document"] == [name]]
    assert len(asked) == 5
    right = []
    for row in asked:
        found = shown(formats.ask(Question(id=row["id"], text=row["question"])))
        if found is None:
            continue
        document = formats.index.document(found.citation.document)
        assert document.text[found.citation.start : found.citation.end] == found.text
        assert found.text in found.citation.quote
        right.append(found.citation.document == name and best_of(f1, found.text, row["answers"]) >= 0.5)
    assert sum(right) >= 3, [row["question"] for row in asked]


ASKED = (
    "When was the battle of Elakla fought?",
    "Who was the French admiral Édouard Guillaud's country?",
    "Who commanded the GTIA 2 at Imenas?",
    "Which town was captured by MOJWA on 1 September 2012?",
    "What is Amadou Koufa's nom de guerre?",
)


def mojibake(text: str, encoding: str, times: int) -> str:
    for _ in range(times):
        text = "".join(_misread(mark, encoding) for mark in text)
    return text


def _misread(mark: str, encoding: str) -> str:
    try:
        return mark.encode().decode(encoding)
    except UnicodeDecodeError:
        return mark.encode().decode("latin-1")


DAMAGES = {
    "cp1252": lambda text: mojibake(text, "cp1252", 1).encode(),
    "latin-1": lambda text: mojibake(text, "latin-1", 1).encode(),
    "twice": lambda text: mojibake(text, "cp1252", 2).encode(),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
}


def places(answerer: Answerer) -> list[tuple[str, str, int | None]]:
    found = [shown(answerer.ask(Question(id="", text=text))) for text in ASKED]
    return [(one.text, one.citation.document, one.citation.line) for one in found if one is not None]


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder, reader: SpanReader) -> list[object]:
    documents = [load_file(path, path.name).document for path in SAMPLES]
    index = Index.build(tmp_path_factory.mktemp("samples"), documents, encoder=encoder)
    found = places(put_together(index, encoder, reader))
    assert ("February 21, 2019", "002_c49acc56707a002f.txt", 19) in found
    assert len(found) >= 4
    return list(found)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_documents_give_the_same_answers_at_the_same_places(
    damage: str, undamaged: list[object], tmp_path: Path, encoder: SentenceEncoder, reader: SpanReader
) -> None:
    documents = [
        load_bytes(DAMAGES[damage](path.read_bytes().decode("utf-8")), path.name, path.name).document
        for path in SAMPLES
    ]
    index = Index.build(tmp_path / "index", documents, encoder=encoder)
    assert places(put_together(index, encoder, reader)) == undamaged
