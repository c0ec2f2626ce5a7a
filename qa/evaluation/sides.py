"""Whether a reply shows the sides of a disagreement as the gold file names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.gold import GoldQuestion, Value
from qa.metrics import f1
from qa.reply import Answer, Candidate, Reply
from qa.values import same_value, words_of

_SMALL = frozenset({"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "s", "the", "to"})
_NOTE = re.compile(r"\([^()]*\)")  # what a gold file adds to a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What a reply makes of a question on which sources differ.

    `said`: it says that they do. `values`: how many of gold's values are among the answer and the candidates that
    contradict it. `foreign`: how many of these are no value of gold's. `attributed`: each of gold's values that it
    shows is attributed as gold has it (or, like there, to nobody).
    """

    said: bool
    values: int
    foreign: int
    attributed: bool

    @property
    def shown(self) -> bool:
        """Whether both sides are shown: it is said, with two or more of gold's values and none that is not."""
        return self.said and self.values >= 2 and not self.foreign


def sides_of(gold: GoldQuestion, reply: Reply) -> Sides:
    """Compare a reply with the `values` of its gold question; each of these counts once."""
    if not isinstance(reply.outcome, Answer):
        return Sides(said=False, values=0, foreign=0, attributed=False)
    shown = [reply.outcome.best, *(other for other in reply.others if other.conflicts)]
    left = list(gold.values)
    found: list[tuple[Candidate, Value]] = []
    foreign = 0
    for candidate in shown:
        value = next((one for one in left if gives(candidate.text, one.answer)), None)
        if value is not None:
            left.remove(value)
            found.append((candidate, value))
        elif not _is_golds(candidate.text, gold):
            foreign += 1
    return Sides(
        said=reply.outcome.disagreement,
        values=len(found),
        foreign=foreign,
        attributed=bool(found) and all(attributed_as(candidate, value) for candidate, value in found),
    )


def _is_golds(text: str, gold: GoldQuestion) -> bool:
    forms = [*gold.answers, *(value.answer for value in gold.values)]
    return any(gives(text, form) for form in forms)


def gives(text: str, value: str) -> bool:
    """Whether a text gives a value: the same one, or most of its words and, if both have any, the same numbers."""
    if same_value(text, value):
        return True
    words, wanted = words_of(text), words_of(value)
    numbers, others = _numbers(words), _numbers(wanted)
    alike = numbers == others or not (numbers and others)
    return alike and f1(" ".join(words), " ".join(wanted)) > 0.5


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if any(character.isdigit() for character in word)}


def attributed_as(candidate: Candidate, value: Value) -> bool:
    """Whether one of both names holds the other's words, "Ghelase" and "hydrologist Tudor Ghelase (DNA in the water)".

    Small words and what gold adds in brackets don't count. A value that gold attributes to nobody must not be either.
    """
    by = candidate.citation.attributed_to
    wanted = _names(_NOTE.sub(" ", value.attributed_to))
    said = set() if by is None else _names(by.text)
    return said <= wanted or wanted <= said if said and wanted else said == wanted


def _names(text: str) -> set[str]:
    return set(words_of(text)) - _SMALL
