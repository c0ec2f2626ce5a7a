"""How much is read changes what is answered as little as it should: the calibration judges each candidate alone."""

from __future__ import annotations

from typing import Any

import pytest

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from qa.answerer import Answerer, AnswererSettings
from qa.candidates import Judged
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever

DEPTHS = (5, 10, 20, 50)
QUESTIONS = 100


@pytest.mark.slow
def test_reading_more_changes_answered_or_refused_in_one_of_a_hundred(
    sample_index: Index, dev: list[dict[str, Any]], encoder: SentenceEncoder, reader: SpanReader
) -> None:
    calibration = Calibration.shipped()
    asked = [row.get("full") or row["question"] for row in dev if row["answers"]][::2][:QUESTIONS]
    assert len(asked) == QUESTIONS
    changed = []
    for question in asked:
        found: dict[int, list[Judged]] = {}
        for depth in DEPTHS:
            answerer = Answerer(
                retriever=Retriever(sample_index, encoder),
                reader=reader,
                calibration=calibration,
                settings=AnswererSettings(top_k=depth),
            )
            found[depth] = answerer.judge(question)[1]
        # once what is answered at the end is among the passages read, more of them must not change the verdict
        best = found[DEPTHS[-1]][0]
        verdicts = {
            judged[0].confidence >= calibration.threshold
            for judged in found.values()
            if any(one.span == best.span for one in judged)
        }
        if len(verdicts) > 1:
            changed.append(question)
    assert len(changed) <= QUESTIONS // 100, changed
