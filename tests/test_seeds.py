"""The sample documents are untouched, and the questions about them can be trusted; the same for the invented ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from embeddings.clean import decode
from embeddings.load import load_file
from qa.gold import GoldQuestion, locate, read_gold
from tests.loading import INVENTED, ROOT, SAMPLES

DEV = ROOT / "seeds" / "gold" / "dev.jsonl"
INVENTED_GOLD = ROOT / "benchmarks" / "invented" / "gold.jsonl"
SHA256 = {
    "000_52a8b614072c97c4.txt": "7e8ab2470af71fa9195477fc56c7ac1773c3a2012e1456fc866daac8dca6f696",
    "001_8c7ab14d3e67cbec.txt": "683e699d08baace8018300b7e03c7ffc6f04fe85adc8de5d870ebe54c02ae0e7",
    "002_c49acc56707a002f.txt": "ba75dc9b40e2c4478c79594df918ff0c10356585bf92f4840045ef46e3dd8404",
    "003_04e81bcb9e12b7ea.txt": "9f95fbe6d791b46a47d1677f4e397af7dcdb702759acc2d18a884fc721d9304d",
    "004_1a838ca1ea10858a.txt": "2a37c67972f5c75edb544854a64b499a15742acfc5ea23339f464a476806eae6",
}
AT_LEAST = {
    "infobox": 20,
    "paraphrase": 30,
    "accents": 10,
    "list": 10,
    "conflict": 40,
    "follow_up": 40,
    "unanswerable": 80,
    "date_number": 1,
    "fact": 1,
    "reason": 1,
}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


ROWS = rows(DEV)


def test_the_sample_documents_are_the_files_that_came() -> None:
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SAMPLES} == SHA256


def test_there_are_questions_enough_of_every_type_over_every_document() -> None:
    types = Counter(row["type"] for row in ROWS)
    assert sum(types.values()) >= 325
    assert types.keys() == AT_LEAST.keys()
    assert {name: types[name] for name, least in AT_LEAST.items() if types[name] < least} == {}
    kinds = Counter(row["kind"] for row in ROWS if row["type"] == "unanswerable")
    assert kinds["off_topic"] >= 20
    assert kinds["near"] + kinds["premise"] >= 60
    asked_of = Counter(row["document"][0] for row in ROWS if row["document"])
    assert asked_of.keys() == SHA256.keys()
    sizes = {path.name: path.stat().st_size for path in SAMPLES}
    assert max(asked_of, key=asked_of.__getitem__) == max(sizes, key=sizes.__getitem__)
    assert min(asked_of.values()) >= 15


@pytest.mark.parametrize("path", [DEV, INVENTED_GOLD], ids=["dev", "invented"])
def test_every_row_says_what_its_type_needs(path: Path) -> None:
    every = rows(path)
    assert max(Counter(row["id"] for row in every).values()) == 1
    for row in every:
        assert {"id", "question", "answers", "document", "evidence", "type"} <= row.keys()
        assert row["question"].strip()
        if row["type"] == "unanswerable":
            assert (row["answers"], row["evidence"]) == ([], "")
            assert row.get("kind", "near") in ("near", "premise", "off_topic")
        else:
            assert row["answers"]
            assert row["evidence"]
            assert row["document"]
        if row["type"] == "conflict":
            assert len({value["answer"] for value in row["values"]}) >= 2
            assert all("attributed_to" in value for value in row["values"])
        if row["type"] == "follow_up":
            assert row["history"]
            assert row["full"].strip() != row["question"].strip()


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("gold", "paths"), [(DEV, SAMPLES), (INVENTED_GOLD, INVENTED)], ids=["dev", "invented"])
def test_every_evidence_stands_in_its_file_and_every_answer_in_its_evidence(gold: Path, paths: list[Path]) -> None:
    originals = {path.name: decode(path.read_bytes()).text for path in paths}
    documents = {path.name: load_file(path, path.name).document for path in paths}

    def readings(question: GoldQuestion) -> list[str]:
        """The words of the evidence as the file has them, and as they are indexed."""
        found = []
        for evidence in question.evidence:
            assert evidence.text in originals[evidence.document], question.id
            stretches = locate(evidence, documents[evidence.document], originals[evidence.document])
            assert stretches, question.id
            text = documents[evidence.document].text
            found += [text[start:end] for start, end in stretches] + [text[stretches[0][0] : stretches[-1][1]]]
        return [squeezed(one) for one in found]

    questions = read_gold(gold).questions
    for question in questions:
        indexed = readings(question)
        raw = [squeezed(evidence.text) for evidence in question.evidence]

        def told(form: str, among: list[str]) -> bool:
            return any(squeezed(form) in one for one in among)

        assert all(told(form, [*indexed, *raw]) for form in question.answers), question.id
        if gold == DEV:  # the invented ones were written against the files, markup and all
            assert any(told(form, indexed) for form in question.answers) or not question.answers, question.id
            assert all(told(value.answer, indexed) for value in question.values), question.id
            assert all(any(told(form, indexed) for form in forms) for forms in question.items), question.id
    assert sum(question.answerable for question in questions) > 0.7 * len(questions)
