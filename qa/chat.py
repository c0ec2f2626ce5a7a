"""A conversation as a value; a follow-up becomes a full question."""

from __future__ import annotations

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
