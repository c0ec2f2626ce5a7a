"""Pairs of sentences that contradict each other and pairs that do not, made from patterns of their own."""

from __future__ import annotations

import random

import pytest

from embeddings.keywords import question_terms
from qa.cite import cite
from qa.disagreement import contradicting
from qa.quantity import quantity
from qa.reply import Candidate, Span
from tests.fakes import paper_document, paper_passage

TOWNS = ["Orrin", "Velmar", "Tesk", "Lunden", "Karrow", "Hobble"]
THINGS = [
    ("miners", "trapped"),
    ("passengers", "killed"),
    ("barns", "destroyed"),
    ("nurses", "injured"),
    ("sheep", "drowned"),
    ("windows", "broken"),
]
SPEAKERS = ["the ferry office", "Colonel Ada Marsh", "a union leader", "the Red Lantern", "police", "two villagers"]
TOLD = [
    "According to {who}, {n} {thing} were {done} in {town}.",
    "{Who} said that {n} {thing} were {done} in {town}.",
    "In {town} {n} {thing} were {done}, according to {who}.",
    "{Who} told the court that at least {n} {thing} had been {done} in {town}.",
    "For days nobody knew more. {Who} counted {n} {thing} {done} in {town}.",
]


def candidate(document: str, sentences: str, value: str, confidence: float = 0.6) -> Candidate:
    of = paper_document(document, "Chronicle", lead=sentences)
    start = sentences.index(value)
    span = Span(passage=paper_passage(of, sentences), start=start, end=start + len(value), score=1.0)
    return Candidate(text=value, confidence=confidence, citation=cite(span, of, collection=""))


def differ(question: str, one: Candidate, other: Candidate) -> bool:
    rarity = dict.fromkeys(question_terms(question), 1.0)
    return contradicting(question, rarity, one, [other]) == [other]


def told(random_: random.Random, who: str, n: str, thing: str, done: str, town: str) -> str:
    return random_.choice(TOLD).format(who=who, Who=who[0].upper() + who[1:], n=n, thing=thing, done=done, town=town)


def generated(count: int) -> list[tuple[bool, str, Candidate, Candidate]]:
    """Questions with two candidates, and whether these contradict each other: every second pair does not."""
    random_ = random.Random(7)
    pairs = []
    for i in range(count):
        thing, done = random_.choice(THINGS)
        town, elsewhere = random_.sample(TOWNS, 2)
        first, second = random_.sample(SPEAKERS, 2)
        n, m = (str(number) for number in random_.sample(range(3, 900), 2))
        otherwise = random_.choice([pair for pair in THINGS if pair[1] != done and pair[0] != thing])
        question = f"How many {thing} were {done} in {town}?"
        one = candidate("a.txt", told(random_, first, n, thing, done, town), n)
        as_well = {
            0: (n, thing, done, town),  # the same value
            1: (m, *otherwise, town),  # of other things
            2: (m, thing, done, elsewhere),  # of another place
        }
        value, *rest = (m, thing, done, town) if i % 2 == 0 else as_well[i // 2 % 3]
        pairs.append((i % 2 == 0, question, one, candidate("b.txt", told(random_, second, value, *rest), value)))
    return pairs


def test_generated_pairs_are_told_apart() -> None:
    found = [(expected, differ(question, one, other)) for expected, question, one, other in generated(240)]
    right = sum(expected and said for expected, said in found)
    precision = right / sum(said for _, said in found)
    recall = right / sum(expected for expected, _ in found)
    assert precision >= 0.98, precision
    assert recall >= 0.9, recall


KILLED = "How many guards were killed at Orrin?"
PAIRS = [
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
    ],
)
def test_quantities(text: str, low: float, high: float) -> None:
    found = quantity(text)
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("text", ["dozens of men", "several dozen", "the 27th", "C-295", "none"])
def test_no_quantities(text: str) -> None:
    assert quantity(text) is None
