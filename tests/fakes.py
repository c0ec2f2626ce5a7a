"""Stand-ins that can be worked out on paper."""

from __future__ import annotations

import fnmatch
import hashlib
import re
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape

import numpy as np
from numpy.typing import NDArray

from embeddings.document import Document, Section
from embeddings.errors import UserError
from embeddings.mapped import Run, SourceMap
from embeddings.passage import Passage
from qa.chat import Question
from qa.reply import Answer, Attribution, Candidate, Citation, NoAnswer, Reply


def paper_document(id: str, title: str, **sections: str) -> Document:
    """A document whose text is its original: one prose section for each argument, the argument's name its heading."""
    text, parts = "", []
    for heading, body in sections.items():
        start = len(text)
        text += body + "\n\n"
        path = () if heading == "lead" else (heading.replace("_", " "),)
        parts.append(Section(heading=path, start=start, end=start + len(body), kind="prose"))
    starts = (0, *(i + 1 for i, character in enumerate(text) if character == "\n"))
    run = Run(start=0, end=len(text), source_start=0, source_end=len(text), linear=True)
    return Document(
        id=id,
        title=title,
        text=text,
        sections=tuple(parts),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=SourceMap(runs=(run,)),
        line_starts=starts,
    )


def paper_citation(document: Document, quote: str, text: str, attributed_to: str | None = None) -> Citation:
    """The citation of a text in the first place of a document where its quote stands."""
    quote_start = document.text.index(quote)
    start = quote_start + quote.index(text)
    section = document.section_at(start)
    assert section is not None
    by = None
    if attributed_to:
        at = document.text.index(attributed_to)
        by = Attribution(text=attributed_to, start=at, end=at + len(attributed_to))
    return Citation(
        document=document.id,
        collection="",
        sha256=document.sha256,
        title=document.title,
        heading=section.heading,
        kind=section.kind,
        page=None,
        line=document.line_at(start),
        start=start,
        end=start + len(text),
        source_start=start,
        source_end=start + len(text),
        text=text,
        quote=quote,
        quote_start=quote_start,
        url=None,
        published=None,
        attributed_to=by,
    )


@dataclass
class PaperIndex:
    """The documents it was given."""

    documents: Sequence[Document]
    digest: str = "paper"

    def document(self, document_id: str) -> Document:
        return {document.id: document for document in self.documents}[document_id]

    def cited(self, collection: str, document: str) -> Document:
        return self.document(document)

    def refreshed(self) -> PaperIndex:
        return self


@dataclass
class Scripted:
    """What is answered to a question; `asked` if the question is made whole first."""

    outcome: Answer | NoAnswer
    others: tuple[Candidate, ...] = ()
    asked: str | None = None


@dataclass
class ScriptedAnswerer:
    """Answers by a script, from the words of the question, and keeps what it was asked.

    An exception in the script is raised; a question that is not in it is refused. While `gate` is clear, it waits.
    `bars` are the top_k and threshold that came with each question.
    """

    index: PaperIndex
    script: Mapping[str, Scripted | Exception]
    questions: list[Question] = field(default_factory=list)
    bars: list[tuple[int | None, float | None]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def ask(self, question: Question, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        self.questions.append(question)
        self.bars.append((top_k, threshold))
        self.gate.wait(10)
        scripted = self.script.get(question.text, Scripted(NoAnswer(reason="nothing found")))
        if isinstance(scripted, Exception):
            raise scripted
        return Reply(
            id=question.id,
            question=question.text,
            asked=scripted.asked or question.text,
            outcome=scripted.outcome,
            threshold=0.5 if threshold is None else threshold,
            calibrated=True,
            index=self.index.digest,
            others=scripted.others,
        )

    def ask_many(
        self, questions: Sequence[Question], *, top_k: int | None = None, threshold: float | None = None
    ) -> list[Reply]:
        return [self.ask(question, top_k=top_k, threshold=threshold) for question in questions]


LIGHTHOUSE = paper_document(
    "coast/lighthouse.txt",
    "Marrow Point Lighthouse",
    lead=(
        "Marrow Point Lighthouse stands on the northern coast of Velland. It was first lit on 4 May 1871, after six "
        "years of building, and its light is seen from 19 sea miles away."
    ),
    Building=(
        "The tower was designed by Ada Fenwick, who had built two harbours before. The builders said it cost 12,400 "
        "crowns. Granite came from the quarries of Osmer by barge, and two barges were lost in the winter of 1868.\n"
        "Most of the workers lived in tents on the headland until the keeper's house was finished."
    ),
    Keepers=(
        "The first keeper was Tomas Rill, who stayed for 31 years. His daughter Ina Rill followed him and kept the "
        "light until it was made automatic in 1934."
    ),
)
GAZETTE = paper_document(
    "gazette.txt",
    "Velland Gazette, 1871",
    lead=(
        "The new light at Marrow Point was shown for the first time on 4 May 1871 before a large crowd. The harbour "
        "office put its cost at 15,000 crowns, and called it the dearest tower on the coast."
    ),
)
_LIT = paper_citation(
    LIGHTHOUSE,
    "It was first lit on 4 May 1871, after six years of building, and its light is seen from 19 sea miles away.",
    "4 May 1871",
)
_SHOWN = paper_citation(
    GAZETTE,
    "The new light at Marrow Point was shown for the first time on 4 May 1871 before a large crowd.",
    "4 May 1871",
)
_BARGES = paper_citation(
    LIGHTHOUSE,
    "Granite came from the quarries of Osmer by barge, and two barges were lost in the winter of 1868.",
    "the winter of 1868",
)
_BUILDERS = paper_citation(LIGHTHOUSE, "The builders said it cost 12,400 crowns.", "12,400 crowns", "The builders")
_OFFICE = paper_citation(
    GAZETTE,
    "The harbour office put its cost at 15,000 crowns, and called it the dearest tower on the coast.",
    "15,000 crowns",
    "The harbour office",
)
_KEEPER = paper_citation(LIGHTHOUSE, "The first keeper was Tomas Rill, who stayed for 31 years.", "Tomas Rill")
LIGHTHOUSE_SCRIPT: Mapping[str, Scripted | Exception] = {
    "When was the lighthouse first lit?": Scripted(
        Answer(best=Candidate(text="4 May 1871", confidence=0.93, citation=_LIT, support=(_SHOWN,))),
        others=(Candidate(text="the winter of 1868", confidence=0.08, citation=_BARGES),),
    ),
    "Who was its first keeper?": Scripted(
        Answer(best=Candidate(text="Tomas Rill", confidence=0.81, citation=_KEEPER)),
        asked="Who was the first keeper of Marrow Point Lighthouse?",
    ),
    "What did the lighthouse cost?": Scripted(
        Answer(best=Candidate(text="12,400 crowns", confidence=0.64, citation=_BUILDERS), disagreement=True),
        others=(Candidate(text="15,000 crowns", confidence=0.58, citation=_OFFICE, conflicts=True),),
    ),
    "Who owns the lighthouse today?": Scripted(
        NoAnswer(reason="not confident", confidence=0.11, nearest=(_KEEPER, _SHOWN))
    ),
}


def lighthouse_answerer() -> ScriptedAnswerer:
    """Two invented documents and four questions about them: answered, follow-up, disputed, refused."""
    return ScriptedAnswerer(PaperIndex([LIGHTHOUSE, GAZETTE]), LIGHTHOUSE_SCRIPT)


def paper_passage(document: Document, words: str) -> Passage:
    """The first stretch of a document that holds these words, as a passage."""
    start = document.text.index(words)
    return Passage(
        id=start, document_id=document.id, heading=(), kind="prose", start=start, text=words, context=document.title
    )


@dataclass
class WordEncoder:
    """Counts a text's words in 64 bins (the CRC-32 of each word, modulo 64) and scales that to unit length.

    A text without words is the first unit vector; a text has as many tokens as words, and two. `encoded` keeps what it
    was asked to encode.
    """

    name: str = "words"
    digest: str = "5" * 64
    dimension: int = 64
    window: int = 256
    encoded: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        counts = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32(word.encode()) % self.dimension] += 1
            row[0] += not row.any()
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+", text)) + 2 for text in texts]


@dataclass
class PaperLibrary(PaperIndex):
    """Documents that can be told apart by globs."""

    def matching(self, globs: Sequence[str]) -> frozenset[str]:
        ids = [document.id for document in self.documents]
        for glob in globs:
            if not fnmatch.filter(ids, glob):
                raise UserError(f"{glob}: no such document")
        return frozenset(id for glob in globs for id in fnmatch.filter(ids, glob))

    def globs_of(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(escape, ids))


@dataclass
class PatientAnswerer(ScriptedAnswerer):
    """Takes its time for each question, and is interrupted when it has answered `stop_after` of them (None: never)."""

    threshold: float = 0.5
    calibrated: bool = True
    digests: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    stop_after: int | None = None

    def ask(self, question: Question, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        if len(self.questions) == self.stop_after:
            raise KeyboardInterrupt
        time.sleep(self.seconds)
        return super().ask(question, top_k=top_k, threshold=threshold)


def patient_answerer(*, seconds: float = 0.0, stop_after: int | None = None) -> PatientAnswerer:
    """The lighthouse's answerer, for whole files of questions."""
    library = PaperLibrary([LIGHTHOUSE, GAZETTE])
    return PatientAnswerer(library, LIGHTHOUSE_SCRIPT, seconds=seconds, stop_after=stop_after)
