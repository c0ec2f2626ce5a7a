"""From a span to a citation that a machine can check."""

from __future__ import annotations

from dataclasses import replace

from embeddings.document import Document, SectionKind
from embeddings.sentences import sentence_around
from qa.attribution import attribution
from qa.denial import denied
from qa.reply import Citation, Span


def cite(span: Span, document: Document, *, collection: str) -> Citation:
    """Where a span stands: its document, section, line, characters, and the whole sentence or fact line it is in.

    With whom the text attributes it to, and whether it denies it.
    """
    kind = span.passage.kind
    place = cite_stretch(document, span.start, span.end, collection=collection, kind=kind, heading=span.passage.heading)
    return replace(
        place,
        attributed_to=attribution(document.text, span.start, span.end, kind=kind),
        denied=denied(document.text, span.start, span.end, kind=kind),
    )


def cite_stretch(
    document: Document, start: int, end: int, *, collection: str, kind: SectionKind, heading: tuple[str, ...]
) -> Citation:
    """Where document.text[start:end] stands. Facts and table rows are quoted as whole lines, the rest as sentences."""
    text = document.text
    quote_start, quote_end = _quote(text, start, end, kind)
    source = document.source_span(start, end)
    url, published = document.metadata.get("url"), document.metadata.get("published")
    return Citation(
        document=document.id,
        collection=collection,
        sha256=document.sha256,
        title=document.title,
        heading=heading,
        kind=kind,
        page=document.page_at(start),
        line=document.line_at(start),
        start=start,
        end=end,
        source_start=None if source is None else source[0],
        source_end=None if source is None else source[1],
        text=text[start:end],
        quote=text[quote_start:quote_end],
        quote_start=quote_start,
        url=None if url is None else str(url),
        published=None if published is None else str(published),
    )


def quote_of(span: Span, document: Document) -> str:
    """The whole sentence, or the fact line or table row, in which a span stands."""
    start, end = quote_place(span, document)
    return document.text[start:end]


def quote_place(span: Span, document: Document) -> tuple[int, int]:
    """Where in the document that sentence, line or row stands."""
    return _quote(document.text, span.start, span.end, span.passage.kind)


def _quote(text: str, start: int, end: int, kind: SectionKind) -> tuple[int, int]:
    around = _line_around if kind in ("facts", "table") else sentence_around
    return around(text, start, end)


def _line_around(text: str, start: int, end: int) -> tuple[int, int]:
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return begin, len(text) if stop < 0 else stop
