"""Web pages: the article without the page's furniture, each character mapped to the page as it was written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from embeddings.clean import Decoded, clean, decode, tidy
from embeddings.load.base import Loaded, Source
from embeddings.load.facts import Field
from embeddings.load.html_article import Article, find_article
from embeddings.load.html_metadata import described, title_of
from embeddings.load.html_tree import BLOCKS, Element, parse
from embeddings.load.limits import Deadline, Limits
from embeddings.load.page import Page
from embeddings.load.subjects import same_name
from embeddings.load.table import Cell, Row, add_table
from embeddings.mapped import MappedText


def load(source: Source, limits: Limits) -> Loaded:
    """The document of a web page; raises UnreadableFile if it is not text or takes too long."""
    deadline = limits.start()
    decoded = _decode(source.data)
    text, repaired = clean(MappedText.original(decoded.text))
    root = parse(text, deadline)
    article = find_article(root, text.text)
    deadline.check()
    page = Page(source, title=title_of(root, article) or PurePosixPath(source.name).stem)
    page.metadata.update(described(root, article))
    _Reader(page, article, deadline).block(article.container)
    return page.finish(original=decoded.text, encoding=decoded.encoding, repaired=repaired)


def _decode(data: bytes) -> Decoded:
    """Decode by byte order mark, as UTF-8, by what the page says of itself, or as a detector finds."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith(_MARKS):
        name = declared["charset"].decode("ascii").lower()
        name = _WEB_NAMES.get(name, name)
        try:
            data.decode("utf-8")
            plausible = b"\x1b" in data  # else it is UTF-8 whatever it says
        except UnicodeDecodeError:
            plausible = name != "utf-8"
        if plausible:
            try:
                return Decoded(text=data.decode(name), encoding=codecs.lookup(name).name)
            except (LookupError, ValueError):
                pass
    return decode(data)


class _Reader:
    """Walks the article and adds its blocks to the page."""

    def __init__(self, page: Page, article: Article, deadline: Deadline) -> None:
        self.page = page
        self.article = article
        self.deadline = deadline

    def block(self, element: Element) -> None:
        """Add what an element holds: runs of text as paragraphs, blocks each by its kind."""
        run: list[Element | MappedText] = []
        for child in element.children:
            if isinstance(child, Element) and self.article.is_furniture(child):
                self.leave_out(child)
            elif isinstance(child, Element) and _holds_blocks(child):
                self.paragraph(run)
                run = []
                self.element(child)
            else:
                run.append(child)
        self.paragraph(run)

    def element(self, element: Element) -> None:
        """Add one block."""
        self.deadline.check()
        tag = element.tag
        if re.fullmatch("h[1-6]", tag):
            text = element.plain()
            if text and not (tag == "h1" and same_name(text, self.page.title)):
                self.page.heading(text, level=int(tag[1]))
        elif tag in ("ul", "ol"):
            self.list(element)
        elif tag == "dl":
            self.definitions(element)
        elif tag == "table":
            self.table(element)
        elif tag == "p" and not any(_holds_blocks(child) for child in element.elements()):
            self.paragraph(element.children)
        else:
            self.block(element)

    def paragraph(self, nodes: Iterable[Element | MappedText]) -> None:
        """Add a run of text; two line breaks divide it."""
        nodes = list(nodes)
        for part in self.inline(nodes).split(_PARAGRAPH_END):
            text = part.strip()
            if not text:
                continue
            links = sum(len(each.plain()) for node in nodes if isinstance(node, Element) for each in _links(node))
            if links >= 0.9 * len(text) and len(text.text.split()) <= 8 and not self.article.holds(text.text):
                self.page.leave_out("link lines")
            else:
                self.page.prose(text)

    def list(self, element: Element) -> None:
        """Add the items of a list, those of lists within it after the item that they belong to."""
        items = [child for child in element.elements() if not self.article.is_furniture(child)]
        if _only_links(items) and not any(self.article.holds(item.plain()) for item in items if len(item.plain()) > 12):
            self.page.leave_out("link lists")
            return
        if "references" in element.attributes.get("class", "").lower():
            path = [name.lower() for name in self.page.heading_path]
            if not any("reference" in name or name in ("notes", "footnotes", "sources") for name in path):
                self.page.heading("References")
        for item in items:
            if item.tag in ("ul", "ol"):
                self.list(item)
                continue
            inner = [each for each in item.find("ul", "ol", "table") if not _nested(each, item)]
            self.page.item(self.inline(item.children, without=frozenset(inner)))
            for each in inner:
                self.element(each)

    def definitions(self, element: Element) -> None:
        """Add the terms of a definition list: as a box where they are short, else as items."""
        fields: list[Field] = []
        term = MappedText.inserted("")
        for child in element.find("dt", "dd"):
            text = self.inline(child.children).strip()
            if child.tag == "dt":
                term = text.sub(r"\s*:$", "")
            elif term and fields and fields[-1].label is term:
                value = MappedText.join([fields[-1].value, MappedText.inserted("; "), text])
                fields[-1] = Field(label=term, value=value)
            elif term:
                fields.append(Field(label=term, value=text))
        if all(len(field.label) <= 60 for field in fields):
            self.page.box(fields)
        else:
            for field in fields:
                self.page.item(MappedText.join([field.label, MappedText.inserted(": "), field.value]))

    def table(self, element: Element) -> None:
        """Add a table as fact lines; one that only lays out the page is read like the page."""
        box = "infobox" in element.attributes.get("class", "").lower()
        rows = [row for row in element.find("tr") if _is_row(row, element, box)]
        cells = [[cell for cell in row.elements() if cell.tag in ("td", "th")] for row in rows]
        if not box and _lays_out(element, [cell for row in cells for cell in row]):
            for row in cells:
                for cell in row:
                    self.block(cell)
            return
        captions = [each for each in element.find("caption") if not _nested(each, element, "table")]
        caption = captions[0].plain() if captions else None
        table: list[Row] = [[self.cell(cell) for cell in row] for row in cells]
        add_table(self.page, table, caption=caption or None, box=box)

    def cell(self, element: Element) -> Cell:
        """A cell of a table."""
        self.deadline.check()
        lines = [line.strip() for line in self.inline(element.children).lines()]
        parts: list[MappedText] = []
        for line in filter(None, lines):
            parts += [MappedText.inserted("; "), line] if parts else [line]
        return Cell(
            text=MappedText.join(parts),
            heading=element.tag == "th",
            columns=_number(element.attributes.get("colspan")),
            rows=_number(element.attributes.get("rowspan")),
        )

    def inline(self, nodes: Iterable[Element | MappedText], without: frozenset[Element] = frozenset()) -> MappedText:
        """The text of some nodes on one line; line breaks and blocks among them make line ends."""
        return tidy(MappedText.join(self.pieces(nodes, without))).sub(r" *\n *", "\n").sub(r" {2,}", " ")

    def pieces(self, nodes: Iterable[Element | MappedText], without: frozenset[Element]) -> Iterator[MappedText]:
        """The texts of some nodes, with line ends where the page breaks lines."""
        for node in nodes:
            if isinstance(node, MappedText):
                yield node.sub(r"\s+", " ")
            elif node in without:
                continue
            elif node.tag == "br":
                yield _LINE_END
            elif self.article.is_furniture(node):
                self.leave_out(node)
            elif node.tag == "sup" and _REFERENCE_MARK.fullmatch(node.plain()) and next(node.find("a"), None):
                self.page.leave_out("reference marks")
            elif node.tag in BLOCKS:
                yield _LINE_END
                yield from self.pieces(node.children, without)
                yield _LINE_END
            else:
                yield from self.pieces(node.children, without)

    def leave_out(self, element: Element) -> None:
        """Count an element that is not of the article, if there is anything to read in it."""
        if element.tag not in ("script", "style", "template", "head", "svg", "title") and element.plain():
            self.page.leave_out("navigation, banners and other page furniture")


def _holds_blocks(element: Element) -> bool:
    return any(each.tag in BLOCKS for each in element.walk())


def _nested(element: Element, outer: Element, *tags: str) -> bool:
    """Whether between two elements stands another of these tags (else of the kind of lists and tables)."""
    above = element.parent
    while above is not None and above is not outer:
        if above.tag in (tags or ("ul", "ol", "table")):
            return True
        above = above.parent
    return False


def _is_row(row: Element, table: Element, box: bool) -> bool:
    """Whether a row is one of this table; tables within a box are taken for parts of it."""
    return next(row.find("table"), None) is None if box else not _nested(row, table, "table")


def _links(node: Element) -> list[Element]:
    return [node] if node.tag == "a" else list(node.find("a"))


def _only_links(items: list[Element]) -> bool:
    texts = [item.plain() for item in items]
    links = [sum(len(link.plain()) for link in item.find("a")) for item in items]
    return len(items) > 1 and all(part >= 0.9 * len(text) for part, text in zip(links, texts, strict=True))


def _lays_out(table: Element, cells: list[Element]) -> bool:
    if table.attributes.get("role") in ("presentation", "none") or len(cells) < 2:
        return True
    if any(cell.tag == "th" for cell in cells):
        return False
    return any(next(cell.find("table", "h1", "h2", "h3", "h4", "form"), None) for cell in cells) or any(
        len(list(cell.find("p"))) > 1 for cell in cells
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1


_LINE_END = MappedText.inserted("\n")
_PARAGRAPH_END = re.compile(r"\n{2,}")
_REFERENCE_MARK = re.compile(r"\[?(?:\d{1,3}|[a-z]{1,2}|note \d+|citation needed)\]?", re.IGNORECASE)
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*(?P<charset>[\w.:-]{2,40})", re.I
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# what pages mean when they say so (WHATWG Encoding Standard); a page that can be searched for it is not UTF-16
_WEB_NAMES = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"} | dict.fromkeys(
    ["utf-16", "utf-16le", "utf-16be", "utf8"], "utf-8"
)
