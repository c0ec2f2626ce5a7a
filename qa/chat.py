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
    own) is asked with what the last turns were about: their answers and names. An ellipsis ("And the Danes?") is also
    asked as the question before it, with its own words in the place of each name there, and after it.
    """
    question = question.strip()
    turns = [turn for turn in history if turn.asked.strip()]
    if not turns:
        return [question]
    leans = bool(_LEANS.search(question))
    ellipsis = bool(_ELLIPSIS.search(question)) or len(question.split()) <= SHORT
    if not leans and not ellipsis and _names(question):
        return [question]
    carried = _carried(question, turns)
    readings = [f"{', '.join(carried)}: {question}"] if carried else []
    if ellipsis:
        last = turns[-1].asked.rstrip(" ?.")
        own = _OPENING.sub("", question).strip(" ?.")
        readings += [last.replace(name, own, 1) + "?" for name in _names(last)[:CARRIED] if own]
        readings.append(f"{last}: {question}")
    if not leans or _names(question):
        readings.append(question)
    return readings or [question]


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


def _names(question: str) -> list[str]:
    """Runs of capitalised words and numbers, without the question's opening word."""
    body = re.sub(r"^\W*\w+", "", question)
    return [match.group() for match in _NAME.finditer(body)]


_LEANS = re.compile(
    r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs|there|those|these|that|this|then|"
    r"the (?:former|latter))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of)\b\W*(?:(?:on|in|at|for|from|by|with|of)\b\W*)?",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|why|when|where|who|how)\b\W*(?:\w+\W+){0,4}$", re.IGNORECASE
)
_WORD = r"(?:[A-ZÀ-Þ][\w’'\-]*|\d+)"
_NAME = re.compile(rf"{_WORD}(?:\s+(?:(?:of|the|de|al|ag|ould|du|la|le|von|van|in)\s+)*{_WORD})*")
