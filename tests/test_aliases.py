"""What documents spell out: short forms beside long ones, in either order, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.aliases import Alias, mine


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("the Harbour Pilots Union (HPU) struck", "HPU", "Harbour Pilots Union"),
        ("the HPU (Harbour Pilots Union) struck", "HPU", "Harbour Pilots Union"),
        ("the HPU (the Harbour Pilots Union) struck", "HPU", "Harbour Pilots Union"),
        ("Movement of Xeric and Yeoman Farmers (MXYF)", "MXYF", "Movement of Xeric and Yeoman Farmers"),
        ("of magnetic resonance imaging (MRI) scans", "MRI", "magnetic resonance imaging"),
        ("rebels of the Front for the Liberation of Velland (FLV), who", "FLV", "Front for the Liberation of Velland"),
        # the short form is another language's
        ("the Volunteer Commandos Group (GCV)", "GCV", "Volunteer Commandos Group"),
        (
            "Movement for Unity and Peace in West Velland (MUPVO)",
            "MUPVO",
            "Movement for Unity and Peace in West Velland",
        ),
        ("the Union des Écoles de l'Ouest (UEO)", "UEO", "Union des Écoles de l'Ouest"),
        ("Jama'at al-Nur wal-Safa (JNS)", "JNS", "Jama'at al-Nur wal-Safa"),
        ("the 21e Régiment d'Infanterie de Marine (21e RIMa)", "RIMa", "Régiment d'Infanterie de Marine"),
        ("**Osmer Wreck Group** (OWG)", "OWG", "Osmer Wreck Group"),
        ("County Water (CoWa)", "CoWa", "County Water"),
        ("the Farm & Forge (F&F) list", "F&F", "Farm & Forge"),
        ("Coastal Aid Force ( CAF; French: FAC)", "CAF", "Coastal Aid Force"),
        ('the Velland Space Office ("VSO")', "VSO", "Velland Space Office"),
    ],
)
def test_a_short_form_is_found_with_what_it_stands_for(text: str, short: str, long: str) -> None:
    assert mine(text) == [Alias(short=short, long=long)]


@pytest.mark.parametrize(
    "text",
    [
        "Osmer (Velland)",
        "1,000 sailors (HPU)",
        "he told the radio (BBC)",
        "Osric Pell (WIA)",
        "the ninth of May (1871)",
        "Gunboats (see above) and Harbour\n(HG)",
        "Ada Fenwick (architect)",
        "(HPU)",
        "Harbour Pilots Union ()",
        "The HPU (founded in 1871) struck",
        "HPU",
    ],
)
def test_what_is_in_brackets_for_another_reason_is_no_name(text: str) -> None:
    assert mine(text) == []


def test_each_is_told_once_and_in_the_order_of_the_text() -> None:
    text = "Velland Sea Office (VSO). Osmer Rail (OR).\nThe Velland Sea Office (VSO) and Velland Space Office (VSO)."
    assert [alias.long for alias in mine(text)] == ["Velland Sea Office", "Osmer Rail", "Velland Space Office"]


@given(st.text(alphabet="abAB (),;-'é\n\"1."))
def test_a_long_form_stands_in_the_text_before_or_in_the_brackets(text: str) -> None:
    for alias in mine(text):
        assert alias.short in text
        assert alias.long in text
        assert len(alias.long.split()) > 1
