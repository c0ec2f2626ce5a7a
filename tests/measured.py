"""A gold set about the lighthouse, and answers to it that were written by hand: each figure can be worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from embeddings.passage import Hit, Passage
from qa.chat import Turn
from qa.gold import Evidence, GoldQuestion, Value
from qa.reply import Answer, Candidate, NoAnswer
from tests.fakes import (
    GAZETTE,
    LIGHTHOUSE,
    LIGHTHOUSE_SCRIPT,
    PaperIndex,
    Scripted,
    ScriptedAnswerer,
    paper_citation,
    paper_passage,
)


@dataclass
class PaperRetriever:
    """Finds, for a question as asked, the passages it was given for it, in their order."""

    passages: Mapping[str, Sequence[Passage]]

    def retrieve(self, question: str, *, k: int, documents: frozenset[str] | None = None) -> list[Hit]:
        found = self.passages.get(question, ())[:k]
        return [Hit(passage=one, score=1 / rank, dense=0.0, keyword=0.0) for rank, one in enumerate(found, 1)]


@dataclass
class MeasuredAnswerer(ScriptedAnswerer):
    """A scripted answerer whose retriever can be looked at too; it reads the `top_k` best passages."""

    retriever: PaperRetriever = field(default_factory=lambda: PaperRetriever({}))
    top_k: int = 5

    def worth_reading(self, question: str, documents: frozenset[str] | None = None) -> list[Hit]:
        return self.retriever.retrieve(question, k=self.top_k, documents=documents)


LEAD = paper_passage(LIGHTHOUSE, "It was first lit on 4 May 1871")
TOWER = paper_passage(LIGHTHOUSE, "Granite came from the quarries of Osmer by barge")
KEEPERS = paper_passage(LIGHTHOUSE, "The first keeper was Tomas Rill")
NEWS = paper_passage(GAZETTE, "The harbour office put its cost at 15,000 crowns")
TENTS = paper_passage(LIGHTHOUSE, "Most of the workers lived in tents on the headland")
OSMER = Candidate(text="Osmer", confidence=0.4, citation=paper_citation(LIGHTHOUSE, TOWER.text, "Osmer"))
INA = paper_citation(LIGHTHOUSE, "His daughter Ina Rill followed him", "Ina Rill")


def gold(id: str, question: str, *answers: str, evidence: str = "", document: str = LIGHTHOUSE.id, **more):
    held = {"documents": (document,), "evidence": (Evidence(document=document, text=evidence),)} if evidence else {}
    return GoldQuestion(id=id, question=question, answers=answers, **{"type": "fact", **held, **more})


GOLD = [
    gold("lit", "When was the lighthouse first lit?", "4 May 1871", evidence="first lit on 4 May 1871"),
    gold(
        "keeper",
        "Who was its first keeper?",
        "Tomas Rill",
        evidence=KEEPERS.text,
        type="follow_up",
        history=(Turn(question="Where is it?", asked="Where is it?", answer="Velland"),),
    ),
    gold(
        "cost",
        "What did the lighthouse cost?",
        "15,000",
        evidence="15,000 crowns",
        document=GAZETTE.id,
        type="conflict",
        values=(Value(answer="12,400", attributed_to="the builders"), Value(answer="15,000", attributed_to="office")),
    ),
    gold("owner", "Who owns the lighthouse today?", type="unanswerable", kind="near"),
    gold("tents", "Where did most workers live?", "in tents", evidence="lived in tents on the headland"),
    gold("queen", "Which queen was the first keeper?", type="unanswerable", kind="premise"),
    gold("granite", "Where did the <granite> come from?", "Osmer", evidence=TOWER.text),
    gold("lost", "Who wrote the log?", "Beda", evidence="Beda wrote the log", document="gone.txt"),
]
SCRIPT = {
    **LIGHTHOUSE_SCRIPT,
    "Which queen was the first keeper?": Scripted(
        Answer(best=Candidate(text="Ina Rill", confidence=0.7, citation=replace(INA, start=INA.start + 1)))
    ),
    "Where did the <granite> come from?": Scripted(NoAnswer(reason="not confident", confidence=0.4), others=(OSMER,)),
}
HITS = {
    "When was the lighthouse first lit?": [LEAD, NEWS],
    "Who was the first keeper of Marrow Point Lighthouse?": [NEWS, KEEPERS],
    "What did the lighthouse cost?": [TOWER, NEWS],
    "Where did most workers live?": [LEAD, NEWS],
    "Where did the <granite> come from?": [TOWER],
}


class DividedIndex(PaperIndex):
    """Its documents are divided into the passages that are hits."""

    def passages_of(self, document_id: str) -> list[Passage]:
        return [one for one in (LEAD, TOWER, KEEPERS, NEWS, TENTS) if one.document_id == document_id]


def scripted() -> MeasuredAnswerer:
    """Answers the gold set as it is written in the script."""
    return MeasuredAnswerer(
        index=DividedIndex([LIGHTHOUSE, GAZETTE]), script=SCRIPT, retriever=PaperRetriever(passages=HITS)
    )
