"""What the page needs of the index and of what answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from embeddings.document import Document
from qa.chat import Question
from qa.reply import Citation, Reply


class Loaded(Protocol):
    """A document of the index, as far as the page needs it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the original bytes."""


class Library(Protocol):
    """The index, as far as the page and the server need it."""

    @property
    def digest(self) -> str:
        """Names the state of the index."""

    @property
    def documents(self) -> Iterable[Loaded]:
        """What is loaded."""

    def document(self, document_id: str, /) -> Document:
        """The document of that id."""

    def cited(self, collection: str, document: str, /) -> Document:
        """The document of a citation. Raises UserError if there is none (any more)."""

    def matching(self, globs: Iterable[str], /) -> frozenset[str]:
        """Ids of the documents that match any of the globs. Raises UserError if one matches nothing."""


class Answerer(Protocol):
    """What answers, as far as the page needs it."""

    @property
    def index(self) -> Library:
        """The index that is asked."""

    @property
    def threshold(self) -> float:
        """The confidence from which on an answer is given."""

    @property
    def calibrated(self) -> bool:
        """Whether confidences are true to frequency."""

    def ask(self, question: Question, /) -> Reply:
        """Answer one question; raises UserError for what a person can put right."""

    def ask_many(self, questions: Sequence[Question], /) -> list[Reply]:
        """The replies, in the order of the questions."""


def document_of(library: Library, citation: Citation) -> Document:
    """The document that a citation stands in. Raises UserError if it is not loaded (any more)."""
    return library.cited(citation.collection, citation.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a window asks: an answerer, and the documents that questions are restricted to (globs; none: all).

    `examples` are questions to begin with (None: they are made from the documents).
    """

    answerer: Answerer
    documents: tuple[str, ...] = ()
    examples: tuple[str, ...] | None = None

    @property
    def count(self) -> int:
        """How many documents the answerer has."""
        return sum(1 for _ in self.answerer.index.documents)
