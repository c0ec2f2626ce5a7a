"""Plain text and news: a title, a byline, a dateline, fact boxes, paragraphs, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from embeddings.load.base import Source
from embeddings.load.dates import iso_date
from embeddings.load.lines import blocks, bullet, fact_box, looks_like_heading, tight, unwrapped
from embeddings.load.page import Page, is_apparatus
from embeddings.mapped import MappedText


def read(source: Source, text: MappedText) -> Page:
    """The page that a plain text is."""
    groups = list(blocks(text.lines()))
    first = groups[0][0].strip() if groups else MappedText.inserted("")
    lines = sum(map(len, groups))
    titled = lines > 1 and len(first) <= 200 and bool(re.search(r"\w.*[^.;:,]$", first.text)) and not _boxed(groups[0])
    page = Page(source, title=" ".join(first.text.split()) if titled else PurePosixPath(source.name).stem)
    if titled:
        page.prose(first)  # a headline says something
        groups[0] = groups[0][1:]
    _groups(page, tight([group for group in groups if group]))
    return page


def _boxed(lines: Sequence[MappedText]) -> bool:
    """Whether a run of lines begins with the fields of a fact box."""
    box = fact_box(lines)
    return box is not None and box[1] is None


def _groups(page: Page, groups: Sequence[Sequence[MappedText]]) -> None:
    opening = True
    for place, group in enumerate(groups):
        lines = list(group)
        while opening and lines and _about_the_text(page, lines[0]):
            lines = lines[1:]
        if opening and lines and fact_box(lines) is None:
            opening = False
            lines = [*_dateline(page, lines[0]), *lines[1:]]
        _group(page, lines, alone=len(lines) == 1 and place + 1 < len(groups))


def _group(page: Page, lines: Sequence[MappedText], *, alone: bool) -> None:
    """Take in one run of lines between blank lines."""
    while lines:
        box = fact_box(lines)
        if box is not None:
            size, heading, fields = box
            page.box(fields, heading=heading)
            lines = lines[size:]
        elif _heads(lines, alone=alone, cites=page.cites):
            page.guessed_heading(lines[0])
            lines = lines[1:]
        else:
            end = next((place for place in range(1, len(lines)) if fact_box(lines[place : place + 60])), len(lines))
            _paragraphs(page, lines[:end])
            lines = lines[end:]


def _heads(lines: Sequence[MappedText], *, alone: bool, cites: bool) -> bool:
    """Whether the first of a run of lines heads a section."""
    if is_apparatus(lines[0].text):
        return True
    return looks_like_heading(lines[0].text) and (alone or (len(lines) > 1 and len(lines[1]) > 80 and not cites))


def _paragraphs(page: Page, lines: Sequence[MappedText]) -> None:
    wrapped: list[MappedText] = []
    for line in lines:
        item = bullet(line)
        if item is None:
            wrapped.append(line)
            continue
        for paragraph in unwrapped(wrapped):
            page.prose(paragraph)
        wrapped = []
        page.item(item)
    for paragraph in unwrapped(wrapped):
        page.prose(paragraph)


def _about_the_text(page: Page, line: MappedText) -> bool:
    """Whether a line tells of the article itself: who wrote it, when it was published."""
    text = line.text.strip()
    byline = _BYLINE.fullmatch(text)
    if len(text) > 120 or not (byline or _PUBLISHED.search(text)):
        return False
    if byline:
        page.metadata["author"] = byline["author"].split(",")[0]
    if published := iso_date(text):
        page.metadata.setdefault("published", published)
    page.prose(line)
    return True


def _dateline(page: Page, line: MappedText) -> list[MappedText]:
    """The first paragraph, a dateline that is fused to its first word divided from it."""
    fused = _FUSED_DATELINE.match(line.text)
    if fused:
        page.prose(line[: fused.end()])
    if (fused or _DATELINE.match(line.text)) and (published := iso_date(line.text[:120])):
        page.metadata.setdefault("published", published)
    return [line[fused.end() :] if fused else line]


_BYLINE = re.compile(r"(?:By|BY|Words:|Text:|Reporting by) (?P<author>[^.!?]{3,100})")
_PUBLISHED = re.compile(
    r"^(?:last |first )?(?:published|updated|posted|modified)\b|\| *updated|^\W*\d{1,2} \w+ \d{4}$", re.IGNORECASE
)
_FUSED_DATELINE = re.compile(
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})"
    r"(?: (?:in|at|from) [A-ZÀ-Þ][\w’' -]{1,40}?[a-zß-ÿ])?(?=[A-ZÀ-Þ“\"][\w’'-]+ )"
)
_DATELINE = re.compile(r"(?:[A-ZÀ-Þ’'. -]{3,40}[,(]|[A-Z]\w+ \d|\d).{0,80}?[—–-]")
