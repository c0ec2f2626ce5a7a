"""Which questions ask for several things, and the parts that an enumeration has."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.several import asks_for_several, parts


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
