"""Questions that ask for several things, and the parts of their answers."""

from __future__ import annotations

import re
from itertools import pairwise

_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|several|all|both|2|3|4|5|6|7|8|9|10"
# Endings in s that are no plural: bus, class, crisis; and what is one though it ends in s.
_ONE = re.compile(r"(?:ss|us|is|ics|gas|news|series|species|means|headquarters)$", re.IGNORECASE)
_PLURALS = frozenset({"men", "women", "people", "children", "aircraft", "persons", "criteria", "countries"})
_NOUN = re.compile(r"\b(?:which|what|whose|name|list|give)\b(?P<noun>(?:\W+[\w’'-]+){1,5})", re.IGNORECASE)
_MANY = re.compile(
    rf"\b(?:(?:which|what|the|whose)\s+(?:{_NUMBERS})\b|(?:who|what|which)\s+(?:are|were)\b|"
    r"(?:which|what)\s+(?:kinds|sorts|types)\s+of\b|(?:name|list)\s+(?:all|the|every)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\bhow (?:many|much|long|far|old|often)\b|\bwhy\b|\bname one\b|\bone of\b", re.IGNORECASE)
# words after which a question's first noun is over: what stands behind belongs to the rest of it
_OVER = re.compile(
    r"^(?:is|are|was|were|be|did|do|does|had|has|have|can|could|will|would|should|may|might|must|of|in|on|at|to|for|"
    r"from|by|with|about|that|who|which|the|a|an|his|her|its|their|it|he|she|they)$",
    re.IGNORECASE,
)

# what follows a verb in s rather than a noun, and such verbs right behind "what"
_BEHIND_VERBS = re.compile(
    r"^(?:[A-Z].*|the|an?|to|up|out|down|off|into|through|over|across|towards?|against|along|onto|its|his|her|their)$"
)
_VERBS = frozenset(
    {"makes", "causes", "happens", "means", "remains", "keeps", "gives", "comes", "becomes", "goes", "takes"}
)


def asks_for_several(question: str) -> bool:
    """Whether a question asks for several things by its form: a plural after which or what, "who were", "the three".

    One that asks how many, or why, asks for one thing.
    """
    if _COUNTED.search(question):
        return False
    return bool(_MANY.search(question)) or any(_plural(found["noun"]) for found in _NOUN.finditer(question))


def _plural(words: str) -> bool:
    """Whether the noun that some words begin with is a plural, its adjectives passed over: not "ferry crosses the"."""
    before: list[str] = []
    for word, after in pairwise([*re.findall(r"[\w’'-]+", words), ""]):
        if _OVER.match(word) or (not before and word.casefold() in _VERBS):
            return False
        if word.casefold() in _PLURALS:
            return True
        if re.search(r"[a-z]s$", word) and not _ONE.search(word):
            return not (before and _BEHIND_VERBS.match(after))
        before.append(word)
    return False


# Between two parts: a semicolon, a comma that stands in no number, and and or, which may follow one; an item of a list.
_BETWEEN = re.compile(
    r"\s*;\s*(?:and\s+)?|\s*,\s+(?:(?:and|or)\s+)?|\s+(?:and|or|as well as|&)\s+|\s*\n\s*(?:[-*•]\s+)?", re.IGNORECASE
)
_BEFORE = re.compile(
    r"^(?:(?:[Bb]oth|either|first|second|then|again|finally|also|while|mainly|mostly|from|on|in|by|with|and|or|\d+px)\b"
    r"[\s,]*)+"
)
_INSIDE = re.compile(r"\([^()]*\)|“[^”]*”|\"[^\"]*\"|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")
_JOINED = re.compile(r"\b(?:of|for)\s+(?:the\s+)?[A-Z][\w’'-]*$")  # "Movement for Oneness" before "and Jihad"


def parts(text: str) -> list[tuple[int, int]]:
    """The parts of an enumeration as half-open stretches of it, without the words that lead to them; [] if it is none.

    What stands in brackets or quotation marks is not divided, nor is a name: "Movement for Oneness and Jihad". Of
    several bare ands the last divides: "tanks, transport and rescue helicopters and a plane".
    """
    if len(text) > 2 * LONGEST:
        return []
    closed = [found.span() for found in _INSIDE.finditer(text)]
    between = [
        found
        for found in _BETWEEN.finditer(text)
        if not any(a < found.end() and b > found.start() for a, b in closed)
        and not (_is_bare(found) and _is_one_name(text[: found.start()], text[found.end() :]))
    ]
    bare = [found for found in between if _is_bare(found)]
    dividing = [found.span() for found in between if not _is_bare(found) or found is bare[-1]]
    begins, ends = [0, *(end for _, end in dividing)], [*(start for start, _ in dividing), len(text)]
    found = [_trimmed(text, start, end) for start, end in zip(begins, ends, strict=True)]
    whole = len(found) > 1 and all(re.search(r"\w", text[start:end]) for start, end in found)
    return found if whole else []


def _is_bare(between: re.Match[str]) -> bool:
    return between.group().strip().casefold() in ("and", "or", "as well as", "&")


def _is_one_name(before: str, after: str) -> bool:
    """Whether "and" stands within a name: of two abstract nouns after of or for, the second capitalised like it."""
    return bool(_JOINED.search(before)) and bool(re.match(r"[A-Z]", after))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    lead = _BEFORE.match(text[start:end])
    if lead and lead.end() < end - start:
        start += lead.end()
    while start < end and text[end - 1] in " ,;.\n":
        end -= 1
    return start, end


_STOP = (
    r"(?:along|with|without|to|in|at|on|for|from|by|that|which|who|whom|whose|was|were|is|are|be|been|has|had|have|did|"
    r"during|after|before|when|while|where|as|but|against|near|into|under|over|since|until|because|also|then)"
)
_LINK = r"(?:\s*\([^()]*\))?(?:\s*[,;]\s+(?:(?:and|or)\s+)?|\s+(?:and|or|as well as)\s+)"
_NEXT = re.compile(
    rf"{_LINK}(?P<item>(?!{_STOP}\b)[^\s,;.()\n](?:(?!\s+(?:and|or|{_STOP})\b)(?:[^,;().\n]|\.(?!\s)))*)"
)
_LAST = re.compile(
    rf"(?:^|[,;.:()]\s*|\s(?:and|or|{_STOP})\s+)"
    rf"(?P<item>(?!{_STOP}\b)(?:(?!\s+(?:and|or|{_STOP})\s)[^,;.:()\n])*?){_LINK}$"
)
_COUNT = re.compile(
    r"^(?:the\s+)?(?:\d|(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|several)\b)", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:(?:the|an?|his|her|its|their)\s+)?(?:[a-z-]+\s+){0,2}"
    r"(?:[A-Z0-9'’\"“(][^\s,;]*|of|the|de|du|des|la|le|les|al|ag|ould|von|van|in|and|for|d'[A-Z]\w+)"
    r"(?:\s+(?:[A-Z0-9'’\"“(][^\s,;]*|of|the|de|du|des|la|le|les|al|ag|ould|von|van|for))*"
)
LONGEST_ITEM = 12  # words
LONGEST = 600  # characters on either side, beyond which no enumeration goes on


def enumeration(text: str, start: int, end: int) -> tuple[int, int]:
    """The enumeration of like things that text[start:end] is part of, as a stretch of its sentence or line.

    Things are alike if both are counted, or else both named, or else both are neither.
    """
    like = _sort(text[start:end])
    prose = text.rstrip()[-1:] in tuple(".!?")  # where a verb may follow a name
    first, last = max(0, start - LONGEST), min(len(text), end + LONGEST)
    while (after := _NEXT.match(text, end, last)) and (item := _item(after["item"], like, prose=prose)):
        end = after.start("item") + len(item)
        if item != after["item"].rstrip(" ."):
            break  # what follows is no further item
    while (before := _LAST.search(text, first, start)) and _item(before["item"], like, prose=prose) == before["item"]:
        start = before.start("item")
    return start, end


def alike(one: str, other: str) -> bool:
    """Whether two things may stand in one enumeration: both are counted, or both named, or neither."""
    return _sort(one) == _sort(other)


def _item(words: str, like: str, *, prose: bool) -> str:
    """The words of an item that are a thing of that sort, none if it is no such; in prose names end before verbs."""
    named = _NAMED.match(words) if like == "named" and prose else None
    item = (named.group() if named else words).rstrip(" .")
    return item if item and _sort(item) == like and len(item.split()) <= LONGEST_ITEM else ""


def _sort(item: str) -> str:
    if _COUNT.match(item):
        return "counted"
    return "named" if re.search(r"\b[A-Z]", item) else "plain"
