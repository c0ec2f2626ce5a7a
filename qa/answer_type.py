"""Whether an answer is of the sort that its question asks for: a number, a date, a name, a reason."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|"
    "sixty|seventy|eighty|ninety|hundred|hundreds|thousand|thousands|million|millions|billion|billions|dozen|dozens|"
    "half|several|none|no|few|many|once|twice|single|both|all|quarter|third"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_TIME = re.compile(
    r"\b\d{3,4}s?\b|\b\d{1,2}(?:st|nd|rd|th)\b|\d{1,2}[:.]\d{2}|\d{1,2}/\d{1,2}|\b(?:a\.?m\.?|p\.?m\.?|noon|midnight)\b|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|century|centuries|decades?|ago|today|yesterday|tomorrow|night|"
    r"morning|evening|afternoon|spring|summer|autumn|fall|winter|before|after|during|until|since|when|early|late|dawn)\b",
    re.IGNORECASE,
)
_ONLY_FIGURES = re.compile(r"^[\W\d_]*(?:st|nd|rd|th|am|pm|%)?[\W\d_]*$", re.IGNORECASE)
_LENGTH = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centur\w+|long|short)\b", re.I
)


def _numeric(answer: str) -> float:
    return float(bool(_NUMBER.search(answer)))


def _temporal(answer: str) -> float:
    return float(bool(_TIME.search(answer)))


def _duration(answer: str) -> float:
    return float(bool(_LENGTH.search(answer) or _NUMBER.search(answer)))


def _named(answer: str) -> float:
    if _ONLY_FIGURES.match(answer):
        return 0.0
    return 1.0 if re.search(r"\b[^\W\d_a-z]", answer) else 0.5


def _told(answer: str) -> float:
    return min(1.0, len(answer.split()) / 4)


_ASKED: tuple[tuple[re.Pattern[str], Callable[[str], float]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), check)
    for pattern, check in (
        (r"\bhow (?:many|much|old|far|tall|high|large|big|deep|wide|fast|heavy|often)\b", _numeric),
        (r"\b(?:number|percentage|percent|proportion|amount|share|price|cost|age|population|total) of\b", _numeric),
        (r"\bhow long\b", _duration),
        (r"\bwhen\b|\b(?:what|which|in what|on what) (?:year|date|day|month|time|century|decade)\b", _temporal),
        (r"\bwho(?:m|se)?\b|\bwhere\b", _named),
        (r"\bwhy\b|\bfor what reason\b|\bhow come\b", _told),
    )
)


def asked_for(question: str) -> Callable[[str], float]:
    """What tells how well (0..1) an answer is of the sort that the question's words ask for; 0.5 where for none."""
    return next((check for pattern, check in _ASKED if pattern.search(question)), lambda answer: 0.5)
