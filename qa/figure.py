"""What a figure in a sentence counts: the things, what happened to them, the names beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from embeddings.keywords import question_terms, terms
from qa.quantity import Quantity, quantity
from qa.reply import Citation
from qa.sources import AMOUNT, FIGURE

_STOP = re.compile(
    r"[,;.:()\[\]?!\n–—]|\b(?:was|were|is|are|am|be|been|being|had|has|have|did|do|does|will|would|could|can|may|might|"
    r"in|at|on|to|from|by|with|without|and|or|but|who|which|that|whom|while|including|according|for|as|after|before|"
    r"near|when|where|during|than|per|into|against|around|there|went|left|came|took|made|during|since|until|along|the|an?|its|their|his|her|this|these|those|only|[a-z]+ed)\b",
    re.I,
)
_OF_THEM = re.compile(r"\bof (?:the|its|their|his|her|these|those|our)\s(?:\d+\s)?", re.I)
_OPENING = re.compile(rf"(?:{AMOUNT}|between\s|from\s|a total of\s)*", re.I)
_COUNTED = re.compile(r"\b(?:how (?:many|much)|(?:number|total|amount|count) of)\s+(?:of\s)?(?:the\s)?", re.I)

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTHS = rf"(?:{MONTHS})[a-z]*"
# Numbers of days, hours and years count nothing.
_MONTH_BEFORE = re.compile(
    rf"(?:{_MONTHS}|\b(?:night|nights|day|days|morning|evening) of(?: the)?)\s(?:\d+(?:\s?(?:to|and|or|-|–)\s?|,\s))?$"
)
_NO_COUNT = re.compile(
    r"(?:st|nd|rd|th)\b|:\d|\s?(?:a\.?m|p\.?m)\b|\s(?:in the (?:morning|afternoon|evening)|at night|o['’]clock)\b"
    rf"|\s(?:(?:to|and|or|-|–)\s\d+\s)?(?:of\s)?{_MONTHS}\b|-\w"
)
_FURTHER = re.compile(r"\s(?:others?|further|more|additional)\b(?!\sthan)", re.I)
_PART = re.compile(
    rf"\b(?:including|of (?:whom|which)|among (?:them|whom|which)|such as)\s(?:[\w-]+\s){{0,2}}{AMOUNT}$", re.I
)
# Others that are counted beside, and share what is said of all: "101 rebels, 11 soldiers and a pilot were killed". It
# gives nothing back (++): else a long list without a verb would be tried in every way.
_LISTED = re.compile(
    rf"(?:(?:,|,?\sand)\s(?:{FIGURE.pattern}|an?\b)[^,;.()]*?(?=,|\s(?:and|was|were|had been|have been|are|is)\b))++"
    r"(?=[^,;.]*\b(?:was|were|been|are|is)\b)",
    re.I,
)
_NUMBER_OF = re.compile(
    rf"\b(?:number|total|count|amount) of\s(?:the\s)?(?P<things>[^,;.]+?)\s(?:at|to|as|was|were|is|of)\s{AMOUNT}$", re.I
)
_SHORTLY = 60  # characters before a number in which what it counts may stand
_LONGEST = 60  # characters behind the number; longer texts give more than a figure

# What happened to those who are counted; figures of different fates do not contradict each other.
_FATES = {
    fate: frozenset(terms(words))
    for fate, words in {
        "dead": "kill kills killing die dies dying dead death deaths fatal fatality fatalities perish slain executed "
        "bodies body corpse corpses buried victims casualties toll murdered drowned fell graves lives fallen",
        "hurt": "wound wounded injured injury injuries hurt maimed bruised",
        "taken": "captured captive captives prisoner prisoners arrested arrests detained hostage hostages seized",
        "missing": "missing disappeared vanished",
        "ruined": "destroyed wrecked damaged burned burnt demolished crashed shot",
        "moved": "displaced fled evacuated refugees homeless",
        "saved": "rescued saved survived survivors freed released",
    }.items()
}
_LOST = frozenset(terms("lose loses lost losses loss"))  # of people: killed; of things: destroyed
HAPPENED = frozenset().union(*_FATES.values(), _LOST)
# Nouns that are used of the same people or things.
_ALIKE = [
    frozenset(terms(words))
    for words in (
        "fighters fighter rebels rebel militants militant insurgents insurgent guerrillas guerrilla terrorists gunmen "
        "jihadists jihadist islamists islamist extremists attackers assailants combatants",
        "soldiers soldier troops troopers servicemen",
        "civilians civilian inhabitants residents villagers townspeople",
        "vehicles vehicle cars car trucks truck pickups pickup pick-ups",
        "spectators visitors admissions attendance tickets",
        "workers employees staff jobs",
    )
]
_NO_NOUNS = frozenset({"own", "other", "others", "more", "different", "total", "overall", "further", "additional"})
ANYBODY = frozenset(
    terms("people persons person men man human humans souls members crew bodies body corpses dead deaths victims lives "
          "casualties fatalities names graves others force strength")
)  # fmt: skip


# nouns of people and things that do not tell one event from another
EVERYBODY = frozenset().union(*_ALIKE, ANYBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as its sentence gives it.

    `things` are the terms of the nouns it counts, `fate` what happened to them, `names` the terms of capitalised words
    beside those nouns, `before` the terms shortly before the number; each may be empty.
    `part` says that it counts some of those that another figure counts, or others than those.
    """

    quantity: Quantity
    things: frozenset[str]
    fate: str
    names: frozenset[str]
    before: frozenset[str]
    part: bool

    def is_like(self, other: Figure, *, factor: float) -> bool:
        """Whether neither is more than `factor` times the other."""
        one, two = self.quantity, other.quantity
        return one.low <= factor * two.high and two.low <= factor * one.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a question wants counted; `things` and `names` are empty if it does not say so behind "how many"."""

    things: frozenset[str]
    fates: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, question: str) -> Counted:
        """Take a question apart."""
        question = _OF_THEM.sub("of ", question)
        match = _COUNTED.search(question)
        things, names = _things(question[match.end() :]) if match else (frozenset[str](), frozenset[str]())
        words = set(terms(question))
        fates = {fate for fate, known in _FATES.items() if words & known}
        if words & _LOST:
            fates |= {"dead", "ruined"}
        return cls(things=things, fates=frozenset(fates), names=names)


def figure_of(citation: Citation) -> Figure | None:
    """The number that the cited text begins with, and what it counts in its sentence; None if it begins with none."""
    at = citation.start - citation.quote_start
    found = quantity(citation.text, citation.quote[:at], citation.quote[at + len(citation.text) :])
    if (
        found is None
        or len(citation.text) - found.end > _LONGEST
        or not _OPENING.fullmatch(citation.text[: found.start])
    ):
        return None
    before, after = citation.quote[: at + found.start], citation.quote[at + found.end :]
    if _MONTH_BEFORE.search(before) or _NO_COUNT.match(after) or re.search(r"\bno\s$", before, re.I):
        return None
    things, names = _things(after)
    counted = _NUMBER_OF.search(before)
    if not things and counted:
        things, names = _things(counted.group("things"))
    if not things and re.fullmatch(r"1[5-9]\d\d|20\d\d", citation.text[found.start : found.end]):
        return None  # a year
    return Figure(
        quantity=found,
        things=things,
        fate=_fate(before, after),
        names=names,
        before=frozenset(terms(re.split(r"[;:]|\bby\b", before)[-1][-_SHORTLY:])),
        part=bool(_PART.search(before) or _FURTHER.match(after)),
    )


def _things(after: str) -> tuple[frozenset[str], frozenset[str]]:
    """The terms of the nouns that begin a text, and of the names before them; "bodies of" leads to nouns."""
    after = _OF_THEM.sub("of ", after)
    stop = _STOP.search(after)
    phrase = after[: stop.start() if stop else len(after)]
    for part in re.split(r"\bof\b", phrase):
        words = re.findall(r"[^\W\d_][\w'’-]*|[$€£%]", part)[:5]
        words = [word for word in words if word not in _NO_NOUNS and not set(terms(word)) & HAPPENED]
        nouns, names = set[str](), set[str]()
        for i, word in enumerate(words):
            stems = {word} if word in "$€£%" else set(question_terms(word))
            is_name = word[0].isupper() and i + 1 < len(words)
            (names if is_name else nouns).update(stems)
        if nouns and not nouns <= ANYBODY:
            return frozenset(nouns), frozenset(names)
    return frozenset(nouns), frozenset(names)


def _fate(before: str, after: str) -> str:
    """What happened to those that a figure counts: what the words behind it say, else those before it."""
    after = re.sub(r",\s(?:including|among)\b[^,]*,", "", after)
    after = _LISTED.sub(" ", after)
    ahead = re.split(r"[,;()]|\band\b(?=[^,;]{0,20}\d)|\bwhile\b", after)[0]
    behind = re.split(r"[;()]|,\s(?!(?:at least|about|around|some)\b)", before)[-1]
    return _nearest(terms(ahead)) or _nearest(terms(behind)[::-1])


def _nearest(words: list[str]) -> str:
    for word in words:
        for fate, known in _FATES.items():
            if word in known:
                return fate
        if word in _LOST:
            return "lost"
    return ""


def count_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether nouns are of the same things: they share a noun, are used of the same people, or both of anybody."""
    one, other = one - ANYBODY, other - ANYBODY
    return one == other or bool(one & other) or any(one & alike and other & alike for alike in _ALIKE)


def is_said_of(things: frozenset[str], words: frozenset[str]) -> bool:
    """Whether words name these things, or others that are used of the same."""
    return bool(things & words) or any(things & alike and words & alike for alike in _ALIKE)


def same_fate(one: str, other: str) -> bool:
    """Whether the same happened, as far as both say; who is lost is dead, what is lost is destroyed."""
    return one == other or ("lost" in (one, other) and {one, other} <= {"lost", "dead", "ruined"})
