"""The weights that ship: those that the card names, with the calibration fitted on them, and what they answer."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from embeddings.encode import DEFAULT_DIGEST
from embeddings.passage import Passage
from qa.confidence import Calibration
from qa.reader.span_reader import SpanReader
from qa.risk import Risk

WEIGHTS = Path(__file__).parents[1] / "qa" / "reader" / "weights"
TEXT = (
    "The ferry was built in 1931 at a yard in Leith. It burned at Kelso Quay in 1954, and eleven people died. "
    "According to the harbour master, a stove had been left alight. Ada Brandt, a brewer's widow, paid for a new one."
)


@pytest.fixture(scope="module")
def digest() -> str:
    return hashlib.sha256((WEIGHTS / "model.safetensors").read_bytes()).hexdigest()


def test_the_card_names_these_weights(digest: str) -> None:
    assert f"`{digest}`" in (WEIGHTS / "CARD.md").read_text(encoding="utf-8")


def test_the_calibration_was_fitted_on_these_weights_and_the_default_encoder(digest: str) -> None:
    calibration = Calibration.shipped()
    assert (calibration.reader, calibration.encoder) == (digest, DEFAULT_DIGEST)
    assert 0 < calibration.threshold < 1


def test_so_many_outcomes_were_held_out_that_a_risk_can_be_bounded() -> None:
    choice = Risk.shipped().choose(0.3)
    assert choice.questions >= 2000
    assert choice.bound <= 0.3
    assert 0.2 < choice.coverage < 1


@pytest.mark.parametrize(
    ("question", "answer", "score"),
    [
        ("When was the ferry built?", "1931", 9.38),
        ("How many people died?", "eleven", 3.49),
        ("Who paid for the new ferry?", "Ada Brandt", 7.61),
        ("Where did it burn?", "Kelso Quay", 6.57),
    ],
)
def test_canonical_answers(reader: SpanReader, question: str, answer: str, score: float) -> None:
    passage = Passage(id=1, document_id="a", heading=(), kind="prose", start=0, text=TEXT, context="The Kelso ferry")
    best = reader.read(question, [passage])[0][0]
    assert best.text == answer
    assert best.score == pytest.approx(score, abs=0.02)


def test_an_unrelated_question_has_its_null_answer_above_all_spans(reader: SpanReader) -> None:
    passage = Passage(id=1, document_id="a", heading=(), kind="prose", start=0, text=TEXT, context="The Kelso ferry")
    spans = reader.read("Which glacier feeds the Rhine?", [passage])[0]
    assert all(span.score < 0 for span in spans)
