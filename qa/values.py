"""When two answers are the same value."""

from __future__ import annotations

import re
import unicodedata

_ARTICLES = frozenset({"a", "an", "the"})
_WORD = re.compile(r"\w+")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
_MONTH = re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a value without what makes no other value: case, accents, articles, punctuation, digit grouping."""
    folded = unicodedata.normalize("NFKD", _THOUSANDS.sub("", text)).casefold()
    bare = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return tuple(word for word in _WORD.findall(bare) if word not in _ARTICLES)


def same_value(one: str, other: str) -> bool:
    """Whether two spans give one value: "52" and "52 Islamists", "27 January" and "27 January 2013"; not 1 and 11."""
    a, b = words_of(one), words_of(other)
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if not short or not _within(short, long):
        return False
    numbers, more = _numbers(short), _numbers(long)
    if numbers == more:
        return True
    dated = any(_MONTH.match(word) for word in short)
    return dated and bool(numbers)


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


def _numbers(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word[0].isdigit()]
