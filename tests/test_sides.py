"""Both sides of a disagreement, against what gold says of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.evaluation.sides import Sides, attributed_as, gives, sides_of
from qa.gold import GoldQuestion, Value
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply
from tests.fakes import GAZETTE, LIGHTHOUSE, paper_citation

BUILDERS = paper_citation(LIGHTHOUSE, "The builders said it cost 12,400 crowns.", "12,400 crowns", "The builders")
OFFICE = paper_citation(GAZETTE, "The harbour office put its cost at 15,000 crowns", "15,000 crowns", "harbour office")
GOLD = GoldQuestion(
    id="cost",
    question="What did it cost?",
    answers=("12,400 crowns", "15,000"),
    values=(
        Value(answer="12,400", attributed_to="the builders"),
        Value(answer="15,000", attributed_to="the harbour office (1871)"),
        Value(answer="20,000", attributed_to=""),
    ),
)


def candidate(text: str, citation: Citation = BUILDERS, *, conflicts: bool = False) -> Candidate:
    return Candidate(text=text, confidence=0.5, citation=citation, conflicts=conflicts)


def reply(best: Candidate, *others: Candidate, disagreement: bool = True) -> Reply:
    return Reply(
        id="cost",
        question="What did it cost?",
        asked="What did it cost?",
        outcome=Answer(best=best, disagreement=disagreement),
        threshold=0.5,
        calibrated=True,
        index="paper",
        others=others,
    )


FIRST, SECOND = candidate("12,400 crowns"), candidate("15,000 crowns", OFFICE, conflicts=True)


def test_both_sides_are_shown_and_attributed() -> None:
    found = sides_of(GOLD, reply(FIRST, SECOND))
    assert found == Sides(said=True, values=2, foreign=0, attributed=True)
    assert found.shown


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (reply(FIRST, SECOND, disagreement=False), Sides(said=False, values=2, foreign=0, attributed=True)),
        (reply(FIRST), Sides(said=True, values=1, foreign=0, attributed=True)),
        # what does not contradict is no side, whatever it says
        (reply(FIRST, replace(SECOND, conflicts=False)), Sides(said=True, values=1, foreign=0, attributed=True)),
        # the same value twice is one side
        (reply(FIRST, candidate("12,400", conflicts=True)), Sides(said=True, values=1, foreign=0, attributed=True)),
        (
            reply(FIRST, SECOND, candidate("17,000 crowns", conflicts=True)),
            Sides(said=True, values=2, foreign=1, attributed=True),
        ),
    ],
)
def test_one_side_is_not_both(case: Reply, expected: Sides) -> None:
    found = sides_of(GOLD, case)
    assert found == expected
    assert not found.shown


def test_a_wrong_name_is_told_apart_from_a_missing_side() -> None:
    found = sides_of(GOLD, reply(FIRST, candidate("15,000 crowns", BUILDERS, conflicts=True)))
    assert (found.shown, found.attributed) == (True, False)
    unnamed = candidate("20,000", replace(OFFICE, attributed_to=None), conflicts=True)
    assert sides_of(GOLD, reply(FIRST, unnamed)).attributed  # gold names nobody either


def test_a_refusal_shows_nothing() -> None:
    refused = replace(reply(FIRST, SECOND), outcome=NoAnswer(reason="not confident", confidence=0.2))
    assert sides_of(GOLD, refused) == Sides(said=False, values=0, foreign=0, attributed=False)


@pytest.mark.parametrize(
    ("text", "value", "same"),
    [
        ("52", "52 Islamists", True),
        ("from 100 to 200 fighters", "100–200 fighters", True),
        ("34 dead", "16 dead", False),  # half of the words are the same
        ("nine men", "twelve men", False),
        ("about 34 dead soldiers", "16 dead soldiers", False),
        ("a hundred dead soldiers", "dead soldiers", True),
    ],
)
def test_numbers_decide_whether_a_value_is_given(text: str, value: str, same: bool) -> None:
    assert gives(text, value) is gives(value, text) is same


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        ("Ghelase", "hydrologist Tudor Ghelase (DNA in the water)", True),
        ("the hydrologist Tudor Ghelase", "Tudor Ghelase", True),
        ("the Malian army", "the Malian government", False),
        ("a witness named Mohammed", "", False),
        ("the", "the builders", False),
        (None, "", True),
        (None, "the builders", False),
    ],
)
def test_names_are_compared_by_their_words(said: str | None, gold: str, right: bool) -> None:
    by = None if said is None or BUILDERS.attributed_to is None else replace(BUILDERS.attributed_to, text=said)
    one = candidate("12,400", replace(BUILDERS, attributed_to=by))
    assert attributed_as(one, Value(answer="12,400", attributed_to=gold)) is right
