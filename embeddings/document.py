"""The text that everything points into."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from embeddings.mapped import SourceMap

SectionKind = Literal["prose", "facts", "list", "table", "related", "references"]
MetadataValue = str | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of a document's text under one heading path and of one kind.

    `heading` is the path from the top ("Forces committed", "French Forces"), without the document's title.
    `subject` is what the stretch is about when that is not what the document's title names.
    """

    heading: tuple[str, ...]
    start: int
    end: int
    kind: SectionKind
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What text[start:end] needs to be understood and does not say: a list's introduction, a field's readable label."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A cleaned text and everything needed to say where in the original each of its characters stands.

    Offsets are half-open, 0-based, in code points of `text`. `source` maps them to code points of the decoded original
    and is None where there is no text to map to (PDF, DOCX). `line_starts` are the offsets in the decoded original at
    which its lines start; `page_starts` the offsets in `text` at which pages start (empty: not paged).
    `sha256` is that of the original bytes. `metadata` has any of url, published, author, language, pages, path.
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...]
    sha256: str
    notes: tuple[Note, ...] = ()
    source: SourceMap | None = None
    line_starts: tuple[int, ...] = ()
    page_starts: tuple[int, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)

    def source_span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where text[start:end] stands in the decoded original; None if nothing of it does."""
        return None if self.source is None else self.source.span(start, end)

    def line_at(self, offset: int) -> int | None:
        """The 1-based line of the original file in which the character at `offset` stands; None if it has none."""
        span = self.source_span(offset, offset + 1)
        if span is None:
            return None
        return bisect_right(self.line_starts, span[0])

    def page_at(self, offset: int) -> int | None:
        """The 1-based page on which the character at `offset` stands; None if the document is not paged."""
        if not self.page_starts:
            return None
        return max(1, bisect_right(self.page_starts, offset))

    def section_at(self, offset: int) -> Section | None:
        """The section in which the character at `offset` stands."""
        place = bisect_right([section.start for section in self.sections], offset) - 1
        if place < 0 or self.sections[place].end <= offset:
            return None
        return self.sections[place]
