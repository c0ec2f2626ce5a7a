"""The sort of answer that a question asks for."""

from __future__ import annotations

import pytest

from qa.answer_type import asked_for


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How many boats sank?", "twelve", 1.0),
        ("How many boats sank?", "1,200", 1.0),
        ("How many boats sank?", "the harbour master", 0.0),
        ("what percentage of the crew stayed", "8 %", 1.0),
        ("What was the number of guests?", "the hall", 0.0),
        ("When did it open?", "May 1931", 1.0),
        ("When did it open?", "in the 1930s", 1.0),
        ("When did it open?", "two weeks later", 1.0),
        ("When did it open?", "Ada Brandt", 0.0),
        ("In what year did it open?", "1931", 1.0),
        ("How long did it burn?", "three days", 1.0),
        ("Who paid?", "Ada Brandt", 1.0),
        ("Who paid?", "the brewer's widow", 0.5),
        ("Who paid?", "1931", 0.0),
        ("Where was it?", "12.5 %", 0.0),
        ("Why was it closed?", "because the quay had sunk", 1.0),
        ("Why was it closed?", "1931", 0.25),
        ("What was it called?", "Marrow", 0.5),
    ],
)
def test_an_answer_fits_its_question_or_not(question: str, answer: str, expected: float) -> None:
    assert asked_for(question)(answer) == expected
