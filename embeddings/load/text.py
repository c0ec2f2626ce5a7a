"""A text file: decoded, cleaned, and read in the shape that its content shows, whatever its name ends in."""

from __future__ import annotations

from collections.abc import Callable

from embeddings.clean import clean, decode
from embeddings.load import markdown, plain, scraped, wiki
from embeddings.load.base import Loaded, Source
from embeddings.load.page import Page
from embeddings.mapped import MappedText

Reader = Callable[[Source, MappedText], Page]


def load(source: Source) -> Loaded:
    """The document of a text file; raises UnreadableFile if the file is not text."""
    decoded = decode(source.data)
    text, repaired = clean(MappedText.original(decoded.text))
    page = reader_of(text.text)(source, text)
    return page.finish(original=decoded.text, encoding=decoded.encoding, repaired=repaired)


def reader_of(text: str) -> Reader:
    """Who reads a text: the first shape that it shows."""
    if markdown.has_front_matter(text):
        return markdown.read
    if wiki.is_wiki(text):
        return wiki.read
    if markdown.is_markdown(text):
        return markdown.read
    if scraped.is_scraped(text):
        return scraped.read
    return plain.read
