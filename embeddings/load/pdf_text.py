"""From the lines of a PDF's pages to its text: running heads dropped, hyphens undone, paragraphs rebuilt."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from embeddings.clean import clean
from embeddings.document import Document, MetadataValue
from embeddings.load.base import Loaded, Source
from embeddings.load.facts import joined
from embeddings.load.lines import BULLET, looks_like_heading
from embeddings.load.page import Page
from embeddings.load.pdf_edges import without_running_heads
from embeddings.load.pdf_layout import Block, Line
from embeddings.load.table import Cell, add_table
from embeddings.mapped import MappedText


@dataclass(slots=True, kw_only=True)
class _Paragraph:
    """Lines that belong together, with the place of each in the text of all pages."""

    size: float
    kind: str = "prose"  # or "heading", "row"
    width: float = 0.0  # of the block that it ends in
    lines: list[tuple[int, Line]] = field(default_factory=list)

    @property
    def last(self) -> Line:
        return self.lines[-1][1]

    @property
    def ended(self) -> bool:
        return bool(_SENTENCE_END.search(self.last.text))


def document_of(
    source: Source,
    pages: Sequence[Sequence[Block]],
    *,
    title: str,
    name: str,
    metadata: Mapping[str, MetadataValue],
    warnings: tuple[str, ...],
) -> Loaded:
    """The document of some pages; `title` is what the file says of itself, `name` what to call it without one."""
    kept, dropped = without_running_heads(pages)
    written: list[str] = []
    starts: list[int] = []
    placed: list[list[list[tuple[int, Line]]]] = []
    length = 0
    for page in kept:
        starts.append(length)
        placed.append([])
        for block in page:
            placed[-1].append([])
            for line in block.lines:
                placed[-1][-1].append((length, line))
                written.append(line.text + "\n")
                length += len(written[-1])
    whole = "".join(written)
    body = _body_size(kept)
    paragraphs = _paragraphs(kept, placed, body)
    result = Page(source, title=_title(paragraphs, title, starts) or name)
    result.metadata.update(metadata)
    result.leave_out("running heads and page numbers", dropped)
    result.warnings.extend(warnings)
    repaired = _Writer(result, whole, body).write(paragraphs)
    loaded = result.finish(original=whole, encoding="", repaired=repaired)
    document = replace(loaded.document, source=None, line_starts=(), page_starts=_page_starts(loaded.document, starts))
    return replace(loaded, encoding=None, document=document)


def _page_starts(document: Document, starts: Sequence[int]) -> tuple[int, ...]:
    """Where in the text each page starts; a page without text starts where the next one does."""
    found = [len(document.text)] * len(starts)
    assert document.source is not None
    for run in document.source.runs:
        page = bisect_right(starts, run.source_start) - 1
        found[page] = min(found[page], run.start)
    for page in range(len(found) - 2, -1, -1):
        found[page] = min(found[page], found[page + 1])
    return (0, *found[1:])


def _body_size(pages: Sequence[Sequence[Block]]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for block in page:
            for line in block.lines:
                sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _paragraphs(
    pages: Sequence[Sequence[Block]], placed: Sequence[Sequence[Sequence[tuple[int, Line]]]], body: float
) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    bold_body = _mostly_bold(pages)
    for page, lines_of_page in zip(pages, placed, strict=True):
        for block, lines in zip(page, lines_of_page, strict=True):
            before: Line | None = None
            for place, line in lines:
                kind = _kind(line, body, bold_body)
                if not (found and kind == found[-1].kind != "row" and _goes_on(found[-1], line, before, block)):
                    found.append(_Paragraph(size=line.size, kind=kind))
                found[-1].lines.append((place, line))
                found[-1].width = block.width
                before = line
    return _across_notes(found, body)


def _kind(line: Line, body: float, bold_body: bool) -> str:
    if line.size > _HEADING_SIZE * body and len(line.text) <= 200:
        return "heading"
    if len(line.cells) > 1:
        return "row"
    if line.bold and not bold_body and line.size >= 0.9 * body and looks_like_heading(_NUMBERING.sub("", line.text)):
        return "heading"
    return "prose"


def _goes_on(paragraph: _Paragraph, line: Line, before: Line | None, block: Block) -> bool:
    """Whether a line belongs to the paragraph before it; `before` is the line above it in its block."""
    last = paragraph.last
    if abs(line.size - last.size) > 0.1 * last.size or (BULLET.match(line.text) and paragraph.kind == "prose"):
        return False
    if before is None:  # the top of a column or page
        alike = abs(block.width - paragraph.width) < 0.25 * paragraph.width
        return paragraph.kind == "prose" and (line.text[0].islower() or (alike and not paragraph.ended))
    near = before is last and before.y - line.y <= _PARAGRAPH_GAP * max(block.leading, line.size)
    return near and (paragraph.kind == "heading" or _fills(paragraph, line, before, block))


def _fills(paragraph: _Paragraph, line: Line, before: Line, block: Block) -> bool:
    """Whether a line just below another goes on with its paragraph: not indented, the other one full."""
    listed = BULLET.match(paragraph.lines[0][1].text)
    if line.left - before.left > 0.8 * line.size:
        return bool(listed) and len(paragraph.lines) == 1
    if listed and line.left <= paragraph.lines[0][1].left and paragraph.ended:
        return False
    short = before.right < block.right - 0.15 * (block.right - block.left)
    return not (short and paragraph.ended)


def _across_notes(paragraphs: list[_Paragraph], body: float) -> list[_Paragraph]:
    """Paragraphs that a footnote of their page cut in two, made whole; the footnote follows."""
    found: list[_Paragraph] = []
    for paragraph in paragraphs:
        if (
            len(found) > 1
            and paragraph.kind == found[-1].kind == found[-2].kind == "prose"
            and found[-1].size < 0.92 * body
            and found[-2].size >= 0.92 * body <= paragraph.size
            and not found[-2].ended
            and paragraph.lines[0][1].text[0].islower()
        ):
            found[-2].lines += paragraph.lines
        else:
            found.append(paragraph)
    return found


def _mostly_bold(pages: Sequence[Sequence[Block]]) -> bool:
    lines = [line for page in pages for block in page for line in block.lines]
    return sum(len(line.text) for line in lines if line.bold) * 2 > sum(len(line.text) for line in lines)


def _title(paragraphs: Sequence[_Paragraph], own: str, starts: Sequence[int]) -> str:
    """The title that the file gives, if the first page has it, else the largest heading of that page."""
    end = starts[1] if len(starts) > 1 else None
    first = [each for each in paragraphs if end is None or each.lines[0][0] < end]
    headings = [each for each in first if each.kind == "heading"]
    words = " ".join(line.text for each in first for _, line in each.lines)
    if own and (_bare(own) in _bare(words) or not headings) and not _NO_TITLE.match(own):
        return own
    if headings:
        largest = max(headings, key=lambda each: each.size)
        return " ".join(line.text for _, line in largest.lines)
    return ""


class _Writer:
    """Adds paragraphs to a page."""

    def __init__(self, page: Page, whole: str, body: float) -> None:
        self._page = page
        self._whole = MappedText.original(whole)
        self._words = Counter(re.findall(r"\w+(?:-\w+)*", whole.lower()))
        self._body = body
        self._repaired = 0

    def write(self, paragraphs: Sequence[_Paragraph]) -> int:
        """Add all paragraphs; how many stretches of mojibake were repaired."""
        sizes = sorted({round(each.size) for each in paragraphs if each.kind == "heading"}, reverse=True)
        rows: list[_Paragraph] = []
        for paragraph in paragraphs:
            if rows and paragraph.kind != "row":
                self._table(rows)
                rows = []
            if paragraph.kind == "row":
                rows.append(paragraph)
            elif paragraph.kind == "heading":
                self._page.heading(self._text(paragraph).text, level=1 + sizes.index(round(paragraph.size)))
            else:
                text = self._text(paragraph)
                mark = BULLET.match(text.text)
                if mark:
                    self._page.item(text[mark.end() :])
                else:
                    self._page.prose(text)
        if rows:
            self._table(rows)
        return self._repaired

    def _table(self, rows: Sequence[_Paragraph]) -> None:
        table: list[list[Cell]] = []
        for row in rows:
            place, line = row.lines[0]
            cells = []
            for cell in line.cells:
                cells.append(Cell(text=self._clean(self._whole[place : place + len(cell.text)]), heading=cell.bold))
                place += len(cell.text) + 1
            table.append(cells)
        if len({len(row) for row in table}) == 1 and len(table) > 1:
            add_table(self._page, table)
        else:  # which column a cell belongs to cannot be told
            for cells in table:
                self._page.prose(joined([cell.text for cell in cells], "; "))

    def _text(self, paragraph: _Paragraph) -> MappedText:
        parts: list[MappedText] = []
        for place, line in paragraph.lines:
            text = self._whole[place : place + len(line.text)]
            if parts:
                before = parts[-1].text
                if not _HYPHEN.search(before) or not text.text[0].isalnum():
                    parts.append(MappedText.inserted(" "))
                elif self._is_division(before, text.text):
                    parts[-1] = parts[-1][:-1]
            parts.append(text)
        return self._clean(MappedText.join(parts))

    def _is_division(self, before: str, after: str) -> bool:
        """Whether the hyphen at a line's end divides a word; one of its own stands elsewhere in the text too."""
        if before[-1] == "\u00ad":
            return True
        first, second = _LAST_WORD.findall(before)[-1], _FIRST_WORD.findall(after)[0]
        whole, hyphened = (first + second).lower(), f"{first}-{second}".lower()
        return after[0].islower() and self._words[whole] >= self._words[hyphened]

    def _clean(self, text: MappedText) -> MappedText:
        text = text.sub(_LIGATURE, lambda match: unicodedata.normalize("NFKC", match.group()))
        cleaned, repaired = clean(text)
        self._repaired += repaired
        return cleaned


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


_HEADING_SIZE = 1.12  # of the body's font size
_PARAGRAPH_GAP = 1.35  # of the usual distance from line to line
_SENTENCE_END = re.compile(r"[.!?:…][\"”’')\]]*$")
_HYPHEN = re.compile(r"[^\W\d_][-\u2010\u00ad]$")
_LAST_WORD = re.compile(r"([^\W_]+)[-\u2010\u00ad]$")
_FIRST_WORD = re.compile(r"^[^\W_]+")
_NUMBERING = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.)\s+")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_NO_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|pdf|indd|tex|dvi|odt)$|\W*$", re.IGNORECASE)
