"""When two answers are the same value."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ARTICLES = frozenset({"a", "an", "the"})
_SCALES = frozenset({"dozen", "hundred", "thousand", "million", "billion", "trillion"})
_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_BESIDE_DATES = _DAYS | {"on", "in", "of"}
_WORD = re.compile(r"\w+")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
_MONTH = re.compile(
    r"(jan)(?:uary)?|(feb)(?:ruary)?|(mar)(?:ch)?|(apr)(?:il)?|(may)|(jun)e?|(jul)y?|(aug)(?:ust)?|(sep)(?:t(?:ember)?)?|"
    r"(oct)(?:ober)?|(nov)(?:ember)?|(dec)(?:ember)?"
)
_DAY_OR_YEAR = re.compile(r"(\d+)(?:st|nd|rd|th)?")

Words = tuple[str, ...]


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """The words of a value without what makes no other value: case, accents, articles, punctuation, digit grouping."""
    folded = unicodedata.normalize("NFKD", _THOUSANDS.sub("", text)).casefold()
    words = _WORD.findall("".join(mark for mark in folded if not unicodedata.combining(mark)))
    # a last word is no article but a name: Group A
    return tuple(word for i, word in enumerate(words, 1) if word not in _ARTICLES or i == len(words))


def same_value(one: str, other: str) -> bool:
    """Whether two spans give one value: "52" and "52 Islamists", "27 January" and "January 27, 2013"; not 1 and 11."""
    short, long = sorted((words_of(one), words_of(other)), key=len)
    if short == long:
        return True
    part, whole = _date(short), _date(long)
    if part and whole:
        return part <= whole or whole <= part
    return bool(short) and _within(short, long) and (bool(part) or _numbers(short) == _numbers(long))


def date_of(text: str) -> frozenset[str]:
    """The month, day and year of a text that is a date and nothing else, in any order; nothing if it is none.

    A year alone is one.
    """
    words = words_of(text)
    year = words[-1:] if len(words) <= 2 and words and re.fullmatch(r"1\d{3}|20\d\d", words[-1]) else ()
    alone = bool(year) and all(word in ("in", "on", "of") for word in words[:-1])
    return frozenset(year) if alone else _date(words)


def _within(short: Words, long: Words) -> bool:
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


def _numbers(words: Words) -> list[str]:
    return [word for word in words if word[0].isdigit() or word.removesuffix("s") in _SCALES]


def _date(words: Words) -> frozenset[str]:
    """The month, day and year of words that are a date and nothing else, in whatever order they stand; else nothing."""
    named = [word for word in words if word not in _BESIDE_DATES]
    months = [match.group(match.lastindex or 0) for word in named if (match := _MONTH.fullmatch(word))]
    numbers = [match.group(1) for word in named if (match := _DAY_OR_YEAR.fullmatch(word))]
    plain = len(months) == 1 and numbers and len(months) + len(numbers) == len(named)
    return frozenset(months + numbers) if plain else frozenset()
