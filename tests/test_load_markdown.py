"""Markdown and its front matter."""

from __future__ import annotations

from tests.loading import SAMPLES, check_golden, document, lines, load, notes

PAGE = """---
infoboxes:
  - partof:
      text: the Long War
      links:
        - type: internal
          page: Long War
    combatant1:
      text: |-
        🇫🇷 France

        🇹🇩 Chad
    result:
      text: |-
        Victory
        *All towns held.
        *Peace
    casualties1:
      text: |-
        🇫🇷 9 killed
        1 helicopter lost

        🇹🇩 38 killed
         17 killed
    caption:
      text: >-
        An aircraft
        refuels.

        Troops.
  - conflict:
      text: Battle of Elm
    strength1:
      text: "20, \\"about\\""
title: Operation Oak
description: Operation Oak was an operation
  in Ashland.
author: Ann
date: 2014-05-06
img: https://example.org/a.jpg
---

**Operation Oak** was an *operation* in [Ashland](https://example.org).

## Forces

### Empty

### Army
![A tank](https://example.org/a.jpg)
 * 1st Rifles
   with guns
 * 🇨🇦 Canada: one aircraft
The army came late.

The following units came:

| Unit | Men |
|------|----:|
| Rifles | 400 |

## External links
 * A site
Last line
"""


def test_the_sample_looks_as_agreed() -> None:
    check_golden(SAMPLES[3])


def test_front_matter_becomes_fact_lines() -> None:
    assert lines(PAGE, "facts") == [
        "date: 2014-05-06",
        "partof: the Long War",
        "combatant1: France; Chad",
        "result: Victory; All towns held. Peace",
        "casualties1: France 9 killed; 1 helicopter lost; Chad 38 killed; 17 killed",
        "caption: An aircraft refuels. Troops.",
        "conflict: Battle of Elm",
        'strength1: 20, "about"',
    ]
    loaded = load(PAGE)
    assert dict(loaded.document.metadata) == {"author": "Ann", "published": "2014-05-06"}
    assert loaded.document.title == "Operation Oak"
    assert {left.what: left.count for left in loaded.left_out} == {
        "front matter noise": 2,
        "images": 1,
        "repeated description": 1,
    }


def test_a_flag_is_mapped_to_its_country_and_lines_to_their_own() -> None:
    loaded = document(PAGE)
    place = loaded.text.index("Chad 38")
    assert PAGE[slice(*loaded.source_span(place, place + 4))].strip() == "🇹🇩"
    assert loaded.line_at(place) == 23
    assert loaded.line_at(loaded.text.index("Peace")) == 17


def test_a_second_box_has_its_own_subject() -> None:
    subjects = [section.subject for section in document(PAGE).sections if section.kind == "facts"]
    assert subjects == [None, "Battle of Elm"]
    assert notes(PAGE)['strength1: 20, "about"'] == "Battle of Elm, strength, number of troops or vehicles 1"
    assert notes(PAGE)["partof: the Long War"] == "Operation Oak, part of"


def test_the_body_loses_marks_images_and_empty_sections() -> None:
    found = [(section.heading, section.kind) for section in document(PAGE).sections[2:]]
    assert found == [
        ((), "prose"),
        (("Forces", "Army"), "list"),
        (("Forces", "Army"), "prose"),
        (("Forces", "Army"), "table"),
        (("External links",), "references"),
    ]
    assert lines(PAGE, "prose")[0] == "Operation Oak was an operation in Ashland."
    assert lines(PAGE, "list") == ["1st Rifles with guns", "Canada: one aircraft"]
    assert lines(PAGE, "table") == ["Unit: Rifles; Men: 400"]
    assert lines(PAGE, "references") == ["A site", "Last line"]


def test_front_matter_that_is_not_quite_yaml_is_read_all_the_same() -> None:
    text = (
        "---\nname: Oak\ninfobox:\n  languages:\n    *Norse\n    *[flag] Estish\n  cargo: |\n    guano\n"
        "    41 pianos\n"
        '  note: 18, *two lost\n  say: "Yes" (twice)\n  deaths: ()\n  rule: one: two\n'
        "wars: |\n  *First\n  *Second\n---\n"
        "# Oak\n\nText of the page.\n"
    )
    assert lines(text, "facts") == [
        "wars: First; Second",
        "languages: Norse; Estish",
        "cargo: guano; 41 pianos",
        "note: 18, two lost",
        'say: "Yes" (twice)',
        "rule: one: two",
    ]


def test_a_block_of_fields_is_a_box() -> None:
    text = "---\ntitle: Oak\ninfobox: |\n  Height (roof): 171 m\n  Lifts: 18\n---\nText.\n"
    assert lines(text, "facts") == ["Height (roof): 171 m", "Lifts: 18"]


def test_broken_yaml_warns_and_loses_nothing() -> None:
    loaded = load("---\ntitle: Oak\nheight: [1, 2\nage: 7\n---\nText.\n")
    assert loaded.warnings[0].startswith("the front matter is not valid YAML")
    assert "age: 7" in loaded.document.text
    assert loaded.document.title == "Oak"


def test_other_front_matter_is_recognised() -> None:
    loaded = load('+++\ntitle = "Oak"\ndate = 2014-05-06\n+++\n\n# Elm\n\nText.\n')
    assert (loaded.document.title, loaded.document.text) == ("Oak", "Text.")


def test_code_and_escapes_stay_as_words() -> None:
    text = "# Oak\n\n```sh\nmake all\n```\n\n"
    text += "Use `make` with 2 \\* 3 and snake_case_names and 4 * 5 * 6.\n\nTitle\n-----\nEnd.\n"
    assert lines(text, "prose") == ["make all", "Use make with 2 * 3 and snake_case_names and 4 * 5 * 6.", "End."]
