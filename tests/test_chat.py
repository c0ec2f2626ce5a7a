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
        "When did Ada Fenwick leave the island?",
        "Ada Fenwick, Osmer in 1871: When did she leave the island?",
    ]


def test_a_pronoun_beside_a_name_may_also_mean_nothing_said_before() -> None:
    assert readings_of("Was it lit at Tull?", (LAMP,)) == [
        "Was Ada Fenwick lit at Tull?",
        "Ada Fenwick, Osmer in 1871: Was it lit at Tull?",
        "Was it lit at Tull?",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Was there a lamp at Tull?",
        "How many people were there at Tull?",
        "Why did Tomas Rill sell his boat?",
        "What did the pilots of Tull do when they landed?",
        "Which harbour of Tull lost its crane?",
        "Who said that Tull was lost?",
    ],
)
def test_a_pronoun_of_something_in_the_question_needs_nothing_said_before(question: str) -> None:
    assert readings_of(question, (LAMP,)) == [question]


def test_an_ellipsis_is_put_in_the_place_of_each_name_of_the_question_before() -> None:
    assert readings_of("And at Tull?", (LAMP,)) == [
        "Ada Fenwick, Osmer in 1871: And at Tull?",
        "Who lit the lamp of Tull?",
        "Who lit the lamp of Osmer in 1871: And at Tull?",
    ]


def test_what_happened_is_asked_after_the_question_before() -> None:
    before = turn("What became of the keeper in the storm of Osmer?", "drowned")
    readings = readings_of("In what town did it happen?", (before,))
    assert "What became of the keeper in the storm of Osmer: In what town did it happen?" in readings


def test_a_side_is_named_by_its_adjective() -> None:
    before = turn("Who commanded the Velmar troops at Tull?", "Ada Fenwick")
    assert "Who commanded the Orrin troops at Tull?" in readings_of("And on the Orrin side?", (before,))


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (turn("Who kept the lamp?", "Tomas Rill"), "Where was his boat?", "Where was Tomas Rill's boat?"),
        (turn("Who kept the lamp?", "Ada Fenwick"), "Who paid her?", "Who paid Ada Fenwick?"),
        (turn("Who kept the lamp?", "Ada Fenwick"), "Who paid her wages?", "Who paid Ada Fenwick's wages?"),
        (turn("When did the Osmer Line fail?", "May 1871"), "Why did it fail?", "Why did Osmer Line fail?"),
        (turn("Who was holding Tull harbour that day?", "the league"), "Who came there?", "Who came at Tull?"),
        (turn("Which town lit lamps?", "Tull"), "Who lived there?", "Who lived at Tull?"),
        (turn("When was the fair at Tull?", "May"), "Who came there?", "Who came at Tull?"),
        (turn("How many came?", "seven Danish pilots"), "Where did they land?", "Where did seven Danish pilots land?"),
        (turn("When did the Danish pilots land?", "3 May"), "Who met them?", "Who met Danish pilots?"),
        (turn("Did the owners of Osmer sell?", "no"), "Why did they wait?", "Why did owners of Osmer wait?"),
    ],
)
def test_the_thing_meant_takes_the_place_of_the_pronoun(before: Turn, question: str, meant: str) -> None:
    assert readings_of(question, (before,))[0] == meant


@pytest.mark.parametrize(
    ("before", "question"),
    [
        (turn("When did the fair begin?", "11 January 2013"), "When was it over?"),
        (turn("Who owns the lamp?", "OSL"), "When did he buy?"),
        (turn("When was the fair of Tull?", "May 1871"), "Are there any lamps?"),
    ],
)
def test_a_date_is_no_it_an_acronym_no_he_and_there_may_mean_nothing(before: Turn, question: str) -> None:
    assert ":" in readings_of(question, (before,))[0]


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        ("But who built the tower of Velmar?", "But who built the tower of Velmar?"),
        ("Who paid her and why?", "Who paid Ada Fenwick and why?"),
        ("Which IT failed?", "Which IT failed?"),
    ],
)
def test_what_looks_like_leaning_and_does_not(question: str, reading: str) -> None:
    assert reading in readings_of(question, (LAMP,))


def test_names_come_from_turns_further_back_when_the_last_has_few() -> None:
    readings = readings_of(
        "When did she leave?", (LAMP, turn("Why?", "for the oil, the wages and the view of the sea that day"))
    )
    assert readings[:2] == ["When did Ada Fenwick leave?", "Ada Fenwick, Osmer in 1871: When did she leave?"]


def test_what_the_question_says_itself_is_not_carried() -> None:
    assert readings_of("Why did he leave Ada Fenwick?", (LAMP,))[0] == "Osmer in 1871: Why did he leave Ada Fenwick?"


def test_a_turn_that_asked_nothing_is_no_history() -> None:
    assert readings_of("When did she leave?", (turn("  "),)) == ["When did she leave?"]
