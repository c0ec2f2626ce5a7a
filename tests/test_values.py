"""When two answers give the same value, with the traps that numbers and dates set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.values import same_value, words_of

SAME = [
    ("52", "52 Islamists"),
    ("the French", "French"),
    ("Sévaré", "sevare"),
    ("1,200", "1200 men"),
    ("1\u00a0200", "1,200"),
    ("27 January", "27 January 2013"),
    ("January 2013", "27 January 2013"),
    ("February 21, 2019", "21 February 2019"),
    ("Feb. 21", "21 February 2019"),
    ("on 4 May", "4 May 1871"),
    ("May 4th, 1871", "on Thursday, 4 May 1871"),
    ("4 May", "before noon on 4 May 1871"),
    ("Near Gao, Mali", "Gao"),
    ("3.5 million", "about 3.5 million crowns"),
    ("“Ada Fenwick”", "Ada Fenwick"),
    ("Group A", "group a"),
    ("12:30", "at 12:30"),
    ("fifty-two", "52 Islamists"),
    ("two", "2"),
    ("a hundred and five men", "105 men"),
    ("3.5 million", "3,500,000"),
    ("twelve thousand", "12,000 crowns"),
    ("5 km", "five kilometres"),
    ("50 %", "50 per cent"),
    ("2013-01-27", "27 January 2013"),
    ("27/01/2013", "January 27, 2013"),
    ("5.4.1871", "5 April"),
    ("May 05, 1871", "5 May 1871"),
    ("Iyad Ag Ghali", "Iyad ag Ghaly"),
    ("French soldier", "French soldiers"),
]
OTHER = [
    ("1", "11"),
    ("11", "11,000"),
    ("1,200", "200"),
    ("5", "3.5"),
    ("3", "3.5"),
    ("5", "5 million"),
    ("3 thousand", "3 million"),
    ("2013", "27 January 2013"),
    ("27 January", "27 February"),
    ("27 January 2013", "27 January 2012"),
    ("21 February 2019", "February 2, 2019"),
    ("12 January 2013", "January 2012"),
    ("11 marines", "11 marines and 5 sailors"),
    ("11 killed", "11 killed, 40 wounded"),
    ("May", "4 May 1871"),
    ("4 May", "from 4 to 14 June"),
    ("1871", "1871 to 1874"),
    ("Group A", "Group B"),
    ("Ada", "Adam"),
    ("France", "French"),
    ("Ada Fenwick", "Ada Rill"),
    ("", "Ada"),
    ("–", "Ada"),
    ("fifty", "15"),
    ("50", "50 percent"),
    ("two and three", "5"),
    ("5 km", "5 m"),
    ("2013-01-27", "27 January 2012"),
    ("05/04/1871", "5 April 1871"),  # or 4 May
    ("Sudan", "South Sudan"),
    ("president", "vice president"),
    ("Ghali", "Ghaly"),
    ("the town of Bali", "the town of Mali"),
    ("northern Velland", "southern Velland"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_value_in_other_words(one: str, other: str) -> None:
    assert same_value(one, other)
    assert same_value(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_value_in_like_words(one: str, other: str) -> None:
    assert not same_value(one, other)
    assert not same_value(other, one)


values = st.lists(
    st.sampled_from(["the", "A", "Ada", "Févr", "May", "4", "1,200", "1871", "million", "–"]), max_size=5
).map(" ".join)


@given(values, values)
def test_a_value_is_itself_and_sameness_works_both_ways(one: str, other: str) -> None:
    assert same_value(one, one.upper())
    assert same_value(one, other) == same_value(other, one)


def test_words_of_a_value_are_without_what_makes_no_other_value() -> None:
    assert words_of("The 1,200 Crowns, of Sévaré!") == ("1200", "crowns", "of", "sevare")
    assert words_of("an") == ("an",)  # the last word is a name, not an article
    assert words_of("–") == ()
