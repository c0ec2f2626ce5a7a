"""A conversation as a value; a follow-up becomes a full question."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One exchange: what was typed, what was asked of the documents, and the words that were answered.

    `answer` is empty when the turn was refused. `document` is the id of the cited document, if known.
    """

    question: str
    asked: str
    answer: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as it is put: its id, its words, what was said before it, and the documents it is restricted to.

    `documents` are globs over document ids (`fnmatch`); empty: all documents.
    """

    id: str
    text: str
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()


LONGEST_NAME = 8  # words: a longer answer is a statement, and no name to carry over
CARRIED = 4  # names carried over at most: what was said last says best what is meant
SHORT = 4  # words: a question so short asks for something that was named before


def readings_of(question: str, history: tuple[Turn, ...]) -> list[str]:
    """The full questions that a question may stand for after what was said before, the plain one among them if it can.

    A question that names what it is about stands on its own. One that leans on what was said (a pronoun, no name of its
    own) is asked with what the last turns were about, their answers and names: the pronoun gives way to the one it most
    likely means, and all are put before it. An ellipsis ("And the Danes?") is also asked as the question before it,
    with its own words in the place of each name there, and after it; so is where or when "it" happened.
    """
    question = question.strip()
    turns = [turn for turn in history if turn.asked.strip()]
    if not turns:
        return [question]
    leans = _leans(question)
    ellipsis = bool(_ELLIPSIS.search(question)) or len(question.split()) <= SHORT
    if not leans and not ellipsis and _names(question):
        return [question]
    carried = _carried(question, turns)
    readings = _meant(question, turns)
    readings += [f"{', '.join(carried)}: {question}"] if carried else []
    last = turns[-1].asked.rstrip(" ?.")
    if _HAPPENED.search(question) and not ellipsis:  # what happened has seldom a name
        readings.append(f"{last}: {question}")
    if ellipsis:
        own = _SIDE.sub("", _OPENING.sub("", question).strip(" ?."))
        if own and not _ASKS.match(own):
            readings += [_ARTICLES.sub("", last.replace(name, own, 1)) + "?" for name in _names(last)[:CARRIED]]
        readings.append(f"{last}: {question}")
    rest = _OPENING.sub("", question)
    asks = _ASKS.match(rest) and _names(rest)  # "But who led Operation Serval?"
    if _names(question) if leans else asks or not (ellipsis and rest != question):
        readings.append(question)
    return readings or [question]


def _leans(question: str) -> bool:
    """Whether a question points at what was said: a pronoun before which it names nothing that it could mean."""
    pronoun = _pronoun_of(question)
    own = pronoun is not None and _OWN.search(_body(question[: pronoun.start()]))
    return bool(_POINTS.search(question) or (pronoun and (not own or pronoun.group().casefold() == "there")))


def _pronoun_of(question: str) -> re.Match[str] | None:
    """The first pronoun of a question: "it", not "IT"."""
    found = (match for match in _PRONOUN.finditer(question) if len(match.group()) < 2 or not match.group().isupper())
    return next(found, None)


def _carried(question: str, turns: list[Turn]) -> list[str]:
    """Names that the last turns were about and the question leaves out, the latest first."""
    said = question.casefold()
    found: dict[str, None] = {}
    for turn in reversed(turns):
        for name in (turn.answer.strip(" .,;"), *_names(turn.asked)):
            if name and name.casefold() not in said and len(name.split()) <= LONGEST_NAME:
                found.setdefault(name)
        if len(found) >= CARRIED:
            break
    return list(found)[:CARRIED]


def _meant(question: str, turns: list[Turn]) -> list[str]:
    """The question with what its first pronoun most likely means in its place, if the last turns name such a thing.

    A person or several things are rather the last answer, "it" rather what the last question was about, and "there" is
    a place: the last answer if one was asked for, else what the last question has behind a preposition.
    """
    pronoun = _pronoun_of(question)
    if not pronoun:
        return []
    word = pronoun.group().casefold()
    likely = (thing for turn in reversed(turns) for thing in _antecedents(word, turn))
    thing = next((one for one in likely if one.casefold() not in question.casefold()), None)
    if thing is None:
        return []
    possessive = word in ("his", "its", "their") or (word == "her" and _POSSESSED.match(question, pronoun.end()))
    meant = f"at {thing}" if word == "there" else thing + ("'s" if possessive else "")
    return [question[: pronoun.start()] + meant + question[pronoun.end() :]]


def _antecedents(pronoun: str, turn: Turn) -> list[str]:
    """What a pronoun may mean of one turn, the likeliest first; no dates and no bare numbers."""
    answer, names = turn.answer.strip(" .,;"), _names(turn.asked)
    several = pronoun in ("they", "them", "their")
    if pronoun == "there":
        places = [found["name"] for found in _PLACE.finditer(turn.asked)]
        found = [answer, *places] if _WHERE.search(turn.asked) else places
    elif pronoun in ("it", "its"):
        found = [*names, answer]
    elif several:
        groups = [found.group() for found in _GROUP.finditer(_body(turn.asked))]
        found = [*(group for group in (answer, *groups) if _SEVERAL.match(group)), *groups, answer, *names]
    else:  # a person is no acronym
        found = [name for name in (answer, *names) if re.search("[a-z]", name)]
    return [
        one
        for one in found
        if (one[:1].isupper() or (several and (_SEVERAL.match(one) or one in groups)))
        and not _DATED.search(one)
        and len(one.split()) <= LONGEST_NAME
    ]


def _names(question: str) -> list[str]:
    """Runs of capitalised words and numbers, without the question's opening word."""
    return [match.group().removesuffix("'s").removesuffix("’s") for match in _NAME.finditer(_body(question))]


def _body(question: str) -> str:
    return re.sub(r"^\W*\w+", "", question)


_POINTS = re.compile(
    r"\b(?:those|these|this|the (?:former|latter))\b|^\W*(?:and\s+)?that\b|"
    r"\b(?:did|was|is|were|in|at|of|on|from|during|after|before|over|about)\s+that\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|it|its|they|them|their|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )there(?!\s+(?:is|are|was|were|a|an|any|been)\b))\b",
    re.IGNORECASE,
)
_POSSESSED = re.compile(r"\s+(?!(?:and|or|to|in|at|on|for|with|by|from|of|when|before|after|then|there)\b)[a-z]")
_OWN = re.compile(r"\b(?:the|an?|which|whose|that)\s+\w|\b[A-ZÀ-Þ]\w|\b[a-z]{3,}s\s(?!$)")
_WHERE = re.compile(r"\b(?:where|(?:which|what) (?:town|city|place|village|country|region|island))\b", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:who|whom|whose|what|when|where|why|how|which|do|does|did|is|are|was|were|has|had|have|can|could|will)\b", re.I
)
_ARTICLES = re.compile(r"\b(?:the|an?)\s+(?=(?:the|an?)\b)", re.IGNORECASE)
_OPENING = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of)\b\W*(?:(?:on|in|at|for|from|by|with|of)\b\W*)?",
    re.IGNORECASE,
)
_SIDE = re.compile(r"(?<=\w)\s+(?:side|part|camp|ranks)$", re.IGNORECASE)  # "the Malian side": the Malian ones
_ELLIPSIS = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|why|when|where|who|how)\b\W*(?:\w+\W+){0,4}$", re.IGNORECASE
)
_WORD = r"(?:[A-ZÀ-Þ][\w’'\-]*|\d+)"
_NAME = re.compile(rf"{_WORD}(?:\s+(?:(?:of|the|de|al|ag|ould|du|la|le|von|van|in)\s+)*{_WORD})*")
_GROUP = re.compile(rf"{_WORD}\s+[a-z]+s\b|\b[a-z]+s\s+of\s+{_NAME.pattern}(?:\s+and\s+{_NAME.pattern})?")
_SEVERAL = re.compile(
    r"(?:about |around |some |only |nearly |more than |the |all )?"
    r"(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|several|many|both|fifty|a few)\s+\w",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|\d{4}|[ap]\.?m)\b",
    re.I,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|on|of|from|to|h[eo]ld\w*|captur\w+|recaptur\w+|took|tak\w+|retook|retak\w+|enter\w*|reach\w*|"
    rf"attack\w*|defend\w*|occup\w+|leav\w+|left)\s+(?P<name>{_NAME.pattern})"
)
_HAPPENED = re.compile(
    r"\b(?:it|that|this)\s+(?:all\s+)?(?:happen|occur|take place|begin|start|end|last)\b", re.IGNORECASE
)
