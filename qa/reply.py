"""What comes back for a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from embeddings.document import SectionKind
from embeddings.passage import Passage

Reason = Literal["empty question", "nothing found", "not confident"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A candidate answer: a stretch of one passage, in offsets of its document, with the reader's score.

    `score` is start logit plus end logit minus the null answer's, so that spans of different passages compare.
    """

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The span's own words."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    def overlaps(self, other: Span) -> bool:
        """Whether both share a character of the same document."""
        same = self.passage.document_id == other.passage.document_id
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """To whom the text attributes a value, in the text's words and at its place in `Document.text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a text stands: `document.text[start:end]` is `text`; `quote`, from `quote_start`, holds it.

    `start`, `end` and `quote_start` are offsets in `Document.text`; `source_start`, `source_end` in the decoded
    original (None: PDF, DOCX); `line` is the 1-based line of the original, `page` the 1-based page.
    """

    document: str
    collection: str
    sha256: str
    title: str
    heading: tuple[str, ...]
    kind: SectionKind
    page: int | None
    line: int | None
    start: int
    end: int
    source_start: int | None
    source_end: int | None
    text: str
    quote: str
    quote_start: int
    url: str | None
    published: str | None
    attributed_to: Attribution | None = None
    denied: bool = False

    @property
    def origin(self) -> tuple[str, str]:
        """The collection and the document: two collections may each have a document of one id."""
        return self.collection, self.document


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A value that might be the answer, judged alone, with its probability of being right and where it stands.

    `support` are other places that give the same value. `conflicts` says that it contradicts the answer.
    """

    text: str
    confidence: float
    citation: Citation
    support: tuple[Citation, ...] = ()
    conflicts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The best candidate, shown because its confidence reached the threshold. `items` are the parts of a list."""

    best: Candidate
    items: tuple[Candidate, ...] = ()
    disagreement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """An honest refusal: why, how likely the best rejected candidate was, and passages worth a look."""

    reason: Reason
    confidence: float = 0.0
    nearest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Everything that is said to one question.

    `asked` is the question that was really asked (a follow-up made whole). `others` are distinct other candidates, best
    first. `error` says, for a line of a question file that could not be understood, what is wrong with it. `index` is
    the digest of the index that answered. `calibrated` says whether confidences are true to frequency, which holds for
    the models and the split that the calibration belongs to.
    """

    id: str
    question: str
    asked: str
    outcome: Answer | NoAnswer
    threshold: float
    calibrated: bool
    index: str
    others: tuple[Candidate, ...] = ()
    error: str | None = None

    @property
    def confidence(self) -> float:
        """The probability that the answer is right; of a refusal, that of the best rejected candidate."""
        return self.outcome.best.confidence if isinstance(self.outcome, Answer) else self.outcome.confidence
