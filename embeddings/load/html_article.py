"""Which part of a web page is its article; the rest is furniture: navigation, banners, footers, forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from embeddings.load.html_tree import Element
from embeddings.mapped import MappedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What is known of a page's article: the element that holds it whole, its words, and what the page says of it."""

    root: Element
    container: Element
    words: str
    size: dict[Element, int]
    title: str | None = None
    author: str | None = None
    url: str | None = None

    def holds(self, text: str) -> bool:
        """Whether the extractor took this text to be of the article."""
        return _bare(text) in self.words

    def is_furniture(self, element: Element) -> bool:
        """Whether an element is no part of the article, wherever it stands."""
        return _furniture(element, self.size, self.size[self.root])


def find_article(root: Element, page: str) -> Article:
    """The article of a page: the smallest element with all that trafilatura extracts, and its metadata.

    trafilatura (Barbaresi, ACL 2021) says where the article is; what stands there is then taken whole, since it leaves
    out fact boxes and some tables and lists.
    """
    found = _extracted(page)
    words = _bare(found.text or "") if found is not None else ""
    size: dict[Element, int] = {}
    _measure(root, words, size)
    if not size[root]:
        words = ""
        _measure(root, None, size)
    return Article(
        root=root,
        container=_container(root, size),
        words=words,
        size=size,
        title=found and found.title,
        author=found and found.author,
        url=found and found.url,
    )


def _extracted(page: str) -> Any:
    if len(page) > _MAX_EXTRACTED:
        return None
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            page,
            favor_recall=True,
            include_comments=False,
            with_metadata=True,
        )
    except Exception:  # whatever a page does to it, the page's own structure is left to go by
        return None


def _measure(element: Element, words: str | None, size: dict[Element, int]) -> int:
    """Count the characters of the article in each element; `words` None: all characters."""
    total = 0
    for child in element.children:
        if isinstance(child, MappedText):
            bare = _bare(child.text)
            if words is None or (len(bare) >= _TELLING and bare in words):
                total += len(bare)
        elif child.tag not in _DROPPED:
            total += _measure(child, words, size)
        else:
            _nothing(child, size)
    size[element] = total
    return total


def _nothing(element: Element, size: dict[Element, int]) -> None:
    for each in element.walk():
        size[each] = 0


def _container(root: Element, size: dict[Element, int]) -> Element:
    here = root
    while here.tag not in ("article", "main") and here.attributes.get("role") != "main":
        inner = next((child for child in here.elements() if size[child] >= _WHOLE * size[root] > 0), None)
        if inner is None or inner.tag not in _WRAPPERS:
            break
        if any(_holds_facts(child, size, size[root]) for child in here.elements() if child is not inner):
            break
        here = inner
    return here


def _holds_facts(element: Element, size: dict[Element, int], whole: int) -> bool:
    if _furniture(element, size, whole):
        return False
    return any(each.tag in ("table", "dl") for each in element.walk())


def _furniture(element: Element, size: dict[Element, int], whole: int) -> bool:
    if element.tag in _DROPPED:
        return True
    if size[element] > _MAIN_SHARE * whole:
        return False  # whatever it is called, it holds the article
    style = element.attributes.get("style", "").replace(" ", "").lower()
    if "hidden" in element.attributes or "display:none" in style or "visibility:hidden" in style:
        return True
    names = f"{element.attributes.get('class', '')} {element.attributes.get('id', '')}"
    names = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names).lower()
    return not _FACT_BOX.search(names) and (_by_structure(element) or bool(_NAMES.search(names)))


def _by_structure(element: Element) -> bool:
    tag, role = element.tag, element.attributes.get("role")
    if tag == "aside" or role == "complementary":
        return next(element.find("table", "dl"), None) is None
    if tag == "header":
        return not element.within("article", "main")
    if tag == "footer":
        return not element.within("blockquote")
    return tag in _FURNITURE or role in _ROLES


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


_MAX_EXTRACTED = 1_500_000  # characters; beyond, extraction takes longer than it helps
_TELLING = 20  # letters of a text that is found in the extracted article by no accident
_WHOLE = 0.98  # the share of the article that its container must hold; extractors now and then add a footer's line
_MAIN_SHARE = 0.3
_DROPPED = frozenset(
    {"script", "style", "template", "noscript", "iframe", "svg", "canvas", "select", "option", "button", "input"}
    | {"textarea", "head", "title", "object", "video", "audio", "datalist", "noembed", "noframes", "map"}
)
_FURNITURE = frozenset({"nav", "form", "dialog", "menu", "label"})
_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar"}
)
_WRAPPERS = frozenset({"html", "body", "div", "main", "article", "section", "form", "center", "#page"})
_FACT_BOX = re.compile(r"infobox|fact-?box|key-?facts|fact-?file")
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|nav|navbar|navbox|navigation|menu|side-?bar|shar(?:e|ing)|social"
    r"|newsletter|subscri(?:be|ption)|sign-?up|promo|advert\w*|ads?|sponsor(?:ed|s)?|banner|pop-?up|modal|overlay|skip"
    r"|skip-?link|toc|pagination|pager|comments?|related|recommend\w*|outbrain|taboola|edit-?section|no-?print|paywall"
    r"|log-?in|search|tool-?bar|footer|copyright|tags|cat-?links|sr-only|visually-hidden|screen-reader-text|print-?only"
    r"|teasers?|trending|most-read|widget)(?:$|[\s_-])"
)
