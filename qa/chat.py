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


def readings_of(question: str, history: tuple[Turn, ...]) -> list[str]:
    """The full questions that a question may stand for after what was said before, the plain one among them if it can.

    A question that names what it is about stands on its own. One that leans on what was said (a pronoun, an ellipsis,
    no name of its own) is asked with what the last turn was about: its answer and its names, or, for an ellipsis, the
    question before it.
    """
    question = question.strip()
    turns = [turn for turn in history if turn.asked.strip()]
    if not turns:
        return [question]
    leans = bool(_LEANS.search(question))
    ellipsis = bool(_ELLIPSIS.search(question)) or len(question.split()) <= SHORT
    if not leans and not ellipsis and _names(question):
        return [question]
    last = turns[-1]
    own = question.casefold()
    about = [name for name in [last.answer, *_names(last.asked)] if name and name.casefold() not in own]
    carried = ", ".join(dict.fromkeys(name for name in about if len(name.split()) <= LONGEST_NAME))
    readings = [f"{carried}: {question}"] if carried else []
    if ellipsis:
        readings.append(f"{last.asked.rstrip(' ?.')}: {question}")
    if not leans:
        readings.append(question)
    return readings or [question]


SHORT = 4  # words: a question so short asks for something that was named before
LONGEST_NAME = 8  # words: a longer answer is a statement, and no name to carry over

_LEANS = re.compile(
    r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs|there|those|these|that|this|then|"
    r"the (?:former|latter))\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|why|when|where|who|how)\b\W*(?:\w+\W+){0,4}$", re.I
)
_NAME = re.compile(
    r"(?:[A-ZÀ-Þ][\w’'\-]*|\d+)(?:\s+(?:(?:of|the|de|al|ag|ould|du|la|le|von|van|in)\s+)*(?:[A-ZÀ-Þ][\w’'\-]*|\d+))*"
)


def _names(question: str) -> list[str]:
    """Runs of capitalised words and numbers, without the question's opening word."""
    body = re.sub(r"^\W*\w+", "", question)
    return [match.group() for match in _NAME.finditer(body)]
