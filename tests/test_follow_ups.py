"""Which reading of a follow-up counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.answerer import Answerer
from qa.chat import Question, Turn, readings_of
from qa.reply import Answer
from tests.tower import WHO, answered, answerer, ask, made


def test_a_follow_up_is_asked_in_the_way_that_finds_most(tower: Answerer) -> None:
    turn = Turn(question=WHO, asked=WHO, answer="Nobody")
    question = Question(id="q", text="And its keeper?", history=(turn,))
    reply = tower.ask(question)
    tried = readings_of(question.text, question.history)
    assert len(tried) > 1
    assert reply.asked in tried
    assert reply.confidence == max(ask(tower, text).confidence for text in tried)
    assert reply.question == "And its keeper?"


def test_a_follow_up_does_not_give_the_last_answer_once_more(tower: Answerer) -> None:
    turn = Turn(question=WHO, asked=WHO, answer="Ada Fenwick")
    reply = tower.ask(Question(id="q", text="And its keeper?", history=(turn,)))
    shown = reply.outcome.best if isinstance(reply.outcome, Answer) else reply.others[0]
    assert shown.text != "Ada Fenwick"


def test_a_follow_up_may_have_the_last_answer_if_it_does_not_ask_the_last_question_over_again(
    tower: Answerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = Turn(question="Who owned it?", asked="Who owned it?", answer="Ada Fenwick")
    over_again = "Who owned it: And who built the tower?"
    monkeypatch.setattr("qa.answerer.readings_of", lambda text, history: [over_again, WHO])
    reply = tower.ask(Question(id="q", text="And who built the tower?", history=(turn,)))
    assert (reply.asked, answered(reply).text) == (WHO, "Ada Fenwick")


def test_of_equal_readings_that_counts_which_the_last_document_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = answerer(
        tmp_path,
        made("a.txt", ("prose", "The tower of Osmer was built by Ada Fenwick.")),
        made("b.txt", ("prose", "The tower of Velmar was built by Ina Rill.")),
    )
    readings = ["Who built the tower of Osmer?", "Who built the tower of Velmar?"]
    monkeypatch.setattr("qa.answerer.readings_of", lambda text, history: readings)
    for document, expected in (("a.txt", "Ada Fenwick"), ("b.txt", "Ina Rill")):
        turn = Turn(question="What is tall?", asked="What is tall?", answer="the tower", document=document)
        assert answered(two.ask(Question(id="q", text="Who built it?", history=(turn,)))).text == expected
