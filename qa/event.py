"""Whether two cited places are of one event: by the names, numbers and dates around them."""

from __future__ import annotations

import re

from embeddings.keywords import question_terms, terms
from qa.figure import MONTHS
from qa.reply import Citation

_ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b", re.I)
_NUMBERED = re.compile(rf"\b(?!(?:{MONTHS})[a-z]*\b)([A-Z][\w-]+)\s(\d+)\b")
WORD = re.compile(r"[^\W_][\w'’-]*")
_MONTH_DAY = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s)?(?P<month>{MONTHS})[a-z]*\b"
    r"(?:\s(?P<after>\d{1,2})\b)?"
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def of_another(question: str, quote: str) -> bool:
    """Whether a sentence is of the first where the second is asked for, or of number 5 of a name where 4 is."""
    asked, told = ({word.casefold() for word in _ORDINAL.findall(text)} for text in (question, quote))
    numbered, others = (set(_NUMBERED.findall(text)) for text in (question, quote))
    named = {name for name, _ in numbered} & {name for name, _ in others}
    return bool(asked and told and not asked & told) or bool(named and not numbered & others)


def around(citation: Citation) -> set[str]:
    """The terms of a citation's sentence, and of the title and headings above it."""
    return set(terms(citation.quote)) | above(citation)


def above(citation: Citation) -> set[str]:
    """The terms of the title and headings above a citation."""
    return set(terms(" ".join((citation.title, *citation.heading))))


def names_in(text: str) -> set[str]:
    """The terms of capitalised words, but for the first of each sentence."""
    words = (
        m
        for m in WORD.finditer(text)
        if m.group()[0].isupper() and not re.search(r"(?:^|[.!?]\s|[“\"])$", text[: m.start()])
    )
    return {term for match in words for term in terms(match.group())}


def less_speaker(citation: Citation) -> str:
    """A citation's sentence without whom it is attributed to."""
    by = citation.attributed_to
    return citation.quote if by is None else citation.quote.replace(by.text, "")


def plain_terms(citation: Citation) -> set[str]:
    """The terms of a sentence's ordinary words: no names, numbers, months or words of grammar."""
    words = [word for word in WORD.findall(citation.quote) if word.islower()]
    return set(question_terms(" ".join(words))) - {"day", "date", "year", "month", "night", "morning", "even", "same"}


def of_other_times(question: str, answer: Citation, other: Citation) -> bool:
    """Whether a value is of another time than the question's, or both of different ones (not: reported then)."""
    asked = _days(question)
    for place in (answer, other):
        told = _days(place.quote)
        if asked and told and not asked & told:
            return True
    if other.attributed_to is not None or answer.attributed_to is not None:
        return False
    for find in (_days, lambda text: set(_YEAR.findall(text))):
        one, two = find(answer.quote), find(other.quote)
        if one and two and not one & two:
            return True
    return False


def _days(text: str) -> set[str]:
    found = set()
    for match in _MONTH_DAY.finditer(text):
        day = match.group("day") or match.group("after")
        if day:
            found.add(f"{match.group('month')} {int(day)}")
    return found
