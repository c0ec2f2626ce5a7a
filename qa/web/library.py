"""What a window of the page asks."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.document import Document
from embeddings.errors import UserError
from qa.answering import Answerer, Library
from qa.reply import Citation


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


def document_of(library: Library, citation: Citation) -> Document:
    """The document that a citation stands in, as it was when it was cited.

    Raises UserError if it is not loaded any more, or another version of it: kept conversations outlive both.
    """
    try:
        document = library.cited(citation.collection, citation.document)
    except (UserError, KeyError) as error:
        raise UserError("This document is not loaded now. Load it again to read the place there.") from error
    if document.sha256 != citation.sha256:
        raise UserError("This document has changed since it was cited. Ask again to be shown where the answer stands.")
    return document
