"""Candidates made of sentences, and generated pairs of which half contradict each other."""

from __future__ import annotations

import random

from embeddings.keywords import question_terms
from qa.cite import cite
from qa.disagreement import contradicting
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
