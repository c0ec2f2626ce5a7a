"""Plain text and news: a title, a byline, a dateline, fact boxes, paragraphs, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from embeddings.load.base import Source
from embeddings.load.dates import iso_date
from embeddings.load.lines import blocks, bullet, field_run, looks_like_heading, unwrapped
from embeddings.load.page import Page
from embeddings.mapped import MappedText


def read(source: Source, text: MappedText) -> Page:
    """The page that a plain text is."""
    groups = list(blocks(text.lines()))
    first = groups[0][0].strip() if groups else MappedText.inserted("")
    titled = 2 <= len(first) <= 200 and not re.search(r"[.;:,]$", first.text) and len(groups) + len(groups[0]) > 2
    page = Page(source, title=" ".join(first.text.split()) if titled else PurePosixPath(source.name).stem)
    if titled:
        page.prose(first)  # a headline says something
        groups[0] = groups[0][1:]
    _Reader(page, titled).read([group for group in groups if group])
    return page


class _Reader:
    def __init__(self, page: Page, titled: bool) -> None:
        self.page = page
        self.titled = titled

    def read(self, groups: Sequence[Sequence[MappedText]]) -> None:
        opening = True
        for place, group in enumerate(groups):
            following = groups[place + 1] if place + 1 < len(groups) else None
            rest = list(group)
            while opening and rest and self.about_the_text(rest[0]):
                rest = rest[1:]
            if rest and opening:
                opening = False
                rest = [*self.dateline(rest[0]), *rest[1:]]
            self.group(rest, following)

    def group(self, lines: list[MappedText], following: Sequence[MappedText] | None) -> None:
        """One run of lines between blank lines."""
        while lines:
            fields = field_run(lines)
            if fields:
                self.page.box(fields)
                lines = lines[len(fields) :]
                if self.page.heading_path and self.boxed:
                    self.page.heading("")
                continue
            self.boxed = False
            title = looks_like_heading(lines[0].text)
            if title and len(lines) > 1 and field_run(lines[1:]):
                self.page.heading(lines[0].text.strip())
                self.boxed = True
                lines = lines[1:]
            elif title and ((len(lines) == 1 and following) or (len(lines) > 1 and len(lines[1]) > 80)):
                self.page.heading(lines[0].text.strip())
                lines = lines[1:]
            else:
                lines = self.paragraphs(lines)

    boxed = False

    def paragraphs(self, lines: list[MappedText]) -> list[MappedText]:
        """Take in the lines up to the next box; what is left."""
        end = next((place for place in range(1, len(lines)) if _box_at(lines, place)), len(lines))
        wrapped: list[MappedText] = []
        for line in [*lines[:end], None]:
            item = bullet(line) if line is not None else None
            if wrapped and (line is None or item is not None):
                for paragraph in unwrapped(wrapped):
                    self.page.prose(paragraph)
                wrapped = []
            if item is not None:
                self.page.item(item)
            elif line is not None:
                wrapped.append(line)
        return lines[end:]

    def about_the_text(self, line: MappedText) -> bool:
        """Whether a line tells of the article itself: who wrote it, when it was published."""
        text = line.text.strip()
        if len(text) > 120:
            return False
        if match := _BYLINE.fullmatch(text):
            self.page.metadata["author"] = match["author"].split(",")[0]
        elif not _PUBLISHED.search(text):
            return False
        published = iso_date(text)
        if published and "published" not in self.page.metadata:
            self.page.metadata["published"] = published
        self.page.prose(line)
        return True

    def dateline(self, line: MappedText) -> list[MappedText]:
        """The first paragraph, a dateline that is fused to its first word divided from it."""
        published = iso_date(line.text[:120])
        fused = _FUSED_DATELINE.match(line.text)
        if fused and published:
            self.page.metadata.setdefault("published", published)
            self.page.prose(line[: fused.end()])
            return [line[fused.end() :]]
        if published and _DATELINE.match(line.text):
            self.page.metadata.setdefault("published", published)
        return [line]


def _box_at(lines: Sequence[MappedText], place: int) -> bool:
    if field_run(lines[place:]):
        return True
    return looks_like_heading(lines[place].text) and bool(field_run(lines[place + 1 :]))


_BYLINE = re.compile(r"(?:By|BY|Words:|Text:|Reporting by) (?P<author>[^.!?]{3,100})")
_PUBLISHED = re.compile(
    r"^(?:last |first )?(?:published|updated|posted|modified)\b|\| *updated|^\W*\d{1,2} \w+ \d{4}$", re.I
)
_FUSED_DATELINE = re.compile(
    r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}(?: (?:in|at|from) [A-ZÀ-Þ][\w’' -]{1,40}?[a-zß-ÿ])?(?=[A-ZÀ-Þ“\"][\w’']+ )"
)
_DATELINE = re.compile(r"(?:[A-ZÀ-Þ’'. -]{3,40}[,(]|[A-Z]\w+ \d|\d).{0,80}?[—–-]")
