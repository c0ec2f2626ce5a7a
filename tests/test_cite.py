"""Citations that a machine can check, on every sentence of the sample documents and on pages worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from embeddings.clean import decode
from embeddings.document import Document, Section
from embeddings.passage import Passage, SplitSettings, split
from embeddings.sentences import sentences
from qa.cite import cite, cite_stretch, quote_of
from qa.reply import Citation, Span
from tests.fakes import LIGHTHOUSE, WordEncoder, paper_passage
from tests.loading import SAMPLES

ORIGINALS = {path.name: decode(path.read_bytes()).text for path in SAMPLES}
count_words = WordEncoder().count_tokens


def cited(words: str, passage: Passage, document: Document) -> Citation:
    start = passage.start + passage.text.index(words)
    span = Span(passage=passage, start=start, end=start + len(words), score=1.0)
    citation = cite(span, document, collection="index")
    assert citation.text == span.text == words
    assert quote_of(span, document) == citation.quote
    return citation


def first(document: Document, words: str, kind: str) -> Passage:
    return next(p for p in split(document, SplitSettings(), count_words) if p.kind == kind and words in p.text)


def line_of(document: Document, citation: Citation) -> str:
    assert citation.line is not None
    return ORIGINALS[document.id].splitlines()[citation.line - 1]


def test_the_prose_of_a_scraped_page_is_cited_by_its_line(samples: dict[str, Document]) -> None:
    document = samples["002"]
    citation = cited("February 21, 2019", first(document, "February 21, 2019", "prose"), document)
    assert citation.line == 19
    assert "February 21, 2019" in line_of(document, citation)
    assert (citation.document, citation.sha256, citation.title) == (document.id, document.sha256, document.title)
    assert citation.source_start is not None
    assert ORIGINALS[document.id][citation.source_start : citation.source_end] == "February 21, 2019"
    assert citation.collection == "index"
    assert (citation.attributed_to, citation.denied, citation.page) == (None, False, None)


def test_a_fact_is_quoted_with_its_whole_line(samples: dict[str, Document]) -> None:
    document = samples["000"]
    citation = cited("2 injured", first(document, "2 injured", "facts"), document)
    assert citation.quote.endswith("2 injured")
    assert "asualties" in citation.quote
    assert "\n" not in citation.quote
    assert line_of(document, citation) == "- Casualties1: 2 injured"


def test_a_repaired_answer_points_to_what_the_file_says(samples: dict[str, Document]) -> None:
    document = samples["003"]
    citation = cited("Opération", first(document, "Opération", "prose"), document)
    assert ORIGINALS[document.id][citation.source_start : citation.source_end] == "OpÃ©ration"


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_every_citation_is_the_slice_it_names_and_stands_in_its_quote(
    samples: dict[str, Document], number: str
) -> None:
    document = samples[number]
    original = ORIGINALS[document.id]
    for passage in split(document, SplitSettings(), count_words):
        for a, b in sentences(passage.text):
            words = passage.text[a:b]
            middle = words.split()[len(words.split()) // 2]
            for part in (words, middle):
                at = passage.start + a + words.index(part)
                span = Span(passage=passage, start=at, end=at + len(part), score=0.0)
                citation = cite(span, document, collection="")
                assert document.text[citation.start : citation.end] == citation.text == part
                within = citation.start - citation.quote_start
                assert citation.quote[within : within + len(part)] == part
                quoted = document.text[citation.quote_start : citation.quote_start + len(citation.quote)]
                assert quoted == citation.quote == citation.quote.strip()
                section = document.section_at(at)
                assert section is not None
                assert section.start <= citation.quote_start
                assert citation.quote_start + len(citation.quote) <= section.end
                assert (citation.heading, citation.kind) == (section.heading, section.kind)
                assert citation.source_start is not None
                if number != "003":  # the only one in which characters are repaired
                    source = original[citation.source_start : citation.source_end]
                    assert all(word in source for word in part.split()) or passage.kind in ("facts", "table")
                if citation.line is not None:
                    assert original.splitlines()[citation.line - 1].strip()


def test_a_sentence_is_quoted_whole_and_two_if_the_answer_crosses_them() -> None:
    body = paper_passage(LIGHTHOUSE, LIGHTHOUSE.text[: LIGHTHOUSE.text.index("\n")])
    assert cited("Velland", body, LIGHTHOUSE).quote == (
        "Marrow Point Lighthouse stands on the northern coast of Velland."
    )
    crossing = cited("Velland. It", body, LIGHTHOUSE)
    assert (crossing.quote_start, crossing.quote) == (0, body.text)


def test_fact_lines_and_table_rows_are_quoted_as_lines_whatever_stands_in_them() -> None:
    text = "Built: 1865. Lit: 1871.\nKeeper: Rill"
    document = replace(LIGHTHOUSE, text=text, sections=(Section(heading=(), start=0, end=len(text), kind="facts"),))
    for kind, quote in (
        ("facts", "Built: 1865. Lit: 1871."),
        ("table", "Built: 1865. Lit: 1871."),
        ("list", "Lit: 1871."),
    ):
        citation = cite_stretch(document, 18, 22, collection="", kind=kind, heading=())  # type: ignore[arg-type]
        assert (citation.text, citation.quote) == ("1871", quote)
    whole = cite_stretch(document, 0, 23, collection="", kind="facts", heading=())
    assert whole.quote == whole.text == "Built: 1865. Lit: 1871."
    last = cite_stretch(document, 32, 36, collection="", kind="facts", heading=())
    assert (last.text, last.quote) == ("Rill", "Keeper: Rill")


def test_pages_and_metadata_are_told_where_there_are_some() -> None:
    document = replace(
        LIGHTHOUSE,
        page_starts=(0, 30),
        source=None,
        line_starts=(),
        metadata={"url": "https://velland.example", "published": "1871-05-04", "pages": 2},
    )
    places = [cite_stretch(document, start, start + 5, collection="", kind="prose", heading=()) for start in (24, 33)]
    assert [place.page for place in places] == [1, 2]
    assert [(place.line, place.source_start, place.source_end) for place in places] == [(None, None, None)] * 2
    assert {(place.url, place.published) for place in places} == {("https://velland.example", "1871-05-04")}


def test_identity_is_the_place_not_the_words(samples: dict[str, Document]) -> None:
    document = samples["001"]
    passages = split(document, SplitSettings(), count_words)
    twice = list(islice((cited("Konna", p, document) for p in passages if p.kind == "prose" and "Konna" in p.text), 2))
    assert twice[0].text == twice[1].text
    assert twice[0].start != twice[1].start
