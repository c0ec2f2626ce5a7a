"""HTML as a tree whose texts know where in the page they stand; nothing a page does wrong makes it fail."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from embeddings.load.limits import Deadline
from embeddings.mapped import MappedText

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"}
    | {"html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td"}
    | {"tfoot", "th", "thead", "tr", "ul"}
)


@dataclass(slots=True, eq=False)
class Element:
    """An element of the page: its tag, attributes and children, which are elements and texts."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | MappedText] = field(default_factory=list)

    def elements(self) -> Iterator[Element]:
        """The children that are elements."""
        return (child for child in self.children if isinstance(child, Element))

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in the order of the page."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(list(element.elements()))

    def find(self, *tags: str) -> Iterator[Element]:
        """All elements below with one of these tags."""
        return (element for element in self.walk() if element is not self and element.tag in tags)

    def within(self, *tags: str) -> bool:
        """Whether an element with one of these tags holds this one."""
        above = self.parent
        while above is not None and above.tag not in tags:
            above = above.parent
        return above is not None

    def plain(self) -> str:
        """The text of the element, blanks collapsed."""
        return " ".join("".join(_texts(self)).split())


def parse(page: MappedText, deadline: Deadline) -> Element:
    """The tree of a page; characters of its texts stand for what `page`'s stand for, an entity's for the entity.

    html.parser gives positions too, but (Python 3.11) takes minutes on torn comments and gives up on torn declarations.
    """
    builder = _Builder()
    scanner = _Scanner(page, builder)
    while scanner.step():
        deadline.check()
    return builder.root


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, MappedText):
            yield child.text
        elif child.tag not in ("script", "style"):
            yield " " if child.tag in BLOCKS or child.tag == "br" else ""
            yield from _texts(child)


class _Builder:
    """Puts tags and texts into a tree, closing what pages leave open."""

    def __init__(self) -> None:
        self.root = Element("#page", {})
        self._open = [self.root]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _CLOSES:
            self._close(*_CLOSES[tag])
        if tag in BLOCKS:
            self._close(frozenset({"p"}), _P_FENCES)
        if tag in _ENDS_HEADING:
            self._close(_HEADINGS, _P_FENCES)
        if len(self._open) <= _MAX_DEPTH or tag in VOID:
            element = Element(tag, attributes, self._open[-1])
            self._open[-1].children.append(element)
            if tag not in VOID:
                self._open.append(element)

    def end(self, tag: str) -> None:
        self._close(frozenset({tag}), _END_FENCES - {tag})

    def text(self, text: MappedText) -> None:
        if text:
            self._open[-1].children.append(text)

    def _close(self, tags: frozenset[str], fences: frozenset[str]) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in tags:
                del self._open[place:]
                return
            if self._open[place].tag in fences:
                return


class _Scanner:
    """Goes through a page once, tag by tag; a search that finds nothing is never made again, so time is linear."""

    def __init__(self, page: MappedText, builder: _Builder) -> None:
        self._page = page
        self._text = page.text
        self._builder = builder
        self._at = 0
        self._unclosed: set[str] = set()
        self._last = {mark: self._text.rfind(mark) for mark in ('"', "'", ">", "-->", "]]>")}

    def step(self) -> bool:
        """Take the next text or tag; False at the end of the page."""
        text, at = self._text, self._at
        if at >= len(text):
            return False
        tag = _TAG_NAME.match(text, at)
        if tag:
            self._tag(tag)
        elif text.startswith("<!--", at):
            self._at = self._after("-->", at + 2)  # "<!-->" is a whole comment
        elif text.startswith("<![CDATA[", at):
            self._at = self._after("]]>", at)
            self._builder.text(self._page[at + 9 : max(at + 9, self._at - 3)])
        elif text.startswith(("<!", "<?", "</"), at):
            self._at = self._after(">", at)
        else:
            end = text.find("<", at + 1)
            self._at = len(text) if end < 0 else end
            self._builder.text(_decoded(self._page[at : self._at]))
        return True

    def _after(self, mark: str, at: int) -> int:
        """Where the first `mark` after `at` ends; without one, the end of the tag, or of the page."""
        if self._last[mark] >= at:
            return self._text.index(mark, at) + len(mark)
        return self._after(">", at) if mark != ">" else len(self._text)

    def _tag(self, tag: re.Match[str]) -> None:
        name = tag[1].lower()
        self._at = tag.end()
        attributes = self._attributes()
        if tag.group().startswith("</"):
            self._builder.end(name)
            return
        self._builder.start(name, attributes)
        if name in _RAW:
            stop = self._end_of_raw(name)
            content = self._page[self._at : stop]
            self._builder.text(_decoded(content) if name in ("title", "textarea") else content)
            self._builder.end(name)
            self._at = stop

    def _end_of_raw(self, name: str) -> int:
        if name not in self._unclosed:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._text, self._at)
            if end:
                return end.start()
            self._unclosed.add(name)
        next_tag = self._text.find("<", self._at) if name == "title" else -1  # a torn title must not swallow the page
        return len(self._text) if next_tag < 0 else next_tag

    def _attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while match := _ATTRIBUTE.match(self._text, self._at):
            self._at = match.end()
            value = self._value() if match[2] else ""
            found.setdefault(match[1].lower(), html.unescape(value))
        self._at = self._after(">", self._at)
        return found

    def _value(self) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote in ('"', "'") and self._last[quote] > self._at:
            start = self._at + 1
            end = self._text.index(quote, start)
            self._at = end + 1
            return self._text[start:end]
        match = _UNQUOTED.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return match.group()


def _decoded(text: MappedText) -> MappedText:
    return text.sub(_ENTITY, lambda match: html.unescape(match.group())) if "&" in text.text else text


# a start tag ends these open elements, unless one of the fences stands between
_CLOSES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "th": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody"}), frozenset({"table"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
}
_P_FENCES = frozenset({"td", "th", "table", "button", "object"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENDS_HEADING = _HEADINGS | {"p", "ul", "ol", "dl", "table", "section", "article"}
_END_FENCES = frozenset({"table"})  # an end tag inside a table does not close what the table stands in
_MAX_DEPTH = 150  # real pages nest some thirty deep; what is deeper is flattened
_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title"})  # no tags inside
_TAG_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=][^\s/>=]*)(\s*=\s*)?")
_UNQUOTED = re.compile(r"[^\s>]*")
_ENTITY = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{0,31});?")
