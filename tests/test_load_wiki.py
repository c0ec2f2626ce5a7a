"""Wiki text."""

from __future__ import annotations

import pytest

from tests.loading import SAMPLES, check_golden, document, lines, load, notes

PAGE = """= Battle of Ash =

Infobox
- Conflict: Battle of Ash
- Combatant1: Norland, {{flag}} Estland
- Combatant2: ,
- Commander1: 25px Ann Oak, Bo Elm
- Strength1: 400 ()
- Casualties1: 2 injured ---- 1 lost
- Casualties2:
- Casualties3: 3 bystanders
- Birth_place: Ashford

The '''Battle of ''Ash''''' was fought near [[Ashford, Norland|Ashford]] for {{convert|3|km}}.<ref name="a">Oak,
''Memoirs''</ref> It was won (; ).

==Course==
===Morning===
The following units came:
* 1st Rifles
* 2nd Rifles
----
===Evening===
Quiet.

==References==
* Oak, ''Memoirs''
[[File:Ash.jpg|thumb|The field]]
"""


@pytest.mark.parametrize("sample", SAMPLES[:2], ids=lambda path: path.stem[:3])
def test_samples_look_as_agreed(sample) -> None:
    check_golden(sample)


def test_infobox_fields_become_fact_lines() -> None:
    assert lines(PAGE, "facts") == [
        "Conflict: Battle of Ash",
        "Combatant1: Norland, Estland",
        "Commander1: Ann Oak, Bo Elm",
        "Strength1: 400",
        "Casualties1: 2 injured; 1 lost",
        "Casualties3: 3 bystanders",
        "Birth_place: Ashford",
    ]


def test_notes_say_what_a_fact_line_does_not() -> None:
    beside = notes(PAGE)
    dead = "casualties and losses: killed, wounded, captured, lost"
    assert beside["Casualties1: 2 injured; 1 lost"] == f"Battle of Ash, {dead}, side 1 (Norland, Estland)"
    assert beside["Casualties3: 3 bystanders"] == f"Battle of Ash, {dead}, others"
    assert beside["Combatant1: Norland, Estland"] == "Battle of Ash, belligerent, side 1"
    assert beside["Birth_place: Ashford"] == "Battle of Ash, place of birth, born"
    assert beside["1st Rifles"] == "The following units came:"


def test_marks_go_and_words_stay_where_they_were() -> None:
    loaded = document(PAGE)
    sentence = "The Battle of Ash was fought near Ashford for 3 km. It was won."
    assert lines(PAGE, "prose")[0] == sentence
    place = loaded.text.index("fought")
    start, end = loaded.source_span(place, place + 6)
    assert PAGE[start:end] == "fought"
    assert loaded.line_at(place) == 14
    assert loaded.line_at(loaded.text.index("2 injured")) == 9


def test_headings_nest_and_references_stand_apart() -> None:
    found = [(section.heading, section.kind) for section in document(PAGE).sections]
    assert found == [
        ((), "facts"),
        ((), "prose"),
        (("Course", "Morning"), "prose"),
        (("Course", "Morning"), "list"),
        (("Course", "Evening"), "prose"),
        (("References",), "references"),
    ]
    assert {left.what: left.count for left in load(PAGE).left_out} == {
        "empty fields": 2,
        "empty mark-up": 1,
        "image lines": 1,
    }


def test_an_infobox_template_and_a_table_become_lines() -> None:
    text = (
        "{{Infobox person\n| name = Ann Oak\n| image = Ann.jpg\n| birth_date = {{birth date|1901|2|3}}\n"
        "| spouse = Bo<br />Cy\n}}\n'''Ann Oak''' was a judge.\n\n"
        '{| class="wikitable"\n! Year !! Post\n|-\n| 1930 || Judge\n|-\n| 1940 || [[Senator]]\n|}\n'
    )
    assert document(text).title == "Ann Oak"
    assert lines(text, "facts") == ["name: Ann Oak", "birth_date: 1901-2-3", "spouse: Bo; Cy"]
    assert lines(text, "table") == ["Year: 1930; Post: Judge", "Year: 1940; Post: Senator"]


def test_a_list_may_stand_before_what_introduces_it() -> None:
    text = "= A =\n==Units==\n* Rifles\n* Guns\n\nIt rained.\n\nThe following units came:\n\n==End==\nDone.\n"
    assert notes(text) == {"Rifles": "The following units came:", "Guns": "The following units came:"}
