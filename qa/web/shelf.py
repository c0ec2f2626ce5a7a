"""The documents of a window: those the page was opened with, its own uploads, and collections that were kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from embeddings.changes import Failure
from embeddings.encode import Encoder
from embeddings.errors import UserError
from embeddings.parts import cited_as
from qa.answering import Answerer
from qa.collections import SESSION, Collection, Collections, Sessions
from qa.uploads import Upload, UploadLimits, add, check, remove
from qa.web.library import Desk

if TYPE_CHECKING:
    from embeddings.sync import SyncReport


class Models(Protocol):
    """What makes answerers over documents (see `qa.assembly.Models`)."""

    @property
    def encoder(self) -> Encoder:
        """What encodes passages and questions."""

    def answerer(self, folders: Mapping[str, Path], /) -> Answerer:
        """An answerer over some indexes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a window searches beside the documents of the page: its uploads, kept collections; and what it leaves out.

    `left_out` are ids as the answerer's index has them. `sought` is what stands in the names of the documents to be
    listed, and changes nothing else.
    """

    own: Collection | None = None
    named: tuple[str, ...] = ()
    left_out: frozenset[str] = field(default_factory=frozenset)
    sought: str = field(default="", compare=False)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the ids of documents begin with that the page was not opened with."""
        return tuple(f"{name}:" for name in (SESSION, *self.named))

    def searching(self, document: str, on: bool) -> Shelf:
        """The shelf with a document searched, or not."""
        return replace(self, left_out=self.left_out - {document} if on else self.left_out | {document})

    def beside(self, name: str, on: bool) -> Shelf:
        """The shelf with a kept collection searched too, or not."""
        others = tuple(other for other in self.named if other != name)
        return replace(self, named=(*others, name) if on else others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A kept collection that a window may search: how many documents it has, or why it is `unusable`."""

    name: str
    documents: int = 0
    unusable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """Where the documents of windows come from and are kept; each change of a shelf gives another shelf.

    `folders` are the indexes that the page was opened with, by the names of their collections; `globs` the documents of
    them that it is restricted to.
    """

    models: Models
    folders: Mapping[str, Path]
    sessions: Sessions
    collections: Collections
    limits: UploadLimits
    globs: tuple[str, ...] = ()

    def desk(self, shelf: Shelf) -> Desk:
        """What a window with this shelf asks. Raises UserError, IndexMissing and the like as opening does."""
        beside = self.collections.folders(name for name in shelf.named if name not in self.folders)
        if shelf.own is not None:
            beside[SESSION] = shelf.own.path
        answerer = self.models.answerer({**self.folders, **beside})
        return Desk(answerer=answerer, documents=self.globs, beside=beside, left_out=shelf.left_out)

    def left_of(self, shelf: Shelf) -> tuple[Shelf, list[str]]:
        """The shelf without what was deleted elsewhere, and the names of that."""
        there = {*self.collections.names()}
        named = tuple(name for name in shelf.named if name in there)
        own = shelf.own if shelf.own is not None and shelf.own.path.is_dir() else None
        gone = [name for name in shelf.named if name not in there]
        gone += [SESSION] if own is not shelf.own else []
        return replace(shelf, own=own, named=named), gone

    def kept(self) -> list[Offered]:
        """The kept collections that the page was not opened with."""
        found = map(self.collections.named, self.collections.names())
        return [self._offered(one) for one in found if not self._served(one)]

    def _offered(self, collection: Collection) -> Offered:
        name = collection.name
        if name in self._cited:
            return Offered(name=name, unusable="What was loaded with the page is cited by the same name.")
        try:
            return Offered(name=name, documents=len(collection.documents))
        except UserError as error:
            return Offered(name=name, unusable=str(error))

    @property
    def _cited(self) -> set[str]:
        """What citations call that with which the page was opened."""
        return {cited_as(name, path) for name, path in self.folders.items()}

    def _served(self, collection: Collection) -> bool:
        """Whether the page was opened with it, under whatever name."""
        return collection.path.resolve() in {path.resolve() for path in self.folders.values()}

    def refused(self, files: Sequence[tuple[str, int]]) -> tuple[Failure, ...]:
        """What is to be said of files (name, bytes) that were not even sent. Raises UserError if they are too many."""
        return check(files, self.limits)

    def upload(
        self, shelf: Shelf, uploads: Sequence[Upload], progress: Callable[[int, int, str], None]
    ) -> tuple[Shelf, SyncReport]:
        """Add files to the window's own documents. Raises UserError for too many or too much."""
        own = shelf.own or self.sessions.new(self.models.encoder)
        try:
            report = add(own, uploads, encoder=self.models.encoder, limits=self.limits, progress=progress)
        except Exception:
            if shelf.own is None:
                self.collections.delete(own)
            raise
        return replace(shelf, own=own), report

    def remove(self, shelf: Shelf, document: str) -> Shelf:
        """Take one of the window's own documents away, by its id in its collection. Raises UserError."""
        if shelf.own is not None:
            remove(shelf.own, document)
        return replace(shelf, left_out=shelf.left_out - {f"{SESSION}:{document}"})

    def keep(self, shelf: Shelf, name: str) -> Shelf:
        """Keep the window's own documents as a named collection, which is searched from now on. Raises UserError."""
        if shelf.own is None:
            return shelf
        if self.collections.named(name).name in self._cited:
            raise UserError(f"what was loaded with the page is cited as {name!r} already; choose another name")
        kept = self.collections.keep(shelf.own, name).name
        left_out = frozenset(id.replace(f"{SESSION}:", f"{kept}:", 1) for id in shelf.left_out)
        return Shelf(named=(*shelf.named, kept), left_out=left_out)

    def discard(self, shelf: Shelf, name: str) -> Shelf:
        """Delete a named collection. Raises UserError."""
        collection = self.collections.named(name)
        if self._served(collection):
            raise UserError(f"{name} was loaded with the page and is searched by all its windows")
        self.collections.delete(collection)
        return shelf.beside(name, False)

    def end(self, shelf: Shelf) -> None:
        """Delete what was the window's alone."""
        if shelf.own is not None:
            self.collections.delete(shelf.own)
