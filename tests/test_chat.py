"""Follow-ups made whole."""

from __future__ import annotations

import pytest

from qa.chat import Turn, readings_of


def turn(asked: str, answer: str = "") -> Turn:
    return Turn(question=asked, asked=asked, answer=answer)


LAMP = turn("Who lit the lamp of Osmer in 1871?", "Ada Fenwick")


def test_without_history_a_question_is_asked_as_it_is() -> None:
    assert readings_of(" When did she leave? ", ()) == ["When did she leave?"]


@pytest.mark.parametrize(
    "question",
    ["Which quarry supplied Marrow Point with stone?", "Different topic: how many bells has the church of Tull got?"],
)
def test_a_question_that_names_its_subject_stands_on_its_own(question: str) -> None:
    assert readings_of(question, (LAMP,)) == [question]


def test_a_pronoun_is_asked_with_the_answer_and_the_names_before_it() -> None:
    assert readings_of("When did she leave the island?", (LAMP,)) == [
        "Ada Fenwick, Osmer in 1871: When did she leave the island?"
    ]


def test_a_pronoun_beside_a_name_may_also_mean_nothing_said_before() -> None:
    readings = readings_of("Was there a lamp at Tull?", (LAMP,))
    assert readings == ["Ada Fenwick, Osmer in 1871: Was there a lamp at Tull?", "Was there a lamp at Tull?"]


def test_an_ellipsis_is_put_in_the_place_of_each_name_of_the_question_before() -> None:
    assert readings_of("And at Tull?", (LAMP,)) == [
        "Ada Fenwick, Osmer in 1871: And at Tull?",
        "Who lit the lamp of Tull?",
        "Who lit the lamp of Osmer in 1871: And at Tull?",
        "And at Tull?",
    ]


def test_names_come_from_turns_further_back_when_the_last_has_few() -> None:
    readings = readings_of(
        "When did she leave?", (LAMP, turn("Why?", "for the oil, the wages and the view of the sea that day"))
    )
    assert readings[0] == "Ada Fenwick, Osmer in 1871: When did she leave?"


def test_what_the_question_says_itself_is_not_carried() -> None:
    assert readings_of("Why did Ada Fenwick leave it?", (LAMP,))[0] == "Osmer in 1871: Why did Ada Fenwick leave it?"


def test_a_turn_that_asked_nothing_is_no_history() -> None:
    assert readings_of("When did she leave?", (turn("  "),)) == ["When did she leave?"]
