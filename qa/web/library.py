"""What a window of the page asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.document import Document
from embeddings.errors import UserError
from embeddings.manifest import FILE
from qa.answering import Answerer, Library, Listed
from qa.collections import SESSION
from qa.reply import Citation

LOST = "This page was without its server for too long: your uploads are deleted, and what you chose is forgotten."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a window asks: an answerer, and the documents that questions are restricted to (globs; none: all).

    The globs are for what the page was opened with, not for what is `beside` it: the window's own documents and kept
    collections, their folders by name. `left_out` are ids as the answerer's index has them. `examples` are questions to
    begin with (None: they are made from the documents).
    """

    answerer: Answerer
    documents: tuple[str, ...] = ()
    beside: Mapping[str, Path] = field(default_factory=dict)
    left_out: frozenset[str] = field(default_factory=frozenset)
    examples: tuple[str, ...] | None = None

    @property
    def listed(self) -> list[Listed]:
        """The documents that there are to choose from now. Raises UserError, IndexMissing and the like."""
        self._require_whole()
        index = self.answerer.index.refreshed()
        documents = list(index.documents)
        if not self.documents:
            return documents
        prefixes = tuple(f"{name}:" for name in self.beside)
        matching = index.matching(self.documents)
        return [one for one in documents if one.id in matching or one.id.startswith(prefixes)]

    @property
    def chosen(self) -> list[Listed]:
        """Those that are searched. Raises as `listed` does."""
        return [one for one in self.listed if one.id not in self.left_out]

    def restricted(self) -> tuple[str, ...]:
        """The globs that a question is restricted to now (none: all).

        Raises UserError if no document is chosen, or some of what is searched was deleted elsewhere.
        """
        self._require_whole()
        if not self.left_out and not (self.documents and self.beside):
            return self.documents
        ids = [one.id for one in self.chosen]
        if not ids:
            raise UserError("No document is chosen to be searched. Choose one under Documents, then ask again.")
        return self.answerer.index.refreshed().globs_of(ids)

    def _require_whole(self) -> None:
        gone = [name for name, path in self.beside.items() if not (path / FILE).is_file()]
        if gone:
            raise UserError(f"{deleted(gone)} Open Documents to see what is left, then ask again.")


def asked(own: Desk | None, shelved: bool | None, page: Desk) -> Desk:
    """What a window asks: a desk of its own, else that of the page.

    `shelved` says that its own has other documents than the page's, as the browser remembers: what the server holds for
    a window may end before it. Raises UserError then.
    """
    if own is None and shelved:
        raise UserError(f"{LOST} Open Documents to see what is left, then ask again.")
    return own or page


def deleted(names: Iterable[str]) -> str:
    """What is said of collections that are gone."""
    called = ("your uploads" if name == SESSION else f"“{name}”" for name in names)
    return f"Deleted meanwhile, in another window perhaps: {', '.join(called)}."


def document_of(library: Library, citation: Citation) -> Document:
    """The document that a citation stands in, as it was when it was cited.

    It may stand in another collection by now, as uploads do that were kept. Raises UserError if it is not loaded any
    more, or another version of it: kept conversations outlive both.
    """
    try:
        document = library.cited(citation.collection, citation.document)
    except (UserError, KeyError) as error:
        same = (one.id for one in library.documents if one.sha256 == citation.sha256)
        id = next((id for id in same if f":{id}".endswith(f":{citation.document}")), None)
        if id is None:
            raise UserError("This document is not loaded now. Load it again to read the place there.") from error
        return library.document(id)
    if document.sha256 != citation.sha256:
        raise UserError("This document has changed since it was cited. Ask again to be shown where the answer stands.")
    return document
