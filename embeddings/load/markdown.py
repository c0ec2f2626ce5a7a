"""Markdown, with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from embeddings.load import front_matter, inline
from embeddings.load.base import Source
from embeddings.load.dates import iso_date
from embeddings.load.facts import joined, row_line
from embeddings.load.front_matter import FrontMatter
from embeddings.load.page import Page
from embeddings.mapped import MappedText


def has_front_matter(text: str) -> bool:
    """Whether a text begins with front matter."""
    return front_matter.divide(MappedText.inserted(text)) is not None


def is_markdown(text: str) -> bool:
    """Whether a text is written in Markdown: headings, links or fences, not just a star or a dash."""
    head = text[:50000]
    return bool(_SURE.search(head)) or len(_SIGN.findall(head)) > 1


def read(source: Source, text: MappedText) -> Page:
    """The page that a Markdown text is."""
    divided = front_matter.divide(text)
    front = FrontMatter()
    body = text
    if divided is not None:
        kind, fields, body = divided
        front = front_matter.read(kind, fields)
    page = Page(source, title=_title(front, body.text) or PurePosixPath(source.name).stem)
    _take_in(page, front, body.text)
    _lines(page, body.lines())
    return page


def _title(front: FrontMatter, body: str) -> str | None:
    if front.title:
        return front.title
    if match := _FIRST_HEADING.search(body):
        return inline.markdown(MappedText.inserted(match["title"] or match["under"])).text.strip("# ")
    for field in front.fields[:1]:
        if len(field.value) <= 80 and field.label.text.lower() not in _KINDS:
            return field.value.text
    match = _FIRST_BOLD.search(body, 0, 1000)
    return match["title"] if match else None


def _take_in(page: Page, front: FrontMatter, body: str) -> None:
    for key in ("author", "language", "url"):
        if key in front.described:
            page.metadata[key] = front.described[key]
    published = front.described.get("published") or (
        front.described.get("date") if "author" in front.described else None  # the date of a post, not of an event
    )
    if published:
        page.metadata["published"] = iso_date(published) or published
    if front.warning:
        page.warnings.append(front.warning)
    page.leave_out("front matter noise", front.noise)
    page.box(front.fields, subject=page.title)
    for box in front.boxes:
        page.box(box)
    if front.description is not None:
        if _opening(front.description.text) in _plain(body):
            page.leave_out("repeated description")
        else:
            page.prose(front.description)


def _lines(page: Page, lines: Sequence[MappedText]) -> None:
    paragraph: list[MappedText] = []
    item: list[MappedText] = []

    def end() -> None:
        nonlocal paragraph, item
        if item:
            page.item(inline.markdown(joined([line.strip() for line in item], " ")))
        if paragraph:
            page.prose(inline.markdown(joined([line.strip() for line in paragraph], " ")))
        paragraph, item = [], []

    place = 0
    while place < len(lines):
        line, place = lines[place], place + 1
        images = len(inline.IMAGE.findall(line.text))
        if images:
            page.leave_out("images", images)
            line = line.sub(inline.IMAGE, "")
        stripped = line.text.strip()
        if fence := _FENCE.match(stripped):
            end()
            place = _code(page, lines, place, fence.group())
        elif heading := _HEADING.fullmatch(stripped):
            end()
            page.heading(inline.markdown(MappedText.inserted(heading["text"])).text, level=len(heading["level"]))
        elif paragraph and len(paragraph) == 1 and _UNDERLINE.fullmatch(stripped):
            title, paragraph = paragraph[0].text, []
            end()
            page.heading(title.strip(), level=1 if stripped[0] == "=" else 2)
        elif not stripped or _RULE.fullmatch(stripped) or _DEFINITION.match(stripped):
            end()
            if stripped:
                page.leave_out("link definitions" if stripped[0] == "[" else "rules")
        elif "|" in stripped and place < len(lines) and _TABLE_RULE.fullmatch(lines[place].text.strip()):
            end()
            place = _table(page, lines, place - 1)
        elif mark := _ITEM.match(line.text):
            end()
            item = [line[mark.end() :]]
        elif item and line.text[0] == " ":
            item.append(line)
        else:
            if item:
                end()
            paragraph.append(line[len(line) - len(line.text.lstrip(" >")) :])
    end()


def _code(page: Page, lines: Sequence[MappedText], place: int, fence: str) -> int:
    code = []
    while place < len(lines) and not lines[place].text.strip().startswith(fence):
        code.append(lines[place])
        place += 1
    page.prose(joined([line.strip() for line in code], " "))
    return place + 1


def _table(page: Page, lines: Sequence[MappedText], place: int) -> int:
    headers = _cells(lines[place])
    place += 2
    note = ", ".join([page.title, *page.heading_path])
    while place < len(lines) and "|" in lines[place].text:
        page.row(row_line(headers, _cells(lines[place])), note)
        place += 1
    return place


def _cells(line: MappedText) -> list[MappedText]:
    line = line.strip()
    line = line[1 if line.text.startswith("|") else 0 : -1 if line.text.endswith("|") else len(line)]
    return [inline.markdown(cell).strip() for cell in line.split(re.compile(r"(?<!\\)\|"))]


def _opening(text: str) -> str:
    return _plain(text)[:80].strip()


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).casefold().strip()


_SURE = re.compile(
    r"^#{1,6} \S.*\n\s*\n|^#{2,6} \S|^```|^\|(?: ?:?-+:? ?\|)+[ \t]*$|!\[[^\]\n]*\]\([^)\n]+\)"
    r"|^\w.{0,100}\n={4,}[ \t]*$",
    re.MULTILINE,
)
_SIGN = re.compile(
    r"\[[^\]\n]+\]\((?:https?:|/|\.|#)[^)\n]*\)|\*\*\S[^*\n]*\*\*|^# \S|^\w.{0,100}\n-{4,}[ \t]*$", re.MULTILINE
)
_FIRST_HEADING = re.compile(r"^# +(?P<title>\S.*)$|^(?P<under>\S.*)\n=+$", re.MULTILINE)
_FIRST_BOLD = re.compile(r"\*\*(?P<title>[^*\n]{2,100})\*\*")
_HEADING = re.compile(r"(?P<level>#{1,6})(?:[ \t]+(?P<text>.*?))??(?:[ \t]+#+)?")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,}")
_FENCE = re.compile(r"```+|~~~+")
_DEFINITION = re.compile(r"\[[^\]\n]+\]:\s*\S+")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_ITEM = re.compile(r"[ \t]*(?:[*+•‣◦–-]|\d{1,3}[.)])[ \t]+(?=\S)")
_KINDS = frozenset({"kind", "type", "date", "year", "status", "id", "short"})
