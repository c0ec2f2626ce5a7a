"""Sentence boundaries: where abbreviations stand, where the text is careless, and in every text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.sentences import sentence_around, sentences

CAREFUL = [
    "Lt. Col. Duran left at 5 a.m. with two men.",
    "No. 10 Squadron flew to Osmer, No. 3 stayed.",
    "The U.S. Air Force lent a plane.",
    "Dr. Rill and Mr. Fenwick waited approx. two hours.",
    "Gen. Bert spoke to Sgt. Vey and Capt. Oln.",
    "On 5 Jan. 2013 they met Mme. Ost, cf. the minutes.",
    "A. B. Fenwick built it, J. Rill kept it.",
    "It cost 3.5 million crowns, i.e. 1.2 million dollars.",
    "“Is it lit?” she asked.",
    "🇫🇷 Ada paid – né Ødegård – 12,400 crowns.",
    "He waited ... and left.",
]
WORDS = [
    "Lt.",
    "a.m.",
    "No.",
    "U.S.",
    "approx.",
    "Ada",
    "é.",
    "F.\u00a0",
    "🇫🇷",
    "lit",
    "10",
    "3.5",
    "…",
    "?",
    "!”",
    "(",
    "\n",
]
careless = st.lists(st.sampled_from([*WORDS, " ", "\u00a0", "\t", "\u2028", ".", ". "]), max_size=25).map("".join)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize("sentence", CAREFUL)
def test_abbreviations_initials_and_numbers_end_no_sentence(sentence: str) -> None:
    assert split(f"She came. {sentence} They left.") == ["She came.", sentence, "They left."]


@given(st.lists(st.sampled_from(CAREFUL), min_size=1, max_size=5))
def test_sentences_one_after_the_other_are_found_again(chosen: list[str]) -> None:
    assert split("  ".join(chosen)) == chosen
    assert split("\n".join(chosen)) == chosen


def test_an_abbreviation_may_also_be_the_last_word() -> None:
    assert split("They met at 5 a.m. They left for the U.S. The rest stayed.") == [
        "They met at 5 a.m.",
        "They left for the U.S.",
        "The rest stayed.",
    ]
    assert split("It took hours, approx.") == ["It took hours, approx."]


def test_a_missing_blank_spoils_nothing_after_it() -> None:
    assert split("It beganat 8:30. They lost their food.and 10 civilians fled. Then it rained. It stopped.") == [
        "It beganat 8:30.",
        "They lost their food.and 10 civilians fled.",
        "Then it rained.",
        "It stopped.",
    ]


def test_the_end_of_a_line_ends_a_sentence() -> None:
    assert split("Fact one\n\n  Fact two \nIt rained") == ["Fact one", "Fact two", "It rained"]
    assert split("They waited approx.\n10 hours") == ["They waited approx.", "10 hours"]


def test_a_non_breaking_blank_before_an_initial_is_a_blank() -> None:
    assert split("He met Ada\u00a0F. Fenwick. She left.") == ["He met Ada\u00a0F. Fenwick.", "She left."]
    assert split("a\u00a0B.\u00a0é") == ["a\u00a0B.\u00a0é"]


@given(st.text(max_size=80) | careless)
def test_sentences_cover_what_is_not_blank_in_order_and_without_outer_blanks(text: str) -> None:
    covered, before = set(), 0
    for start, end in sentences(text):
        assert before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        covered |= set(range(start, end))
        before = end
    assert {place for place, mark in enumerate(text) if not mark.isspace()} <= covered


def test_nothing_has_no_sentences() -> None:
    assert sentences("") == sentences(" \n\t\u00a0\n") == []


TEXT = "One came. Two left.\nThree stayed. Four slept."


@pytest.mark.parametrize(
    ("words", "around"),
    [
        ("came", "One came."),
        ("Two left.", "Two left."),
        ("came. Two", "One came. Two left."),
        ("left.\nThree", "Two left.\nThree stayed."),
        ("One came. Two left.\nThree stayed. Four slept.", TEXT),
        ("\n", "\n"),
    ],
)
def test_the_sentence_around_a_stretch_is_the_smallest_run_of_sentences_that_holds_it(words: str, around: str) -> None:
    start = TEXT.index(words)
    begin, end = sentence_around(TEXT, start, start + len(words))
    assert TEXT[begin:end] == around


@given(careless.filter(lambda text: text.strip()), st.data())
def test_the_sentence_around_holds_the_stretch_and_nothing_that_no_sentence_of_it_needs(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from([place for place, mark in enumerate(text) if not mark.isspace()]))
    end = data.draw(st.sampled_from([place + 1 for place in range(start, len(text)) if not text[place].isspace()]))
    touched = [(a, b) for a, b in sentences(text) if a < end and b > start]
    assert sentence_around(text, start, end) == (touched[0][0], touched[-1][1])
