"""When two answers are the same value."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from qa.quantity import in_digits

SPELLED = 5  # letters from which on another spelling is more likely than another word

_ARTICLES = frozenset({"a", "an", "the"})
_SCALES = frozenset({"dozen", "hundred", "thousand", "million", "billion", "trillion", "percent"})
_ANOTHER = frozenset({"north", "south", "east", "west", "new", "deputy", "vice"})  # before a name: that of another
_UNITS = {
    form: unit
    for unit, forms in {
        "km": "kilometre kilometres kilometer kilometers kms",
        "m": "metre metres meter meters",
        "cm": "centimetre centimetres centimeter centimeters",
        "mm": "millimetre millimetres millimeter millimeters",
        "kg": "kilogram kilograms kilogramme kilogrammes kilo kilos",
        "g": "gram grams gramme grammes",
        "t": "tonne tonnes",
        "l": "litre litres liter liters",
        "ha": "hectare hectares",
        "mi": "mile miles",
        "ft": "foot feet",
        "h": "hour hours hr hrs",
        "min": "minute minutes mins",
        "s": "second seconds sec secs",
    }.items()
    for form in forms.split()
}
_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_BESIDE_DATES = _DAYS | {"on", "in", "of"}
_WORD = re.compile(r"\w+")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
_MONTH = re.compile(
    r"(jan)(?:uary)?|(feb)(?:ruary)?|(mar)(?:ch)?|(apr)(?:il)?|(may)|(jun)e?|(jul)y?|(aug)(?:ust)?|(sep)(?:t(?:ember)?)?|"
    r"(oct)(?:ober)?|(nov)(?:ember)?|(dec)(?:ember)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERIC = re.compile(
    r"(?<![\w.:/-])(?:(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
    r"|(?P<one>\d{1,2})(?P<mark>[./])(?P<two>\d{1,2})(?P=mark)(?P<last>[12]\d{3}))(?![\w:/-])"
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b)", re.IGNORECASE)
_DAY_OR_YEAR = re.compile(r"(\d+)(?:st|nd|rd|th)?")

Words = tuple[str, ...]


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """The words of a value without what makes no other value.

    That is case, accents, articles, punctuation, digits or words, digit grouping, the names of units, forms of dates.
    """
    plain = in_digits(_NUMERIC.sub(_spelled, _PERCENT.sub(" percent", _THOUSANDS.sub("", text))))
    folded = unicodedata.normalize("NFKD", plain).casefold()
    words = _WORD.findall("".join(mark for mark in folded if not unicodedata.combining(mark)))
    words = [
        _UNITS.get(word, word) if before[:1].isdigit() else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    # a last word is no article but a name: Group A
    return tuple(word for i, word in enumerate(words, 1) if word not in _ARTICLES or i == len(words))


def _spelled(date: re.Match[str]) -> str:
    """A date in figures with its month in letters, as it is if day and month may be either."""
    if date["year"]:
        year, month, day = (int(date[part]) for part in ("year", "month", "day"))
    else:
        year, day, month = int(date["last"]), int(date["one"]), int(date["two"])
        if date["mark"] == "/" and month > 12 >= day:
            day, month = month, day
        elif date["mark"] == "/" and day <= 12 and day != month:
            return date.group()
    return f"{day} {_MONTHS[month - 1]} {year}" if 1 <= month <= 12 and 1 <= day <= 31 else date.group()


def same_value(one: str, other: str) -> bool:
    """Whether two spans give one value: "52" and "52 Islamists", "27 January" and "January 27, 2013"; not 1 and 11."""
    short, long = sorted((words_of(one), words_of(other)), key=len)
    if short == long:
        return True
    part, whole = _date(short), _date(long)
    if part and whole:
        return part <= whole or whole <= part
    if _spelled_alike(short, long):
        return True
    return bool(short) and _within(short, long) and (bool(part) or _numbers(short) == _numbers(long))


def adds_nothing(value: str, before: str) -> bool:
    """Whether a value is one that was given before, and no more of it: not the day where the month was given."""
    return same_value(value, before) and set(words_of(value)) <= set(words_of(before))


def date_of(text: str) -> frozenset[str]:
    """The month, day and year of a text that is a date and nothing else, in any order; nothing if it is none.

    A year alone is one.
    """
    words = words_of(text)
    year = words[-1:] if len(words) <= 2 and words and re.fullmatch(r"1\d{3}|20\d\d", words[-1]) else ()
    alone = bool(year) and all(word in ("in", "on", "of") for word in words[:-1])
    return frozenset(year) if alone else _date(words)


def _spelled_alike(one: Words, other: Words) -> bool:
    """Whether values of several words differ in the spelling of one alone, by a letter: Ghali or Ghaly."""
    apart = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(one) < 2 or len(apart) != 1:
        return False
    (word, spelled) = apart[0]
    long = all(each.isalpha() and len(each) >= SPELLED for each in apart[0])
    return long and word[0] == spelled[0] and errors_between(word, spelled, most=1) <= 1


def errors_between(one: str, other: str, *, most: int) -> int:
    """How many typing errors lie between two words (Damerau-Levenshtein, restricted); more than `most`: most + 1."""
    return int(OSA.distance(one, other, score_cutoff=most))


def _within(short: Words, long: Words) -> bool:
    places = [i for i in range(len(long) - len(short) + 1) if long[i : i + len(short)] == short]
    return any(i == 0 or long[i - 1] not in _ANOTHER for i in places)


def _numbers(words: Words) -> list[str]:
    return [word for word in words if word[0].isdigit() or word.removesuffix("s") in _SCALES]


def _date(words: Words) -> frozenset[str]:
    """The month, day and year of words that are a date and nothing else, in whatever order they stand; else nothing."""
    named = [word for word in words if word not in _BESIDE_DATES]
    months = [match.group(match.lastindex or 0) for word in named if (match := _MONTH.fullmatch(word))]
    numbers = [match.group(1).lstrip("0") for word in named if (match := _DAY_OR_YEAR.fullmatch(word))]
    plain = len(months) == 1 and numbers and len(months) + len(numbers) == len(named)
    return frozenset(months + numbers) if plain else frozenset()
