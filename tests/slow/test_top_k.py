"""How much is read changes what is answered as little as it should: the calibration judges each candidate alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.passage import Passage
from qa.answerer import Answerer, AnswererSettings
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.reply import Span
from qa.retrieve import Retriever

DEPTHS = (50, 20, 10, 5)  # what is read at one of them is known at the next
QUESTIONS = 100


@dataclass
class Remembering:
    """A reader that reads no passage twice for a question."""

    reader: SpanReader
    known: dict[tuple[str, int, int | None], list[Span]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.reader.name

    @property
    def digest(self) -> str:
        return self.reader.digest

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        new = [passage for passage in passages if (question, passage.id, most) not in self.known]
        for passage, spans in zip(new, self.reader.read(question, new, most=most), strict=True):
            self.known[question, passage.id, most] = spans
        return [self.known[question, passage.id, most] for passage in passages]


@pytest.mark.slow
def test_reading_more_changes_answered_or_refused_in_one_of_a_hundred(
    sample_index: Index, dev: list[dict[str, Any]], encoder: SentenceEncoder, reader: SpanReader
) -> None:
    calibration, reads = Calibration.shipped(), Remembering(reader)
    asked = [row.get("full") or row["question"] for row in dev if row["answers"]][::2][:QUESTIONS]
    assert len(asked) == QUESTIONS
    answerers = {
        depth: Answerer(
            retriever=Retriever(sample_index, encoder),
            reader=reads,
            calibration=calibration,
            settings=AnswererSettings(top_k=depth),
        )
        for depth in DEPTHS
    }
    changed = []
    for question in asked:
        found = {depth: answerer.judge(question)[1] for depth, answerer in answerers.items()}
        # once what is answered at the end is among the passages read, more of them must not change the verdict
        best = found[max(DEPTHS)][0]
        verdicts = {
            judged[0].confidence >= calibration.threshold
            for judged in found.values()
            if any(one.span == best.span for one in judged)
        }
        if len(verdicts) > 1:
            changed.append(question)
    assert len(changed) <= QUESTIONS // 100, changed
