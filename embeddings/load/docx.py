"""Word documents (DOCX): paragraphs, headings by style, lists, tables; what stands beside the text is counted."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from embeddings.clean import clean
from embeddings.errors import UnreadableFile
from embeddings.load.base import Loaded, Source
from embeddings.load.facts import joined
from embeddings.load.limits import Limits
from embeddings.load.lines import bullet, looks_like_heading
from embeddings.load.page import Page
from embeddings.load.table import Cell, add_table
from embeddings.mapped import MappedText


def load(source: Source, limits: Limits) -> Loaded:
    """The document of a DOCX file; raises UnreadableFile if it is torn, encrypted, a bomb or takes too long."""
    import docx

    deadline = limits.start()
    names = _checked(source.data, limits)
    document = docx.Document(io.BytesIO(source.data))
    reader = _Reader(document, PurePosixPath(source.name).stem)
    page = Page(source, title=reader.title)
    page.metadata.update(_described(document.core_properties))
    for block in reader.blocks(document.element.body):
        deadline.check()
        reader.add(page, block)
    for what, count in _outside(document, names):
        page.leave_out(what, count)
    loaded = page.finish(original="", encoding="", repaired=reader.repaired)
    return replace(loaded, encoding=None, document=replace(loaded.document, source=None, line_starts=()))


def _checked(data: bytes, limits: Limits) -> list[str]:
    """The names of the archive's members, once their sizes are found to be bearable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile("is broken: its end is missing or damaged; copy it again, or save it again") from error
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("is encrypted; open it with its password and save it without one")
    size = sum(member.file_size for member in members)
    if size > limits.max_unpacked_bytes:
        raise UnreadableFile(
            f"unpacks to {size / 1e6:.0f} MB, more than {limits.max_unpacked_bytes / 1e6:g} MB; "
            "take large pictures out of it, or save its text as .txt"
        )
    return [member.filename for member in members]


def _described(properties: Any) -> dict[str, str]:
    found = {
        "author": properties.author if properties.author != "python-docx" else "",
        "published": properties.created.date().isoformat() if properties.created else "",
        "language": properties.language,
    }
    return {key: value for key, value in found.items() if value}


def _outside(document: Any, names: list[str]) -> Iterator[tuple[str, int]]:
    """What stands beside the running text, and how much of it."""
    for part in document.part.package.iter_parts():
        kind = re.fullmatch(r"/word/(footnotes|endnotes|comments|header|footer)\d*\.xml", str(part.partname))
        if kind is None:
            continue
        text = re.findall(rb"<w:(?:footnote|endnote|comment) ([^>]*)>", part.blob)
        if kind[1] in ("header", "footer"):
            yield "headers and footers", int(bool(re.search(rb"<w:t[ >]", part.blob)))
        else:
            yield kind[1], sum(b"w:type=" not in attributes for attributes in text)
    yield "pictures", sum(name.startswith("word/media/") for name in names)


class _Reader:
    """Reads the blocks of a document's body."""

    def __init__(self, document: Any, name: str) -> None:
        self.repaired = 0
        self._styles = {style.style_id: style for style in document.styles}
        self.title = self._title(document, name)

    def blocks(self, parent: Any) -> Iterator[Any]:
        """Paragraphs and tables in reading order, those of content controls and text boxes among them."""
        for child in parent.iterchildren():
            tag = _tag(child)
            if tag in ("p", "tbl"):
                yield child
                if tag == "p":
                    for box in child.iter(f"{_W}txbxContent"):
                        if not any(_tag(above) == "Fallback" for above in box.iterancestors()):
                            yield from self.blocks(box)
            elif tag in ("sdt", "sdtContent", "customXml", "ins"):
                yield from self.blocks(child)

    def add(self, page: Page, block: Any) -> None:
        """Add one block to the page."""
        if _tag(block) == "tbl":
            add_table(page, self._rows(block))
            return
        text = self._text(block)
        style = self._style_name(block)
        level = self._level(block)
        if not text.text.strip():
            return
        item = bullet(text)
        if style == "title":
            page.heading("", level=1)
        elif style.startswith("toc"):
            page.leave_out("lines of the table of contents")
        elif level:
            page.heading(text.text, level=level)
        elif self._in_list(block):
            page.item(text)
        elif item is not None and text.text.lstrip()[0] in "*•·‣▪◦●–—-":
            page.item(item)
        elif _all_bold(block) and looks_like_heading(text.text):
            page.heading(text.text, level=9)
        else:
            page.prose(text)

    def _title(self, document: Any, name: str) -> str:
        full = [block for block in self.blocks(document.element.body) if _tag(block) == "p" and _words(block)]
        titles = [_words(block) for block in full[:20] if self._style_name(block) == "title"]
        own = " ".join((document.core_properties.title or "").split())
        top = [_words(block) for block in full if self._level(block) == 1]
        if titles:
            return titles[0]
        if own and not _NO_TITLE.match(own):
            return own
        if len(top) == 1 and top[0] in [_words(block) for block in full[:3]]:
            return top[0]
        return name

    def _text(self, paragraph: Any) -> MappedText:
        text, repaired = clean(MappedText.inserted("".join(_pieces(paragraph))))
        self.repaired += repaired
        return text

    def _rows(self, table: Any) -> list[list[Cell]]:
        rows = [_laid_out(row) for row in table.iter(f"{_W}tr") if next(row.iterancestors(f"{_W}tbl")) is table]
        first_bold = bool(rows) and all(_all_bold(cell) for cell in rows[0].values() if _words(cell))
        found = []
        for place, row in enumerate(rows):
            cells = []
            for column, cell in row.items():
                if _merged(cell) == "continue" and place:
                    continue
                below = 1
                while (
                    _merged(cell)
                    and place + below < len(rows)
                    and _merged(rows[place + below].get(column)) == "continue"
                ):
                    below += 1
                heading = (place == 0 and first_bold) or _is_header(cell) or (column == 0 and _all_bold(cell))
                lines = [self._text(paragraph).strip() for paragraph in cell.iter(f"{_W}p")]
                text = joined([line for line in lines if line], "; ")
                cells.append(Cell(text=text, heading=heading, columns=_span(cell), rows=below))
            found.append(cells)
        return found

    def _style_name(self, paragraph: Any) -> str:
        style = self._styles.get(paragraph.style)
        return str(style.name or "").lower() if style is not None else ""

    def _level(self, paragraph: Any) -> int | None:
        """The level of a heading, 1 the highest; None if the paragraph is none."""
        outline = self._property(paragraph, "outlineLvl")
        if outline is not None and outline.isdigit() and int(outline) < 9:
            return int(outline) + 1
        name = re.match(r"heading (\d)", self._style_name(paragraph))
        return int(name[1]) if name else None

    def _in_list(self, paragraph: Any) -> bool:
        number = self._property(paragraph, "numPr/w:numId")
        return number != "0" and (number is not None or self._style_name(paragraph).startswith("list "))

    def _property(self, paragraph: Any, path: str) -> str | None:
        """A property of a paragraph: its own, else that of its style or of those the style builds on."""
        found = paragraph.find(f"w:pPr/w:{path}", _NAMES)
        style = self._styles.get(paragraph.style)
        for _ in range(20):
            if found is not None or style is None:
                break
            found = style.element.find(f"w:pPr/w:{path}", _NAMES)
            style = style.base_style if hasattr(style, "base_style") else None
        return None if found is None else found.get(f"{_W}val")


def _pieces(element: Any) -> Iterator[str]:
    """The texts of a paragraph as it reads with all changes accepted."""
    for child in element.iterchildren():
        tag = _tag(child)
        if tag == "t":
            yield child.text or ""
        elif tag in ("tab", "ptab"):
            yield " "
        elif tag in ("br", "cr"):
            yield "\n"
        elif tag == "noBreakHyphen":
            yield "-"
        elif tag not in ("del", "moveFrom", "txbxContent", "Fallback", "pPr", "rPr"):
            yield from _pieces(child)


def _laid_out(row: Any) -> dict[int, Any]:
    """The cells of a row by the column in which they begin."""
    cells, column = {}, 0
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is row:
            cells[column] = cell
            column += _span(cell)
    return cells


def _span(cell: Any) -> int:
    span = cell.find("w:tcPr/w:gridSpan", _NAMES)
    value = "1" if span is None else span.get(f"{_W}val", "1")
    return int(value) if value.isdigit() and len(value) < 5 else 1


def _merged(cell: Any) -> str | None:
    """Whether a cell begins ("restart") or goes on ("continue") one that spans rows."""
    merge = None if cell is None else cell.find("w:tcPr/w:vMerge", _NAMES)
    return None if merge is None else merge.get(f"{_W}val", "continue")


def _is_header(cell: Any) -> bool:
    return cell.getparent().find("w:trPr/w:tblHeader", _NAMES) is not None


def _all_bold(element: Any) -> bool:
    runs = [run for run in element.iter(f"{_W}r") if "".join(_pieces(run)).strip()]
    marks = [run.find("w:rPr/w:b", _NAMES) for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{_W}val") not in ("0", "false") for mark in marks)


def _words(element: Any) -> str:
    return " ".join("".join(_pieces(element)).split())


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


_NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
_W = f"{{{_NAMES['w']}}}"
_NO_TITLE = re.compile(r"(?:word )?document ?\d*$|untitled|microsoft word|.*\.docx?$", re.IGNORECASE)
