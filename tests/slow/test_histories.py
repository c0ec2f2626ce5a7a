"""A question that stands on its own is answered as if nothing had been said before it."""

from __future__ import annotations

import sys

import pytest

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from qa.answerer import Answerer
from qa.confidence import Calibration
from qa.gold import read_gold
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from tests.loading import ROOT

sys.path.append(str(ROOT / "benchmarks"))

from histories import figures_of


@pytest.mark.slow
def test_an_unrelated_history_changes_the_answer_of_less_than_one_question_in_a_hundred(
    sample_index: Index, encoder: SentenceEncoder, reader: SpanReader
) -> None:
    answerer = Answerer(retriever=Retriever(sample_index, encoder), reader=reader, calibration=Calibration.shipped())
    figures = figures_of(answerer, read_gold(ROOT / "seeds" / "gold" / "dev.jsonl").questions)
    assert figures["questions"] > 300
    assert figures["resolved"] > 0
    assert figures["harmed_of_100"] < 1, figures["harmed"]
