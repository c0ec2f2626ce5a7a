"""Which way of asking a follow-up counts, of those in which it can be made whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from embeddings.passage import Hit
from qa.candidates import Judged
from qa.chat import Turn
from qa.values import words_of

SAME_DOCUMENT = 1.1  # a candidate in the document of the last answer is so much rather meant than another


class Tried(NamedTuple):
    """One way of asking a question: the words, the passages worth reading, their candidates, best first."""

    asked: str
    hits: list[Hit]
    judged: list[Judged]


def best_supported(
    own: str,
    tried: Sequence[Tried],
    history: Sequence[Turn],
    adds_nothing: Callable[[str, str], bool],
    document_of: Callable[[Judged], str],
) -> Tried:
    """Of the ways to ask a question, `own` in its own words, the one whose best candidate is surest.

    One that asks the last question over again, and gets the last answer (`adds_nothing`), gives way to any other. The
    document of the last answer is rather meant than others.
    """
    if len(tried) == 1:
        return tried[0]
    last = history[-1]
    over_again = set(words_of(last.asked)) - set(words_of(own))

    def support(one: Tried) -> tuple[bool, float]:
        if not one.judged:
            return False, 0.0
        best = one.judged[0]
        repeats = len(over_again & set(words_of(one.asked))) > len(over_again) / 2
        stale = repeats and adds_nothing(best.span.text, last.answer)
        meant = last.document is not None and document_of(best) == last.document
        return not stale, best.confidence * (SAME_DOCUMENT if meant else 1.0)

    return max(tried, key=support)
