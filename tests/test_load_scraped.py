"""Web pages flattened to text."""

from __future__ import annotations

import pytest

from embeddings.load.fused import box_fields
from embeddings.load.subjects import subject_of
from embeddings.mapped import MappedText
from tests.loading import SAMPLES, check_golden, document, lines, load, notes

PAGE = """Siege of Oak
Wars online
Last updated: March 2013

Siege of Oak
DateNovember 2, 1792 – January 11, 1793 LocationOak, Upper March ResultCitadel relieved
Belligerents Flag of Norland.svg Norland Estland flag.svg Estland
Casualties and losses
None 11 killed
Several prisoners [1]

Contents

The siege
The citadel was held for ten weeks.[1][2] It had "[sic]" walls .

Defenders
- the garrison
- the town

Image of the wall.jpg

Related articles
The siege of Elm took place in 1794. It cost 88 men.
<span class="title">Ann Oak</span>
Ann Oak, a judge.

References
1. Oak, Memoirs
2. 1 2 Elm, Letters
"""


def test_the_sample_looks_as_agreed() -> None:
    check_golden(SAMPLES[2])


def test_dates_of_prose_stand_in_their_line() -> None:
    sample = document(SAMPLES[2].read_bytes())
    place = sample.text.index("February 21, 2019, between")
    assert sample.line_at(place) == 19


def test_a_flattened_infobox_becomes_fact_lines() -> None:
    assert lines(PAGE, "facts") == [
        "Date: November 2, 1792 – January 11, 1793",
        "Location: Oak, Upper March",
        "Result: Citadel relieved",
        "Belligerents: Norland; Estland",
        "Casualties and losses: None 11 killed; Several prisoners",
    ]
    assert notes(PAGE)["Result: Citadel relieved"] == "Siege of Oak, result, outcome"
    loaded = document(PAGE)
    assert loaded.line_at(loaded.text.index("None 11")) == 9
    place = loaded.text.index("Citadel relieved")
    assert PAGE[slice(*loaded.source_span(place - 8, place + 16))] == "ResultCitadel relieved"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'Revenue▲ 312 million (1987) Number of employees1,440 Motto"See it"',
            ["Revenue: ▲ 312 million (1987)", "Number of employees: 1,440", 'Motto: "See it"'],
        ),
        (
            'Other name(s)"The Comb" Total length268 m No. of spans13 ISBN—',
            ['Other name(s): "The Comb"', "Total length: 268 m", "No. of spans: 13", "ISBN: —"],
        ),
        ("Chamber of Deputies21 / 180 Senate4", ["Chamber of Deputies: 21 / 180", "Senate: 4"]),
        ("OverviewHeadquartersDunmorrow LocaleDale", ["Overview: ", "Headquarters: Dunmorrow", "Locale: Dale"]),
        ("Deathssee below Websitewww.a.org", ["Deaths: see below", "Website: www.a.org"]),
        ("RefereeJock McAllister Venue3rd Ground", ["Referee: Jock McAllister", "Venue: 3rd Ground"]),
    ],
)
def test_fused_labels_are_divided_from_values(line: str, expected: list[str]) -> None:
    fields = box_fields([MappedText.original(line)])
    assert [f"{field.label.text}: {field.value.text}" for field in fields] == expected


def test_prose_keeps_its_words_and_loses_its_marks() -> None:
    assert lines(PAGE, "prose") == ['The citadel was held for ten weeks. It had "[sic]" walls.']
    assert lines(PAGE, "list") == ["the garrison", "the town"]
    assert {left.what: left.count for left in load(PAGE).left_out} == {"page furniture": 5}


def test_each_related_paragraph_has_its_own_subject() -> None:
    related = [section.subject for section in document(PAGE).sections if section.kind == "related"]
    assert related == ["siege of Elm", "Ann Oak"]
    assert lines(PAGE, "references") == ["Oak, Memoirs", "1 2 Elm, Letters"]


@pytest.mark.parametrize(
    ("paragraph", "subject"),
    [
        ("The battle of Farimake took place in 2018.", "battle of Farimake"),
        ("Siege of Taal (1794): the Leskians lost.", "Siege of Taal"),
        ("Straits Union – a customs union.", "Straits Union"),
        ("Ba Ag Moussa was a militant.", "Ba Ag Moussa"),
        ("On April 2, 2021, insurgents of the Northern Front attacked Ash.", "Northern Front"),
        ("nothing here has a name", None),
    ],
)
def test_a_paragraph_names_its_subject(paragraph: str, subject: str | None) -> None:
    assert subject_of(paragraph) == subject
