"""Wiki text: `= Title =`, nested headings, infoboxes, lists, tables, links and templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import PurePosixPath

from embeddings.load import inline
from embeddings.load.base import Source
from embeddings.load.facts import Field, joined, row_line, value_of_lines
from embeddings.load.lines import unwrapped
from embeddings.load.page import Page
from embeddings.mapped import MappedText


def is_wiki(text: str) -> bool:
    """Whether a text is written in wiki mark-up."""
    return len(_SIGN.findall(text, 0, 20000)) > 0


def read(source: Source, text: MappedText) -> Page:
    """The page that a wiki text is."""
    text = inline.without_references(text)
    page = Page(source, title=_title(text.text) or PurePosixPath(source.name).stem)
    last = 0
    for start, end in _boxes(text.text):
        _lines(page, inline.without_templates(text[last:start]).lines())
        page.box(_template_fields(text[start:end]))
        last = end
    _lines(page, inline.without_templates(text[last:]).lines())
    return page


def _lines(page: Page, lines: Sequence[MappedText]) -> None:
    paragraph: list[MappedText] = []
    place = 0
    while place <= len(lines):
        line = lines[place] if place < len(lines) else MappedText.inserted("")
        stripped = line.text.strip()
        place += 1
        if paragraph and (not stripped or _SPECIAL.match(stripped)):
            for block in unwrapped(paragraph):
                page.prose(inline.wiki(block))
            paragraph = []
        if heading := _HEADING.fullmatch(stripped):
            page.heading(inline.wiki(line[line.text.index("=") :]).text.strip("= "), level=len(heading["level"]))
        elif _BARE_BOX.fullmatch(stripped):
            fields, place = _bare_fields(lines, place)
            page.box(fields)
        elif stripped.startswith("{|"):
            place = _table(page, lines, place)
        elif _IMAGE.match(stripped):
            page.leave_out("image lines")
        elif _NOISE.fullmatch(stripped):
            page.leave_out("empty mark-up")
        elif item := _ITEM.match(line.text):
            page.item(inline.wiki(line[item.end() :]))
        elif stripped:
            paragraph.append(line[len(line) - len(line.text.lstrip(" :")) :])


def _title(text: str) -> str | None:
    match = _TITLE.search(text, 0, 5000) or _BOLD.search(text, 0, 20000)
    return " ".join(match["title"].split()) if match else None


def _bare_fields(lines: Sequence[MappedText], place: int) -> tuple[list[Field], int]:
    """The `- Key: value` lines of an infobox that lost its mark-up, and the place after them."""
    fields: list[Field] = []
    while place < len(lines):
        match = _BARE_FIELD.fullmatch(lines[place].text)
        if match is None:
            if lines[place].text.strip() or fields:
                break
            place += 1
            continue
        line = lines[place]
        value = inline.wiki(line[slice(*match.span("value"))])
        fields.append(Field(label=line[slice(*match.span("key"))], value=value))
        place += 1
    return fields, place


def _boxes(text: str) -> list[tuple[int, int]]:
    """Where the infobox templates of a text stand."""
    found: list[tuple[int, int]] = []
    for match in islice(_BOX.finditer(text), 200):
        if found and match.start() < found[-1][1]:
            continue
        depth = 0
        for brace in _BRACES.finditer(text, match.start(), match.start() + 50000):
            depth += 1 if brace.group() == "{{" else -1
            if not depth:
                found.append((match.start(), brace.end()))
                break
    return found


def _template_fields(box: MappedText) -> list[Field]:
    body = inline.without_templates(box[2:-2])
    fields = []
    for part in body.split(_FIELD_START)[1:]:
        key, equals, _ = part.text.partition("=")
        if equals and key.strip() and not _NO_FACT.match(key.strip()):
            value = value_of_lines(inline.wiki(part[len(key) + 1 :]).lines())
            fields.append(Field(label=part[: len(key)].strip(), value=value))
    return fields


def _table(page: Page, lines: Sequence[MappedText], place: int) -> int:
    """Take in the rows of a table that began in the line before `place`; the place after it."""
    headers: list[MappedText] = []
    rows: list[list[MappedText]] = [[]]
    while place < len(lines):
        line = lines[place].strip()
        place += 1
        if line.text.startswith("|}"):
            break
        if line.text.startswith("|-"):
            rows.append([])
        elif line.text.startswith("!"):
            headers += [_cell(cell) for cell in line[1:].split("!!")]
        elif line.text.startswith("|") and not line.text.startswith("|+"):
            rows[-1] += [_cell(cell) for cell in line[1:].split("||")]
    note = ", ".join([page.title, *page.heading_path])
    for row in rows:
        if row:
            page.row(row_line(headers, row), note)
    return place


def _cell(cell: MappedText) -> MappedText:
    attributes = re.match(r"[^|\[\]]*=[^|\[\]]*\|(?!\|)", cell.text)
    cell = cell[attributes.end() :] if attributes else cell
    return joined([line.strip() for line in inline.wiki(cell).lines()], " ")


_SIGN = re.compile(
    r"^(?:=[^=\n].*=|={2,6}[^=\n].*={2,6})[ \t]*$|^\{\{\s*(?:Infobox|Taxobox)|'''[^'\n]+'''|^Infobox$", re.MULTILINE
)
_TITLE = re.compile(r"^=(?!=)\s*(?P<title>[^=\n]+?)\s*=[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"'''(?P<title>[^'\n]{2,100})'''")
_HEADING = re.compile(r"(?P<level>={1,6})[^=].*?={1,6}")
_BARE_BOX = re.compile(r"Infobox\b[ \w]{0,40}", re.IGNORECASE)
_BARE_FIELD = re.compile(r"\s*[-*•]\s*(?P<key>[^:\n]{1,60}?)\s*:(?P<value>(?:\s.*)?)")
_ITEM = re.compile(r"[ \t]*(?:[*#;]+:*|[•–-](?=\s))[ \t]*(?=\S)")
_IMAGE = re.compile(r"\[\[(?:File|Image)\s*:", re.IGNORECASE)
_NOISE = re.compile(r"-{3,}|\(\s*[,;]?\s*\)|\[\[Category:.*|__[A-Z]+__|[*#;:]+|\}\}", re.IGNORECASE)
_SPECIAL = re.compile(r"=|[*#;]|\{\||[•–-]\s|\[\[(?:File|Image)\s*:|-{3,}|Infobox\b", re.IGNORECASE)
_BOX = re.compile(r"\{\{\s*(?:Infobox|Taxobox|Geobox)", re.IGNORECASE)
_BRACES = re.compile(r"\{\{|\}\}")
_FIELD_START = re.compile(r"\n\s*\|")
_NO_FACT = re.compile(
    r"(?:image|img|logo|map|caption|alt|image_?\w*|map_?\w*|\w*_?size|\w*_?caption|width)$", re.IGNORECASE
)
