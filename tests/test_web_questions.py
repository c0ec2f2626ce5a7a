"""Questions to begin with are made from the documents, and each is tried before it is offered."""

from __future__ import annotations

from dataclasses import replace

from embeddings.document import Document
from qa.reply import Answer, Candidate
from qa.web.library import Desk
from qa.web.questions import Examples, suggestions
from tests.fakes import LIGHTHOUSE, PaperLibrary, Scripted, ScriptedAnswerer, paper_citation, paper_document


def test_questions_are_suggested_by_fact_lines_dated_sentences_and_roles() -> None:
    facts = "Date: 3 May 1902\nPlace: Osmer\nResult: a draw"
    text = "The Osmer bridge was opened on 3 June 1902. It was sold in 1950. Lena Holt, the mayor of Osmer, spoke."
    document = paper_document("match.txt", "Osmer Match", facts=facts, lead=text)
    document = replace(document, sections=(replace(document.sections[0], kind="facts"), document.sections[1]))
    assert [(one.question, one.value) for one in suggestions(document)] == [
        ("When was Osmer Match?", "3 May 1902"),
        ("Where was Osmer Match?", "Osmer"),
        ("When was the Osmer bridge opened?", "3 June 1902"),
        ("Who is Lena Holt?", "the mayor of Osmer"),
    ]


def test_only_examples_that_are_answered_surely_and_as_their_document_says_are_offered() -> None:
    text = "The tower was built in 1871. The harbour was opened in 1880. The pier was closed in 1890."
    document = paper_document("town.txt", "Town", lead=text)
    best = [
        Candidate(text=value, confidence=sure, citation=paper_citation(document, text, value))
        for value, sure in (("1871", 0.9), ("1871", 0.9), ("1890", 0.55))
    ]
    questions = ("When was the tower built?", "When was the harbour opened?", "When was the pier closed?")
    script = {question: Scripted(Answer(best=one)) for question, one in zip(questions, best, strict=True)}
    answerer = ScriptedAnswerer(PaperLibrary([document]), script)
    examples = Examples()
    for _ in range(2):
        assert examples.of(Desk(answerer=answerer)) == ("When was the tower built?",)
    assert len(answerer.questions) == 3  # they are tried once only


def test_there_are_no_examples_where_no_document_is_chosen() -> None:
    answerer = ScriptedAnswerer(PaperLibrary([LIGHTHOUSE]), {})
    assert Examples().of(Desk(answerer=answerer, left_out=frozenset({LIGHTHOUSE.id}))) == ()
    assert answerer.questions == []


def test_of_the_samples_there_are_examples_of_several_documents(samples: dict[str, Document]) -> None:
    asked = {number: [one.question for one in suggestions(document)] for number, document in samples.items()}
    assert "When was the Battle of Elakla?" in asked["002"]
    assert sum(bool(questions) for questions in asked.values()) >= 4
