"""What every loader takes and gives, and how a Document is put together from its pieces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from embeddings.document import Document, MetadataValue, Note, Section, SectionKind
from embeddings.mapped import MappedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as it was read: the id its document will have, its name, its bytes and their SHA-256 (hex)."""

    id: str
    name: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something of a file that is not in the document's text, and why: ("image lines", 3)."""

    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A document and what the ingestion report says of it.

    `repaired` counts stretches of mojibake that were repaired; `warnings` are plain sentences ("page 3 has no text:
    scanned?").
    """

    document: Document
    encoding: str | None = None
    repaired: int = 0
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()


class DocumentBuilder:
    """Collects the blocks of a document in reading order and gives the finished Document.

    Blocks of one section are divided by a blank line, lines of facts and list items by a line end; both are put in by
    us and stand nowhere in the original.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parts: list[MappedText] = []
        self._length = 0
        self._sections: list[Section] = []
        self._notes: list[Note] = []
        self._page_starts: list[int] = []

    @property
    def empty(self) -> bool:
        """Whether no block was added yet."""
        return self._length == 0

    def start_page(self) -> None:
        """The next block begins a new page."""
        self._page_starts.append(self._length)

    def add(
        self,
        block: MappedText,
        *,
        heading: tuple[str, ...] = (),
        kind: SectionKind = "prose",
        subject: str | None = None,
        note: str | None = None,
    ) -> None:
        """Add one paragraph, list item, fact line or table row; blank blocks are ignored.

        `note` is what the block needs to be understood and does not say.
        """
        block = block.strip()
        if not block:
            return
        last = self._sections[-1] if self._sections else None
        same = last is not None and (last.heading, last.kind, last.subject) == (heading, kind, subject)
        if self._length:
            tight = same and kind in ("facts", "list", "table")
            self._put(MappedText.inserted("\n" if tight else "\n\n"))
        start = self._length
        self._put(block)
        if same:
            assert last is not None
            start_of_section = self._sections.pop().start
        else:
            start_of_section = start
        self._sections.append(
            Section(heading=heading, start=start_of_section, end=self._length, kind=kind, subject=subject)
        )
        if note:
            self._notes.append(Note(start=start, end=self._length, text=note))

    def finish(
        self, *, title: str, original: str | None, metadata: Mapping[str, MetadataValue] | None = None
    ) -> Document:
        """The document. `original` is the decoded original that blocks are mapped to (None: there is no such text)."""
        text = MappedText.join(self._parts)
        return Document(
            id=self._source.id,
            title=title,
            text=text.text,
            sections=tuple(self._sections),
            sha256=self._source.sha256,
            notes=tuple(self._notes),
            source=None if original is None else text.source_map(),
            line_starts=() if original is None else line_starts(original),
            page_starts=tuple(self._page_starts),
            metadata=dict(metadata or {}),
        )

    def _put(self, part: MappedText) -> None:
        self._parts.append(part)
        self._length += len(part)


def line_starts(original: str) -> tuple[int, ...]:
    r"""Offsets at which the lines of a text start; lines end with \n, \r\n or \r."""
    return (0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", original)))
