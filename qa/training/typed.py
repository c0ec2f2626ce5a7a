"""Questions as people type them: often without capitals or question mark, at times without accents or with a slip."""

from __future__ import annotations

import random
import re
import unicodedata

_LETTERS = str.maketrans("ıøØ", "ioO")  # what has no accent that could be taken off


def typed(question: str, chance: random.Random) -> str:
    """The question in one of the manners it may be typed in; what has no question mark is taken for a few keywords."""
    question = question.strip()
    if question.endswith("?"):
        question = question if chance.random() < 0.55 else question[:-1].rstrip()
        question = question[:1].upper() + question[1:] if chance.random() < 0.7 else question
    if not question.endswith("?") and chance.random() < 0.6:
        question = question.lower()
    if chance.random() < 0.3:
        question = _without_accents(question)
    return _mistyped(question, chance) if chance.random() < 0.08 else question


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.translate(_LETTERS))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _mistyped(question: str, chance: random.Random) -> str:
    """With two letters of a long word swapped, or one lost or doubled."""
    long = list(re.finditer(r"[^\W\d_]{5,}", question))
    if not long:
        return question
    word = chance.choice(long)
    place = chance.randrange(word.start() + 1, word.end() - 1)
    one, two = question[place], question[place + 1]
    return question[:place] + chance.choice([two + one, one, one + one + two]) + question[place + 2 :]
