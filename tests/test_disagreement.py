"""Pairs of sentences that contradict each other and pairs that do not, made from patterns of their own."""

from __future__ import annotations

import time

import pytest

from embeddings.keywords import question_terms
from qa.disagreement import contradicting, marked
from qa.figure import figure_of
from qa.quantity import quantity
from qa.reply import Candidate
from tests.disagreeing import candidate, differ, generated


def test_generated_pairs_are_told_apart() -> None:
    found = [(expected, differ(question, one, other)) for expected, question, one, other in generated(240)]
    right = sum(expected and said for expected, said in found)
    precision = right / sum(said for _, said in found)
    recall = right / sum(expected for expected, _ in found)
    assert precision >= 0.98, precision
    assert recall >= 0.9, recall


KILLED = "How many guards were killed at Orrin?"
PAIRS = [
    (False, KILLED, ("Police said at least 50 guards were killed at Orrin.", "50"), ("At Orrin 52 died.", "52")),
    (False, KILLED, ("Police said 60 guards were killed at Orrin.", "60"), ("Over 50 guards died at Orrin.", "50")),
    (True, KILLED, ("Police said at least 50 guards were killed at Orrin.", "50"), ("At Orrin 30 guards died.", "30")),
    (True, KILLED, ("Police said over 50 guards were killed at Orrin.", "50"), ("At Orrin 400 guards died.", "400")),
    (True, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("At Orrin 15 guards died.", "15")),
    (False, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("At Orrin 15 guards were hurt.", "15")),
    (False, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("At Orrin 15 civilians died.", "15")),
    (False, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("At Tesk 15 guards died.", "15")),
    (False, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("At Orrin twelve guards fell.", "twelve")),
    (False, KILLED, ("Police said 12 guards were killed at Orrin.", "12"), ("Orrin: 10 to 20 guards fell", "10 to 20")),
    (False, KILLED, ("On 3 May 12 guards were killed at Orrin.", "12"), ("At Orrin 15 guards died on 9 June.", "15")),
    (
        True,
        "When was the tower of Orrin finished?",
        ("The tower of Orrin was finished on 4 May 1871.", "4 May 1871"),
        ("The tower of Orrin was finished on 9 June 1872.", "9 June 1872"),
    ),
    (
        False,
        "When was the tower of Orrin finished?",
        ("The tower of Orrin was finished on 4 May 1871.", "4 May 1871"),
        ("The tower of Orrin was finished in May 1871.", "May 1871"),
    ),
    (
        True,
        "Who built the tower of Orrin?",
        ("The tower of Orrin was built by Ada Fenwick.", "Ada Fenwick"),
        ("According to the sexton, the tower of Orrin was built by Tom Rill.", "Tom Rill"),
    ),
    (
        False,  # of names there may be two
        "Who built the tower of Orrin?",
        ("The tower of Orrin was built by Ada Fenwick.", "Ada Fenwick"),
        ("The tower of Orrin was built by Tom Rill.", "Tom Rill"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "question", "one", "other"), PAIRS)
def test_pairs(expected: bool, question: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    assert differ(question, candidate("a.txt", *one), candidate("b.txt", *other)) is expected


def test_an_improbable_value_contradicts_nothing() -> None:
    one = candidate("a.txt", "Police said 12 guards were killed at Orrin.", "12")
    other = candidate("b.txt", "At Orrin 15 guards died.", "15", confidence=0.1)
    assert not differ(KILLED, one, other)


def test_one_speaker_in_one_sentence_does_not_contradict_himself() -> None:
    told = "Police said 12 guards were killed at Orrin and 15 guards were killed in the hills."
    assert not differ(KILLED, candidate("a.txt", told, "12"), candidate("a.txt", told, "15"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("about 1,200 men", 1200, 1200),
        ("50–150 dead", 50, 150),
        ("between 5,000 and 10,000", 5000, 10000),
        ("two hundred thousand and a tractor", 200000, 200000),
        ("2 to 3 million", 2e6, 3e6),
        ("a dozen", 12, 12),
        ("twenty-five", 25, 25),
        ("11 and 12", 11, 11),
        ("at least 50 guards", 50, 75),
        ("52 or more", 52, 78),
        ("up to 60", 40, 60),
        ("fewer than 60", 40, 60),
    ],
)
def test_quantities(text: str, low: float, high: float) -> None:
    found = quantity(text)
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("text", ["dozens of men", "several dozen", "the 27th", "C-295", "none"])
def test_no_quantities(text: str) -> None:
    assert quantity(text) is None


def beside(text: str, *values: str, confidence: float = 0.06) -> list[Candidate]:
    """Values of one text, the first the answer, the others much less probable."""
    return [candidate("a.txt", text, value, 0.9 if value == values[0] else confidence) for value in values]


HURT = "How many dockers were hurt at Orrin?"
NEXT = [
    (True, HURT, "Police said 12 dockers were hurt at Orrin. The clinic treated 30.", "12", "30"),
    (True, HURT, "Police said 12 dockers were hurt at Orrin, whereas the clinic treated 30.", "12", "30"),
    (True, HURT, "Police said 12 dockers were hurt at Orrin. The union spoke of 30.", "12", "30"),
    (False, HURT, "At Orrin 12 dockers were hurt. The clinic treated 30.", "12", "30"),  # nobody reports the answer
    (False, HURT, "Police said 12 dockers were hurt at Orrin. A column of 30 came from the town.", "12", "30"),
    (False, HURT, "Police said 12 dockers were hurt at Orrin. The clinic treated 30 sailors.", "12", "30"),
    (False, HURT, "Police said 12 dockers were hurt at Orrin. The union counted no 30.", "12", "30"),
    (
        True,
        "How many dead did the papers count at Orrin?",
        "The Echo counted 40 dockers, 3 guards and a cook were killed at Orrin. The Star counted 52 dead at Orrin.",
        "40",
        "52",
    ),
    (
        False,
        "How many orbits did Halcyon 4 make?",
        "Engineers said Halcyon 4 made 33 orbits. They said Halcyon 5 made 50 orbits.",
        "33",
        "50",
    ),
    (
        False,
        "How many dogs went on the second journey?",
        "The cook said 64 dogs went on the second journey. The guide said 31 dogs went on the first journey.",
        "64",
        "31",
    ),
]


@pytest.mark.parametrize(("expected", "question", "text", "answer", "value"), NEXT)
def test_what_stands_beside_a_reported_figure(
    expected: bool, question: str, text: str, answer: str, value: str
) -> None:
    assert differ(question, *beside(text, answer, value)) is expected


def test_the_order_of_two_values_in_a_sentence_does_not_matter() -> None:
    text = "The union spoke of 30 hurt at Orrin, while the police said that 12 dockers were hurt at Orrin."
    assert differ(HURT, *beside(text, "12", "30", confidence=0.4))
    assert differ(HURT, *beside(text, "30", "12", confidence=0.4))


@pytest.mark.parametrize(
    ("question", "text", "answer", "value"),
    [
        (
            "How many guards were killed on January 16?",
            "On January 16 police said 40 guards were killed; on January 17 the army said 52 guards were killed.",
            "40",
            "52",
        ),
        (
            "How many hostages died in the first attack on Orrin?",
            "Police said 40 hostages died in the first attack on Orrin. On the 16th the army spoke of 52.",
            "40",
            "52",
        ),
    ],
)
def test_a_date_is_no_numbered_name_and_no_ordinal(question: str, text: str, answer: str, value: str) -> None:
    assert differ(question, *beside(text, answer, value, confidence=0.4))


@pytest.mark.parametrize(
    ("told", "value", "expected"),
    [
        ("The clinic counted 30 dockers who were hurt that night at Orrin.", "30", True),
        ("The clinic put the number at 30 souls.", "30", True),
        ("The clinic counted 30 porters.", "30", False),
        ("The clinic put the number of hurt clerks at 30.", "30", False),
        ("The clinic counted 30 others.", "30", False),
        ("The clinic counted them in the night of 16 to 17.", "17", False),
        ("The clinic treated them until 5 in the morning.", "5", False),
        ("The bus company, from its tickets, arrived at 23,500.", "23,500", False),
    ],
)
def test_an_improbable_figure_is_the_next_speakers_if_it_may_count_the_same(
    told: str, value: str, expected: bool
) -> None:
    assert differ(HURT, *beside(f"Police said 12 dockers were hurt at Orrin. {told}", "12", value)) is expected


def test_of_the_figures_that_one_gives_in_a_sentence_one_counts() -> None:
    text = "Police said 12 dockers were hurt at Orrin. The clinic treated 30, and sent 8 home."
    answer, first = beside(text, "12", "30", confidence=0.4)
    _, second = beside(text, "12", "8", confidence=0.3)
    found = contradicting(HURT, dict.fromkeys(question_terms(HURT), 1.0), answer, [second, first])
    assert [one.text for one in found] == ["30"]


def test_who_asks_for_the_word_of_one_does_not_ask_for_that_of_others() -> None:
    text = "Police said 12 dockers were hurt at Orrin. The clinic counted 30 dockers who were hurt at Orrin."
    assert differ("How many dockers were hurt at Orrin?", *beside(text, "12", "30"))
    assert not differ("How many dockers were hurt at Orrin, according to the police?", *beside(text, "12", "30"))


def test_a_long_list_without_a_verb_takes_no_time() -> None:
    text = "Police said 12 men" + " and a boy" * 60 + " came."
    began = time.perf_counter()
    figure_of(candidate("a.txt", text, "12").citation)
    assert time.perf_counter() - began < 2


def test_an_unlikely_value_that_nobody_reports_is_no_other_view() -> None:
    one, other = ("Police said 12 guards were killed at Orrin.", "12"), ("At Orrin 15 guards died.", "15")
    answer = candidate("a.txt", *one, confidence=0.9)
    assert differ(KILLED, answer, candidate("b.txt", *other, confidence=0.55))
    assert not differ(KILLED, answer, candidate("b.txt", *other, confidence=0.5))


def test_unnamed_things_of_two_documents_are_not_compared() -> None:
    question = "How many seats has the hall?"
    one, other = candidate("a.txt", "It has 400 seats.", "400"), candidate("b.txt", "It has 900 seats.", "900")
    assert not differ(question, one, other)


def test_whoever_found_it_is_named_beside_a_reported_answer() -> None:
    answer, other = beside("Police said 12 dockers were hurt. The old clinic, it is said, treated 30.", "12", "30")
    assert other.citation.attributed_to is None
    shown = marked(answer, other)
    assert shown.conflicts
    by = shown.citation.attributed_to
    assert by is not None
    assert by.text == "The old clinic"
    assert shown.citation.quote[by.start - shown.citation.quote_start :].startswith("The old clinic")
    alone = candidate("b.txt", "The old clinic treated 30.", "30")
    assert marked(answer, alone).citation.attributed_to is None
