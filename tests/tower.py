"""An answerer over two documents on a tower, with an encoder and a reader that can be worked out on paper."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from embeddings.document import Document, Section, SectionKind
from embeddings.index import Index
from embeddings.passage import Passage, SplitSettings
from embeddings.sentences import sentence_around
from qa.answerer import Answerer, AnswererSettings
from qa.chat import Question
from qa.confidence import Calibration, Evidence
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply, Span
from qa.retrieve import Retriever
from tests.fakes import WordEncoder

ENCODER = WordEncoder()
NAMES = [field.name for field in fields(Evidence)]
ONLY_MARGIN = Calibration(
    weights=dict.fromkeys(NAMES, 0.0) | {"margin": 2.0},
    means=dict.fromkeys(NAMES, 0.0),
    scales=dict.fromkeys(NAMES, 1.0),
    intercept=0.0,
    threshold=0.6,
    reader="7" * 64,
    encoder="5" * 64,
    split=asdict(SplitSettings()),
    null_margin=0.0,
)
# the confidence of a name whose sentence holds so many of the question's longer words
HOLDS = {count: 1 / (1 + math.exp(-2 * (count - 1))) for count in range(5)}


@dataclass
class NameReader:
    """Answers with the names and numbers of a passage that the question does not hold.

    A name is two or more capitalised words. It scores the question's words of more than three letters that stand in its
    sentence, less one; of equal scores the earlier comes first, and three are kept of a passage.
    """

    name: str = "names"
    digest: str = "7" * 64

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        return [self._spans(question, passage)[: most or 3] for passage in passages]

    def _spans(self, question: str, passage: Passage) -> list[Span]:
        asked = {word for word in re.findall(r"\w+", question.lower()) if len(word) > 3}
        found = []
        for match in re.finditer(r"[A-Z]\w+(?: [A-Z]\w+)+|\d[\d,]*", passage.text):
            start, end = sentence_around(passage.text, *match.span())
            told = set(re.findall(r"\w+", passage.text[start:end].lower()))
            if match.group() not in question:
                a, b = (passage.start + place for place in match.span())
                found.append(Span(passage=passage, start=a, end=b, score=len(asked & told) - 1.0))
        return sorted(found, key=lambda span: (-span.score, span.start))


def made(id: str, *sections: tuple[SectionKind, str]) -> Document:
    text, parts = "", []
    for kind, body in sections:
        parts.append(Section(heading=(), start=len(text), end=len(text) + len(body), kind=kind))
        text += f"{body}\n\n"
    return Document(id=id, title="", text=text, sections=tuple(parts), sha256=hashlib.sha256(text.encode()).hexdigest())


TOWER = made(
    "coast/tower.txt",
    ("facts", "Tower built by: Ada Fenwick\nTower lamps: 12"),
    ("prose", "The tower was built by Ada Fenwick. Its keeper was Tomas Rill. Storms came in 1868."),
)
GAZETTE = made("gazette.txt", ("prose", "Some say Ina Rill built it. But Ada Fenwick herself built the tower."))
WHO = "Who built the tower?"  # two words of more than three letters: built, tower


def answerer(folder: Path, *documents: Document, threshold: float | None = None, top_k: int = 10) -> Answerer:
    index = Index.build(folder / ".index", documents, encoder=ENCODER)
    return Answerer(
        retriever=Retriever(index, ENCODER),
        reader=NameReader(),
        calibration=ONLY_MARGIN,
        threshold=threshold,
        settings=AnswererSettings(top_k=top_k),
    )


def ask(of: Answerer, text: str, *documents: str) -> Reply:
    return of.ask(Question(id="q", text=text, documents=documents))


def answered(reply: Reply) -> Candidate:
    assert isinstance(reply.outcome, Answer)
    return reply.outcome.best


def refused(reply: Reply) -> NoAnswer:
    assert isinstance(reply.outcome, NoAnswer)
    return reply.outcome


def place(citation: Citation) -> tuple[str, str]:
    return citation.document, citation.quote
