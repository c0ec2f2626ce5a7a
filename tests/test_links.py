"""Links that open a page at the cited words, and citations as Web Annotations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.links import annotation, link, text_directive
from qa.reply import Citation
from tests.fakes import LIGHTHOUSE, paper_citation

WEB = "https://example.org/light"
COST = paper_citation(LIGHTHOUSE, "The builders said it cost 12,400 crowns.", "12,400 crowns")
LIT = paper_citation(
    LIGHTHOUSE,
    "It was first lit on 4 May 1871, after six years of building, and its light is seen from 19 sea miles away.",
    "4 May 1871",
)


def said(quote: str, text: str) -> Citation:
    at = quote.index(text)
    return replace(COST, text=text, quote=quote, quote_start=0, start=at, end=at + len(text))


@pytest.mark.parametrize(
    ("citation", "directive"),
    [
        (LIT, "text=was%20first%20lit%20on-,4%20May%201871,-%2C%20after%20six%20years"),
        (COST, "text=builders%20said%20it%20cost-,12%2C400%20crowns"),
        (said("Kidal was taken.", "Kidal"), "text=Kidal,-was%20taken."),
        (said("Kidal.", "Kidal"), "text=Kidal"),
        (said("Al-Qaeda & Co – “base”.", "Co"), "text=Al%2DQaeda%20%26-,Co,-%E2%80%93%20%E2%80%9Cbase%E2%80%9D."),
        (said("Opération\nà Tombouctou\nÜber", "Tombouctou"), "text=%C3%A0-,Tombouctou"),
        (said("a b c d e f g h i j k l m", "a b c d e f g h i j k l m"), "text=a%20b%20c%20d,j%20k%20l%20m"),
        (said("one two\nthree", "one two\nthree"), "text=one%20two%20three,one%20two%20three"),
        (replace(said("Date: 4 May 1871", "4 May 1871"), kind="facts"), "text=4%20May%201871"),
        (said("\ud800 x", "x"), "text=x"),
    ],
)
def test_the_words_as_a_browser_finds_them(citation: Citation, directive: str) -> None:
    assert text_directive(citation) == directive


@given(st.text(min_size=1), st.text(min_size=1).filter(str.strip), st.text())
def test_no_word_is_taken_for_a_mark(before: str, text: str, after: str) -> None:
    quote = before + text + after
    one = replace(COST, text=text, quote=quote, quote_start=0, start=len(before), end=len(before) + len(text))
    terms = text_directive(one).removeprefix("text=").split(",")
    core = [term for term in terms if not term.startswith("-") and not term.endswith("-")]
    assert 1 <= len(core) <= 2
    assert len(terms) - len(core) <= 2
    assert not any(mark in term.strip("-") for term in terms for mark in "&-, #")
    if len(core) == 1:
        assert unquote(core[0]) == " ".join(text.split()).encode(errors="replace").decode()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (WEB, f"{WEB}#:~:text=builders%20said%20it%20cost-,12%2C400%20crowns"),
        (f"{WEB}?a=b#cost", f"{WEB}?a=b#cost:~:text=builders%20said%20it%20cost-,12%2C400%20crowns"),
        (f"{WEB}#:~:text=old", f"{WEB}#:~:text=builders%20said%20it%20cost-,12%2C400%20crowns"),
        (f"{WEB}.PDF", f"{WEB}.PDF#page=3"),
        ("javascript:alert(1)", None),
        ("https://a b", None),
        ("https://[x/", "https://[x/#:~:text=builders%20said%20it%20cost-,12%2C400%20crowns"),
        (None, None),
    ],
)
def test_the_documents_own_address(url: str | None, expected: str | None) -> None:
    assert link(replace(COST, url=url, page=3)) == expected


def test_a_local_page(tmp_path: Path) -> None:
    page = tmp_path / "a b.html"
    assert link(COST, page) == f"{page.as_uri()}#:~:text=builders%20said%20it%20cost-,12%2C400%20crowns"
    assert link(replace(COST, page=2), tmp_path / "a.pdf") == f"{tmp_path.as_uri()}/a.pdf#page=2"
    assert link(COST, tmp_path / "a.txt") is None
    assert str(link(replace(COST, url=WEB), page)).startswith(WEB)


def test_a_web_annotation() -> None:
    one = replace(LIT, url=WEB)
    assert annotation(one) == {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "urn:uuid:",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "source": WEB,
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "exact": "4 May 1871",
                    "prefix": "It was first lit on ",
                    "suffix": ", after six years of building, and its light is seen from 19 sea miles away.",
                },
                {"type": "TextPositionSelector", "start": one.start, "end": one.end},
            ],
        },
    } | {"id": str(annotation(one)["id"])}  # type: ignore[index]
    assert annotation(one) == annotation(one)
    assert annotation(one)["id"] != annotation(replace(one, start=0))["id"]  # type: ignore[index]
    assert annotation(LIT) is None
