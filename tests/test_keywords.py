from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.keywords import KeywordSettings, bm25, question_terms, rarity, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Soldiers were fighting.", ["soldier", "were", "fight"]),
        ("Kidal's airport", ["kidal", "airport"]),
        ("the C-17 and a Mirage 2000D", ["the", "c17", "c", "17", "and", "a", "mirag", "2000d"]),
        ("1,200 or 1 200 or 1\u202f200 men", ["1200", "or", "1", "200", "or", "1200", "men"]),
        ("in 3.5 years, U.S. forces", ["in", "3.5", "year", "us", "forc"]),
        ("Médine, Łódź; Ågren ‘São’", ["medin", "lodz", "agren", "sao"]),
        ("O’Neil", ["oneil", "o", "neil"]),
        ("snake_case", ["snake", "case"]),
        ("...", []),
    ],
)
def test_terms_of_a_text(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text(alphabet="abc éÉ-'.,019 "))
def test_case_and_accents_make_no_other_terms(text: str) -> None:
    assert terms(text.upper()) == terms(text) == terms(text.replace("é", "e").replace("É", "E"))


@given(st.text(), st.text())
def test_terms_of_paragraphs_are_those_of_each(one: str, other: str) -> None:
    assert terms(f"{one}\n{other}") == terms(one) + terms(other)


def test_a_question_loses_its_function_words_unless_it_has_no_others() -> None:
    assert question_terms("Who were the leaders of the attack?") == ["leader", "attack"]
    assert question_terms("Who is who?") == ["who", "is", "who"]


def test_bm25_on_paper() -> None:
    # k1 = 1, b = 0.5: a passage of twice the average length is held back by 0.5 + 0.5 * 2 = 1.5
    shares = bm25(np.array([1.0, 3.0]), np.array([10.0, 20.0]), 10.0, KeywordSettings(k1=1.0, b=0.5))
    assert shares.tolist() == [1 * 2 / (1 + 1), 3 * 2 / (3 + 1.5)]


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_rarer_term_weighs_more_and_none_weighs_less_than_nothing(frequency: int, others: int) -> None:
    assert rarity(frequency, frequency + others) >= 0
    assert rarity(frequency, frequency + others + 1) > rarity(frequency + 1, frequency + others + 1)
    assert rarity(3, 10) == pytest.approx(math.log(1 + 7.5 / 3.5))
