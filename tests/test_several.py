"""Which questions ask for several things, and the parts that an enumeration has."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.several import asks_for_several, enumeration, parts


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which ferries cross the sound?", True),
        ("Which old wooden ferries did the council sell?", True),
        ("What two things did the pilots demand?", True),
        ("Who were the keepers of the light?", True),
        ("Which aircraft did the coast guard lend?", True),
        ("Which women signed the petition?", True),
        ("Name the members of the board.", True),
        ("In which two towns were field kitchens set up?", True),
        ("Which ferry crosses the sound?", False),
        ("Which bus goes to the harbour?", False),
        ("Which river flows through Tull?", False),
        ("Which company owns Osmer?", False),
        ("Which gas field burned?", False),
        ("What makes Tull famous?", False),
        ("Which keepers of Tull were paid?", True),
        ("What crisis followed?", False),
        ("Who kept the light?", False),
        ("How many ferries cross the sound?", False),
        ("Why were the ferries sold?", False),
        ("When did the ferries stop?", False),
        ("Name one of the ferries.", False),
    ],
)
def test_a_plural_or_a_number_asks_for_several(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("Ada Fenwick, Tomas Rill and Ina Rill", ["Ada Fenwick", "Tomas Rill", "Ina Rill"]),
        ("Ada Fenwick; Tomas Rill", ["Ada Fenwick", "Tomas Rill"]),
        ("first on 10 May, and then again on 20 May", ["10 May", "20 May"]),
        ("two tugs and three lighters", ["two tugs", "three lighters"]),
        ("two tugs, six salvage and fire boats and a barge", ["two tugs", "six salvage and fire boats", "a barge"]),
        (
            "the Bay Line and the League for Order and Light (LOL)",
            ["the Bay Line", "the League for Order and Light (LOL)"],
        ),
        ("the tug (old, slow) and the barge", ["the tug (old, slow)", "the barge"]),
        ("- nets\n- lamps\n- rope", ["nets", "lamps", "rope"]),
        ("First Lamp War and Second Lamp War", ["First Lamp War", "Second Lamp War"]),
        ("1,200 men", []),
        ("Ada Fenwick", []),
        ("sand", []),
        (", and", []),
        ("", []),
    ],
)
def test_an_enumeration_has_these_parts(text: str, divided: list[str]) -> None:
    assert [text[start:end].removeprefix("- ") for start, end in parts(text)] == divided


@given(st.text(alphabet="ab ,;.()1and\n-", max_size=40))
def test_parts_stand_in_order_and_apart_and_hold_words(text: str) -> None:
    found = parts(text)
    assert len(found) != 1
    assert all(any(mark.isalnum() for mark in text[start:end]) for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("Kept by Ada Fenwick, Tomas Rill and Ina Rill in 1871.", "Tomas Rill", "Ada Fenwick, Tomas Rill and Ina Rill"),
        ("Keepers: Ada Fenwick, Tomas Rill", "Ada Fenwick", "Ada Fenwick, Tomas Rill"),
        ("Lost: two tugs, a barge and one lighter.", "two tugs", "two tugs, a barge and one lighter"),
        ("They sold two tugs and went home.", "two tugs", "two tugs"),
        ("Ada Fenwick (born 1840), Tomas Rill and others came.", "Ada Fenwick", "Ada Fenwick (born 1840), Tomas Rill"),
        ("Ada Fenwick, who kept the lamp, and Tomas Rill", "Ada Fenwick", "Ada Fenwick"),
        ("They burned peat and driftwood in winter.", "peat", "peat and driftwood"),
        ("Ada Fenwick and 12 men", "Ada Fenwick", "Ada Fenwick"),
        ("Tomas Rill", "Tomas Rill", "Tomas Rill"),
        ("The ships Ada, Bea and Cora sank.", "Bea", "Bea and Cora"),
        ("Sides: Tull, Osmer. Later Velmar joined.", "Tull", "Tull, Osmer"),
    ],
)
def test_a_part_is_given_with_the_like_things_beside_it(text: str, found: str, whole: str) -> None:
    start = text.index(found)
    begin, end = enumeration(text, start, start + len(found))
    assert text[begin:end] == whole


@given(st.text(alphabet="ab AB,;.()1and\n-", min_size=1, max_size=40), st.data())
def test_an_enumeration_holds_the_part_it_was_found_by(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    begin, stop = enumeration(text, start, end)
    assert 0 <= begin <= start < end <= stop <= len(text)


@pytest.mark.parametrize("text", ["a, " * 2000, " " * 5000, "Ada and " * 900, "1 a, " * 1200])
def test_a_text_without_end_is_taken_apart_in_no_time(text: str) -> None:
    began = time.perf_counter()
    enumeration(text, len(text) // 2, len(text) // 2 + 1)
    parts(text)
    assert time.perf_counter() - began < 2
