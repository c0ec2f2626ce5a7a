"""Reading less gives what reading everything gives: measured on every third of the dev questions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.load import load_file
from qa.answerer import Answerer
from qa.chat import Question
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.reply import Answer, Reply
from qa.retrieve import Retriever
from tests.loading import SAMPLES

GOLD = Path(__file__).parents[2] / "seeds" / "gold" / "dev.jsonl"


@pytest.mark.slow
def test_what_stays_unread_changes_the_answer_of_one_question_in_a_hundred_at_most(
    tmp_path: Path, encoder: SentenceEncoder, reader: SpanReader
) -> None:
    index = Index.build(tmp_path, [load_file(path, path.name).document for path in SAMPLES], encoder=encoder)
    shipped = Calibration.shipped()
    assert shipped.prospects is not None
    less, everything = (
        Answerer(retriever=Retriever(index, encoder), reader=reader, calibration=calibration)
        for calibration in (shipped, replace(shipped, prospects=None))
    )
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()][::3]
    asked = [Question(id=row["id"], text=row.get("full") or row["question"]) for row in rows]
    pairs = [(less.ask(question), everything.ask(question)) for question in asked]
    changed = [one.question for one, other in pairs if shown(one) != shown(other)]
    assert len(changed) <= len(pairs) // 100, changed
    refusals = [sum(shown(reply) is None for reply in side) for side in zip(*pairs, strict=True)]
    assert refusals[0] <= refusals[1]


def shown(reply: Reply) -> str | None:
    """The answer, None: it was refused."""
    return reply.outcome.best.text if isinstance(reply.outcome, Answer) else None
