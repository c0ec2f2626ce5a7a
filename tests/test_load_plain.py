"""Plain text and news, and what holds for every text file."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.load.dates import iso_date
from tests.loading import INVENTED, ROOT, SAMPLES, check_golden, document, lines, load, notes

NEWS = """Bridge shut after cable snaps

By Ann Oak, transport correspondent
Published 17:42, 6 May 2016

KEY FACTS
Opened: 1958
Built by hand
Toll: 3.40 crowns

PORT OAK, May 6 (Press) — The bridge was closed on Friday. He said: "No."

Ferries will carry:

– cyclists;
– lorries

What next
The bridge, which was for eleven years the longest in the country, is to be painted in the spring of next year.
"""


def test_the_sample_looks_as_agreed() -> None:
    check_golden(SAMPLES[4])


def test_a_news_page_has_a_title_a_byline_a_date_and_a_fact_box() -> None:
    loaded = document(NEWS)
    assert loaded.title == "Bridge shut after cable snaps"
    assert dict(loaded.metadata) == {"author": "Ann Oak", "published": "2016-05-06"}
    assert lines(NEWS, "facts") == ["Opened: 1958", "Built by hand", "Toll: 3.40 crowns"]
    assert [section.heading for section in loaded.sections if section.kind == "facts"] == [("KEY FACTS",)]
    assert notes(NEWS)["Toll: 3.40 crowns"] == "Bridge shut after cable snaps, toll"
    assert notes(NEWS)["cyclists;"] == "Ferries will carry:"
    assert loaded.sections[-1].heading == ("What next",)


def test_a_fused_dateline_is_divided_from_the_first_word() -> None:
    loaded = document("Offensive ends\nJanuary 24, 2014 in MaliMilitary sources confirmed it.\nIt is over.\n")
    assert loaded.text.split("\n\n") == [
        "Offensive ends",
        "January 24, 2014 in Mali",
        "Military sources confirmed it.",
        "It is over.",
    ]
    assert loaded.metadata["published"] == "2014-01-24"
    assert loaded.line_at(loaded.text.index("Military")) == 2


def test_facts_may_be_divided_by_blank_lines() -> None:
    text = "Mutiny\n\nTroops seized a fort, reports said.\n\n"
    text += "THE FORT\n\nBuilt: 1843\n\nStores: grain; no oil\n\nIt goes on.\n"
    assert lines(text, "facts") == ["Built: 1843", "Stores: grain; no oil"]
    assert document(text).sections[-1].heading == ()


def test_wrapped_lines_are_one_paragraph_and_long_lines_are_several() -> None:
    wrapped = "Title\n\n" + "\n".join(["a line of some sixty characters that was cut at a margin of it"] * 3) + "\n"
    assert len(lines(wrapped, "prose")) == 2
    assert len(lines("Title\n\n" + "\n".join(["Long. " * 40] * 3), "prose")) == 4


def test_a_heading_with_nothing_under_it_is_text() -> None:
    text = "Title\n\nSome text stands here.\n\nA lonely line\n\nThe end\n\nIt ends here.\n"
    assert lines(text, "prose") == ["Title", "Some text stands here.", "A lonely line", "It ends here."]
    assert document(text).sections[-1].heading == ("The end",)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("January 24, 2014 in Mali", "2014-01-24"),
        ("Updated 6th Sept. 2016", "2016-09-06"),
        ("2016-5-6T10:00", "2016-05-06"),
        ("31 February 2016", None),
        ("May 6", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize("path", [*SAMPLES, *INVENTED], ids=lambda path: path.stem[:3])
def test_sections_are_in_order_and_cover_the_text(path) -> None:
    data = path.read_bytes()
    loaded = document(data, path.name)
    assert document(data, path.name) == loaded
    end = 0
    for section in loaded.sections:
        assert section.start >= end
        assert not loaded.text[end : section.start].strip()
        assert loaded.text[section.start : section.end].strip()
        end = section.end
    assert end == len(loaded.text)
    for note in loaded.notes:
        assert "\n" not in loaded.text[note.start : note.end]


@pytest.mark.parametrize("path", [*SAMPLES, *INVENTED], ids=lambda path: path.stem[:3])
def test_every_character_that_stands_for_one_is_that_one(path) -> None:
    original = path.read_text(encoding="utf-8")
    loaded = document(original)
    assert loaded.source is not None
    for run in loaded.source.runs:
        if run.linear:
            kept, source = loaded.text[run.start : run.end], original[run.source_start : run.source_end]
            assert kept == source.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("content", "title", "found"),
    [
        ("---\nJust some prose.\n---\nMore.\n", "a", [("prose", "Just some prose."), ("prose", "More.")]),
        ("Oak\n=====\n\nOne *oak*.\n\nElm\n-----\n\n- two\n", "Oak", [("prose", "One oak."), ("list", "two")]),
        ("From: a\nTo: b\n\nDear B.\n", "a", [("facts", "From: a"), ("facts", "To: b"), ("prose", "Dear B.")]),
        (
            "Essay\n\nIt is so.\n\nReferences\n[1] Oak A.\n[2] Elm B.\n",
            "Essay",
            [("prose", "It is so."), ("references", "Oak A."), ("references", "Elm B.")],
        ),
        ("References\nReferences\nOak A.\n", "References", [("prose", "References"), ("prose", "Oak A.")]),
        ("= Oak =\n:It is 3&nbsp;km &amp; more.\n", "Oak", [("prose", "It is 3 km & more.")]),
    ],
)
def test_the_shape_is_decided_by_the_content(content: str, title: str, found: list[tuple[str, str]]) -> None:
    loaded = document(content)
    assert loaded.title == title
    assert [
        (section.kind, line)
        for section in loaded.sections
        for line in loaded.text[section.start : section.end].split("\n")
        if line
    ] == found


@given(st.text(alphabet="ab.: \n#=*-|[]{}()'<>!\"\\é🇫🇷—1,;", max_size=200))
def test_any_text_loads_into_a_document_whose_characters_have_a_source(content: str) -> None:
    loaded = load("x" + content).document
    assert loaded.source is not None
    for place, character in enumerate(loaded.text):
        if character.isalnum():
            assert loaded.line_at(place) is not None
    assert [section.end for section in loaded.sections][-1:] in ([], [len(loaded.text)])


@given(st.lists(st.text(alphabet="abc é,", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=6))
def test_loading_a_document_again_changes_no_words(paragraphs: list[str]) -> None:
    text = document("Title\n\n" + "\n\n".join(f"{paragraph}." for paragraph in paragraphs)).text
    assert document(text).text == text


def test_the_evidence_of_nearly_every_question_is_found_in_the_text() -> None:
    loaded = {
        path.name: (path.read_text(encoding="utf-8"), document(path.read_bytes(), path.name)) for path in INVENTED
    }
    questions = [json.loads(line) for line in (ROOT / "benchmarks/invented/gold.jsonl").open(encoding="utf-8")]
    answerable = [question for question in questions if question["answers"]]
    missed = []
    for question in answerable:
        original, found = loaded[question["document"][0]]
        start = original.index(question["evidence"])
        places = found.source.locate(start, start + len(question["evidence"]))
        kept = found.text[min(a for a, _ in places) : max(b for _, b in places)] if places else ""
        if not any(re.sub(r"\*+", "", answer) in kept for answer in question["answers"]):
            missed.append(question["id"])
    assert len(answerable) == 540
    assert missed == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ["word {}", "key {}: value\n", "Heading {}\n", "x {} [[File:a", "{{{{Infobox {}", "**a {} _b"]
)
def test_large_files_of_one_kind_of_line_are_read(line: str) -> None:
    count = 10_000
    loaded = document("Oak\n\n" + "\n".join(line.format(number) for number in range(count)))
    assert str(count - 1) in loaded.text
