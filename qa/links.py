"""A citation as a link that opens its page at the cited words, and as a Web Annotation."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from qa.reply import Citation

_CONTEXT = 4  # words before and after the cited ones that tell one place from another
_LONGEST = 12  # words: a longer text is named by its first and last _CONTEXT ones, so that a link stays short
_WEB = re.compile(r"https?://[^\s\x00-\x1f]+", re.IGNORECASE)
_OPENED_BY_BROWSERS = (".html", ".htm", ".xhtml", ".pdf")


def link(citation: Citation, file: Path | None = None) -> str | None:
    """The address of the cited page, opened at the cited words; a PDF at the cited page.

    That is the document's own URL, else `file` if a browser shows it as a page; None if there is neither.
    """
    page = _page(citation, file)
    if page is None:
        return None
    address, _, fragment = page.partition("#")
    if _ending(address) == ".pdf":
        return page if citation.page is None else f"{address}#page={citation.page}"
    return f"{address}#{fragment.partition(':~:')[0]}:~:{text_directive(citation)}"


def annotation(citation: Citation, file: Path | None = None) -> dict[str, Any] | None:
    """The citation as a W3C Web Annotation of the page that `link` opens; None if there is none.

    The TextPositionSelector counts in `Document.text`, the page's text without markup: code points, half-open.
    """
    page = _page(citation, file)
    if page is None:
        return None
    before, after = _around(citation)
    place = f"{page} {citation.sha256} {citation.start} {citation.end}"
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": uuid5(NAMESPACE_URL, place).urn,  # the same citation has the same id
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "source": page,
            "selector": [
                {"type": "TextQuoteSelector", "exact": citation.text, "prefix": before, "suffix": after},
                {"type": "TextPositionSelector", "start": citation.start, "end": citation.end},
            ],
        },
    }


def text_directive(citation: Citation) -> str:
    """The cited words as a browser finds them, `text=[before-,]first[,last][,-after]`, by the WICG's Text Fragments.

    Only prose has its neighbours named: fields and cells stand apart on their page, and we joined them to lines.
    """
    before, after = _around(citation) if citation.kind in ("prose", "list") else ("", "")
    # what is named must not go over the end of a paragraph
    words_before = before.rpartition("\n")[2].split()[-_CONTEXT:]
    words_after = after.partition("\n")[0].split()[:_CONTEXT]
    words = citation.text.split()
    parts = [words[:_CONTEXT], words[-_CONTEXT:]] if len(words) > _LONGEST or "\n" in citation.text else [words]
    terms = [_encoded(part) for part in parts]
    if _says_something(words_before):
        terms.insert(0, f"{_encoded(words_before)}-")
    if _says_something(words_after):
        terms.append(f"-{_encoded(words_after)}")
    return f"text={','.join(terms)}"


def _around(citation: Citation) -> tuple[str, str]:
    """The parts of the quote before and after the cited text."""
    start = citation.start - citation.quote_start
    return citation.quote[:start], citation.quote[start + len(citation.text) :]


def _says_something(words: list[str]) -> bool:
    return any(character.isalnum() for word in words for character in word)


def _encoded(words: list[str]) -> str:
    # the dash is a mark of the directive as , and & are, but not one of URLs
    return quote(" ".join(words), safe="", errors="replace").replace("-", "%2D")


def _page(citation: Citation, file: Path | None) -> str | None:
    # a document says itself what its URL is; nothing but a web address becomes a link
    if citation.url is not None and _WEB.fullmatch(citation.url):
        return citation.url
    if file is not None and file.suffix.lower() in _OPENED_BY_BROWSERS:
        return file.absolute().as_uri()
    return None


def _ending(address: str) -> str:
    try:
        return PurePosixPath(urlsplit(address).path).suffix.lower()
    except ValueError:  # a host in brackets that is no IPv6 address
        return ""
