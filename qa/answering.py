"""What answers, and the index that it asks, as the surfaces see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from embeddings.document import Document
from qa.chat import Question
from qa.reply import Reply


class Listed(Protocol):
    """A document of an index, as it is listed."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the original bytes."""

    @property
    def passages(self) -> int:
        """How many passages it has."""

    @property
    def characters(self) -> int:
        """How long its text is."""


class Library(Protocol):
    """The index."""

    @property
    def digest(self) -> str:
        """Names the state of the index."""

    @property
    def documents(self) -> Iterable[Listed]:
        """What is loaded."""

    def document(self, document_id: str, /) -> Document:
        """The document of that id."""

    def cited(self, collection: str, document: str, /) -> Document:
        """The document of a citation. Raises UserError if there is none (any more)."""

    def matching(self, globs: Iterable[str], /) -> frozenset[str]:
        """Ids of the documents that match any of the globs; raises UserError if one matches nothing."""

    def globs_of(self, ids: Iterable[str], /) -> tuple[str, ...]:
        """Globs that match the documents with these ids and no others."""

    def refreshed(self) -> Library:
        """This index, or, if the one on disk has changed, that one."""


class Answerer(Protocol):
    """What answers."""

    @property
    def index(self) -> Library:
        """The index that is asked."""

    @property
    def threshold(self) -> float:
        """The confidence from which on an answer is given."""

    @property
    def calibrated(self) -> bool:
        """Whether confidences are true to frequency."""

    def ask(self, question: Question, /, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        """Answer one question; `top_k` and `threshold` hold for this one only. Raises UserError."""

    def ask_many(self, questions: Sequence[Question], /) -> list[Reply]:
        """The replies, in the order of the questions."""
