"""Where a missed question was lost, on two documents that can be read at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from embeddings.passage import Passage
from qa.evaluation.lost import MEANINGS, Located, Piece, Place, Texts, label_of
from qa.gold import Evidence, GoldQuestion
from qa.metrics import Scored, best_of, exact, f1
from qa.reply import Candidate
from tests.fakes import LIGHTHOUSE, paper_citation, paper_passage

WORDS = "Granite came from the quarries of Osmer by barge, and two barges were lost in the winter of 1868."
WHOLE = paper_passage(LIGHTHOUSE, WORDS)
HALVES = [
    paper_passage(LIGHTHOUSE, "Granite came from the quarries of"),
    paper_passage(LIGHTHOUSE, "Osmer by barge, and two barges were lost in the winter of 1868."),
]
OTHER = paper_passage(LIGHTHOUSE, "The first keeper was Tomas Rill")


def candidate(text: str) -> Candidate:
    return Candidate(text=text, confidence=0.5, citation=paper_citation(LIGHTHOUSE, text, text))


def label(
    *forms: str,
    said: str | None = "the northern coast of Velland",
    answered: bool = True,
    evidence: str | None = WORDS,
    read: Sequence[Passage] = (WHOLE,),
    passages: Sequence[Passage] = (WHOLE, OTHER),
    documents: tuple[str, ...] = (LIGHTHOUSE.id,),
) -> str:
    held = () if evidence is None else (Evidence(document=LIGHTHOUSE.id, text=evidence),)
    gold = GoldQuestion(id="1", question="?", answers=forms, documents=documents, evidence=held)
    start = LIGHTHOUSE.text.find(evidence) if evidence else -1
    pieces = () if start < 0 else (Piece(document=LIGHTHOUSE.id, stretches=((start, start + len(evidence or "")),)),)
    best = None if said is None else candidate(said)
    scored = Scored(
        answerable=bool(forms),
        candidate=said or "",
        exact=best_of(exact, said or "", forms),
        f1=best_of(f1, said or "", forms),
        confidence=0.5,
        answered=answered,
    )
    texts = Texts(document={LIGHTHOUSE.id: LIGHTHOUSE}.__getitem__, passages_of=lambda id: passages)
    return label_of(gold, scored, best, Located(pieces=pieces), read, texts)


def test_every_step_can_lose_a_question() -> None:
    assert label("the quarries of Osmer", said="quarries of Osmer") == "right"
    assert label("the quarries of Osmer", said="quarries of Osmer", answered=False) == "threshold refused"
    assert label("the quarries of Osmer") == "reader chose another span"
    assert label("the quarries of Osmer", said=None, answered=False) == "reader chose another span"
    assert label("the quarries of Osmer", read=[OTHER]) == "retriever missed"
    assert label("the quarries of Osmer", read=HALVES, passages=HALVES) == "splitting cut it"
    assert label("in a quarry", evidence="not there") == "evidence not in the index"
    assert label("the quarries of Rill") == "evidence not in the index"  # the text has the evidence, no form of it
    assert label(said="Ina Rill") == "answered the unanswerable"
    assert label(said="Ina Rill", answered=False) == label(said=None, answered=False) == "right"


def test_half_of_an_answer_in_a_passage_is_not_the_answer() -> None:
    assert label("the quarries of Osmer", read=[HALVES[0]]) == "retriever missed"  # another passage has it whole


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("Osmer", "the quarries of Osmer by barge"),  # holds the answer at its place
        ("early in the year 1868, perhaps", "the winter of 1868"),
    ],
)
def test_a_span_with_the_answer_that_scores_badly_is_for_a_person_to_look_at(form: str, said: str) -> None:
    assert f1(said, form) < 0.5
    holds = form in said
    assert (label(form, said=said) == "gold lacks the form") is holds


def test_a_date_written_otherwise_counts_only_where_the_evidence_is() -> None:
    evidence = "It was first lit on 4 May 1871, after six years"
    assert label("1871, on the fourth of May, at night", "May 4", said="4 May 1871", evidence=evidence) == "right"
    assert label("on the night of May 4", said="4 May 1871", evidence=evidence) != "gold lacks the form"
    assert label("May 4th", said="on 4 May 1871, after six years", evidence=evidence) == "evidence not in the index"


def test_without_evidence_documents_tell_what_was_read() -> None:
    assert label("in a quarry", evidence=None) == "reader chose another span"
    assert label("in a quarry", evidence=None, documents=("gone.txt",)) == "retriever missed"
    assert label("in a quarry", evidence=None, documents=()) == "reader chose another span"


def test_places_are_the_occurrences_that_overlap_the_evidence() -> None:
    start = LIGHTHOUSE.text.index(WORDS)
    located = Located(pieces=(Piece(document=LIGHTHOUSE.id, stretches=((start, start + len(WORDS)),)),))
    document = {LIGHTHOUSE.id: LIGHTHOUSE}.__getitem__
    at = LIGHTHOUSE.text.index("Osmer")
    assert located.places(["osmer", "*quarries*  of\nOsmer", "Tomas Rill", "Osm", "—"], document) == [
        Place(document=LIGHTHOUSE.id, start=LIGHTHOUSE.text.index("quarries of"), end=at + 5),
        Place(document=LIGHTHOUSE.id, start=at, end=at + 5),
    ]


def test_each_label_is_explained() -> None:
    assert all(MEANINGS.values())
