"""What a web page says of itself."""

from __future__ import annotations

import re

from embeddings.load.dates import iso_date
from embeddings.load.html_article import Article
from embeddings.load.html_tree import Element


def title_of(root: Element, article: Article) -> str | None:
    """The title of a page: its one first-level heading, else what its head or the extractor says."""
    headings = [text for element in article.container.find("h1") if (text := element.plain())]
    named = _meta(root, "og:title") or next((element.plain() for element in root.find("title")), "")
    if not headings:
        headings = [text for element in root.find("h1") if (text := element.plain())]
    if len(headings) == 1 or (headings and not named):
        return headings[0]
    return article.title or named or None


def described(root: Element, article: Article) -> dict[str, str]:
    """Address, date of publication, author and language, as far as the page says."""
    page = next(root.find("html"), root)
    canonical = next((link.attributes.get("href") for link in root.find("link") if _is_canonical(link)), None)
    times = [time.attributes.get("datetime") or time.plain() for time in article.container.find("time")]
    published = _meta(root, "article:published_time", "datepublished", "date", "dc.date", "pubdate") or _linked_data(
        root
    )
    found = {
        "url": canonical or _meta(root, "og:url") or article.url,
        "published": iso_date(published or "") or next(filter(None, map(iso_date, times)), None),
        "author": _meta(root, "author", "article:author", "dc.creator") or article.author,
        "language": page.attributes.get("lang") or page.attributes.get("xml:lang") or _meta(root, "language"),
    }
    return {key: value for key, value in found.items() if value}


def _linked_data(root: Element) -> str | None:
    """The date of publication that a page's JSON-LD gives; dates found in its text are as often those of a change."""
    scripts = [script for script in root.find("script") if "ld+json" in script.attributes.get("type", "")]
    found = next(filter(None, (_DATE_PUBLISHED.search(script.plain()) for script in scripts)), None)
    return found["date"] if found else None


def _is_canonical(link: Element) -> bool:
    return "canonical" in link.attributes.get("rel", "").lower().split()


def _meta(root: Element, *names: str) -> str | None:
    found: dict[str, str] = {}
    for element in root.find("meta"):
        key = element.attributes.get("property") or element.attributes.get("name") or element.attributes.get("itemprop")
        content = " ".join(element.attributes.get("content", "").split())
        if key and content and not content.startswith("http" if "author" in key else "\0"):
            found.setdefault(key.lower(), content)
    return next((found[name] for name in names if name in found), None)


_DATE_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"(?P<date>[^"]{4,40})"')
