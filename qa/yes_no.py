"""Questions to be answered by yes or no, and the clause that decides them."""

from __future__ import annotations

import re

_AUXILIARY = (
    r"(?:is|are|was|were|am|did|do|does|has|have|had|can|could|will|would|may|might|must|should|shall|"
    r"(?:is|are|was|were|did|do|does|has|have|had|ca|could|wo|would)n['’]t)"
)
_ASKS = re.compile(rf"^\W*(?:(?:and|but|so|or)\W+)?{_AUXILIARY}\b", re.IGNORECASE)
# "the pilot or the co-pilot": one of them; "can you tell me who": who
_CHOICE = re.compile(r"\b(?:or|who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
# What was said stands behind "that" by itself; what was doubted, denied or not shown doesn't: there the verb decides.
_SAYING = (
    r"(?:says?|said|states?|stated|announced?|announces|confirm(?:s|ed)?|report(?:s|ed)?|adds?|added|writes?|wrote|"
    r"told\s[\w’' ]{1,30}?|tells\s[\w’' ]{1,30}?|declares?|declared|explain(?:s|ed)?|know[ns]?|knew|showed|shows|found|"
    r"noted|stressed|insist(?:s|ed)?|admit(?:s|ted)?|claim(?:s|ed)?|believed?|so|now)"
)
_BORDER = re.compile(
    rf"[,;:]\s+|\s(?:and|but|while|whereas|although|though|because|after|before)\s+|\b(?P<said>{_SAYING})\sthat\s+",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\b(?:not|never|nobody|neither|nor|cannot)|n[’']t)\s(?:[a-z]+ly\s)?$", re.IGNORECASE)


def asks_yes_or_no(question: str) -> bool:
    """Whether a question is answered by yes or no, by its form: it begins with a verb, and asks for nothing else."""
    return bool(_ASKS.match(question)) and not _CHOICE.search(question)


def clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The clause around sentence[start:end], as a stretch of the sentence: between commas, colons and conjunctions."""
    borders = [b for b in _BORDER.finditer(sentence) if not (b["said"] and _NEGATED.search(sentence, 0, b.start()))]
    begin = max((border.end() for border in borders if border.end() <= start), default=0)
    stop = min((border.start() for border in borders if border.start() >= end), default=len(sentence))
    while stop > end and sentence[stop - 1] in " .!?\n":
        stop -= 1
    while begin < start and sentence[begin].isspace():
        begin += 1
    return begin, stop
