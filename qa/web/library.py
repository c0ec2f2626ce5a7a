"""What the page needs of the index and of what answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from embeddings.document import Document
from embeddings.errors import UserError
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


class Answerer(Protocol):
    """What answers, as far as the page needs it."""

    @property
    def index(self) -> Library:
        """The index that is asked."""

    def ask(self, question: Question, /) -> Reply:
        """Answer one question; raises UserError for what a person can put right."""


def document_of(library: Library, citation: Citation) -> Document:
    """The document that a citation stands in, as it was when it was cited.

    Raises UserError if it is not loaded any more, or another version of it: kept conversations outlive both.
    """
    try:
        document = library.document(citation.document)
    except (UserError, KeyError) as error:
        raise UserError("This document is not loaded now. Load it again to read the place there.") from error
    if document.sha256 != citation.sha256:
        raise UserError("This document has changed since it was cited. Ask again to be shown where the answer stands.")
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a window asks: an answerer, the documents that questions are restricted to (globs; none: all), examples."""

    answerer: Answerer
    documents: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many documents the answerer has."""
        return sum(1 for _ in self.answerer.index.documents)
