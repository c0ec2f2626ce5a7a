"""Which questions are answered by yes or no, and the clause around a span."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.yes_no import asks_yes_or_no, clause


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did the ferry sink?", True),
        ("And was she paid?", True),
        ("Isn't the lamp lit?", True),
        ("Didn’t the crew drown?", True),
        ("Has Tull a harbour?", True),
        ("Was it the pilot or the cook?", False),
        ("Did anybody drown, and if so how many?", False),
        ("When did the ferry sink?", False),
        ("Can you tell me who lit the lamp?", False),
        ("Who was paid?", False),
        ("Didymus, who was he?", False),
    ],
)
def test_a_question_that_begins_with_a_verb_and_offers_no_choice(question: str, expected: bool) -> None:
    assert asks_yes_or_no(question) is expected


@pytest.mark.parametrize(
    ("sentence", "found", "expected"),
    [
        ("In May, Tull took the port without a shot after the guard had left.", "without a shot",
         "Tull took the port without a shot"),
        ("She said that she did not see the lamp.", "did not", "she did not see the lamp"),
        ("The ferry sank.", "sank", "The ferry sank"),
        ("Ada, who saw it, told the court that the lamp was out.", "out", "the lamp was out"),
        ("The engineers doubted that the dam had failed.", "failed", "The engineers doubted that the dam had failed"),
        ("It failed to show that the mayor was paid.", "paid", "It failed to show that the mayor was paid"),
        ("In May she never said that it burned.", "burned", "In May she never said that it burned"),
        ("It burned; the crew, two of them hurt, got away.", "two", "two of them hurt"),
    ],
)  # fmt: skip
def test_the_clause_around_a_span(sentence: str, found: str, expected: str) -> None:
    start = sentence.index(found)
    begin, stop = clause(sentence, start, start + len(found))
    assert sentence[begin:stop] == expected


@given(st.text(alphabet="ab ,;.and\n", min_size=1, max_size=40), st.data())
def test_a_clause_holds_its_span(sentence: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sentence) - 1))
    end = data.draw(st.integers(start + 1, len(sentence)))
    begin, stop = clause(sentence, start, end)
    assert 0 <= begin <= start < end <= stop <= len(sentence)
