"""Which other candidates contradict the answer: other values of the same thing, from others' mouths or pages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from embeddings.keywords import question_terms, terms
from qa.event import WORD, above, around, less_speaker, names_in, of_another, of_other_times, plain_terms
from qa.figure import (
    ANYBODY,
    EVERYBODY,
    HAPPENED,
    Counted,
    Figure,
    count_alike,
    figure_of,
    is_said_of,
    same_fate,
)
from qa.reply import Attribution, Candidate, Citation
from qa.sources import teller
from qa.values import date_of, same_value


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementSettings:
    """When values contradict each other.

    `confidence_share` is the least confidence of the other value, as a share of the answer's (`untold_confidence` if
    nobody is said to report it, `beside_share` of a bare figure close to a reported answer, where one draws the reader
    from the other): a value that is much less probable is an error of reading rather than another's view.
    `coverage_share` (of values that somebody is said to report) and `untold_share` (of others) say the same of the
    question's rarity that stands in the values' sentences. Values within `near` characters of each other speak of the
    same thing even if the second does not repeat it, unless one is more than `factor` times the other.
    """

    confidence_share: float = 0.3
    untold_confidence: float = 0.6
    beside_share: float = 0.01
    coverage_share: float = 0.6
    untold_share: float = 0.8
    near: int = 400
    factor: float = 20.0


_WHEN = re.compile(r"\b(?:when|what (?:date|day|year|month)|which (?:date|day|year|month)|dates?)\b", re.I)
_WHO = re.compile(r"\b(?:who|whom|whose|where|name|called)\b", re.I)
_WHEREAS = re.compile(r"[;.]\s|\b(?:whereas|while|but)\b", re.I)
_ASKED_FOR = re.compile(r"\baccording to (?P<who>[^,;?]+)", re.I)


def contradicting(
    question: str,
    rarity: Mapping[str, float],
    answer: Candidate,
    others: Sequence[Candidate],
    settings: DisagreementSettings | None = None,
) -> list[Candidate]:
    """Those of the other candidates that contradict the answer, in their order.

    `rarity` has the inverse document frequency of each of the question's terms.
    """
    compared = _Compared(question, rarity, settings or DisagreementSettings())
    found = [other for other in others if compared.contradict(answer, other)]
    # of the figures that one gives in a sentence the most probable counts: "treated eight, and sent two home"
    return [one for one in found if not any(_from_one_mouth(one, x) and x.confidence > one.confidence for x in found)]


def marked(answer: Candidate, other: Candidate, settings: DisagreementSettings | None = None) -> Candidate:
    """A value that contradicts the answer, marked so, and attributed to whoever is told of beside a reported answer."""
    place, near = other.citation, (settings or DisagreementSettings()).near
    if place.attributed_to is None and answer.citation.attributed_to and _gap(answer.citation, place) <= near:
        place = replace(place, attributed_to=_teller(place))
    return replace(other, conflicts=True, citation=place)


class _Compared:
    def __init__(self, question: str, rarity: Mapping[str, float], settings: DisagreementSettings) -> None:
        self._question = question
        self._settings = settings
        self._counted = Counted.of(question)
        # what is counted and what happened to it may be said in other words, and is compared on its own
        self._rarity = {t: weight for t, weight in rarity.items() if t not in HAPPENED | self._counted.things}
        self._names = names_in(question) - self._counted.things - self._counted.names
        asked_for = _ASKED_FOR.search(question)
        self._speakers = set(question_terms(asked_for.group("who"))) if asked_for else set()

    def contradict(self, answer: Candidate, other: Candidate) -> bool:
        if other.confidence < self._least(answer.citation, other.citation) * answer.confidence:
            return False
        if same_value(answer.text, other.text) or not self._may_differ(answer.citation, other.citation):
            return False
        if _WHEN.search(self._question) and not self._counted.things:
            return self._dates(answer, other)
        if figure_of(answer.citation) and figure_of(other.citation):
            return self._figures(answer, other)
        return self._named(answer, other)

    def _may_differ(self, answer: Citation, other: Citation) -> bool:
        """Whether two places are of the thing that is asked for, and from different mouths or pages."""
        if not _from_others(answer, other) or self._elsewhere(answer, other):
            return False
        return self._is_asked_for(other.attributed_to) and not of_another(self._question, other.quote)

    def _least(self, answer: Citation, other: Citation) -> float:
        figure = figure_of(other)
        if self._beside(answer, other) and figure is not None and self._is_of_the_same(figure, figure_of(answer)):
            return self._settings.beside_share
        told = other.attributed_to is not None
        return self._settings.confidence_share if told else self._settings.untold_confidence

    def _is_asked_for(self, speaker: Attribution | None) -> bool:
        """Whether what somebody says is asked for: a question "according to" one is not for the word of others."""
        said = set() if speaker is None else set(terms(speaker.text))
        return not self._speakers or not self._speakers.isdisjoint(said)

    def _is_of_the_same(self, figure: Figure, answer: Figure | None) -> bool:
        """Whether a figure does not say that it counts anything else than the answer does."""
        same = self._counted.things | (answer.things if answer else frozenset())
        return figure.things <= ANYBODY or bool(figure.things & same)

    def _beside(self, answer: Citation, other: Citation) -> bool:
        """Whether the answer is somebody's word, and the other value stands close by: what the next one says."""
        return answer.attributed_to is not None and self._near(answer, other)

    def _elsewhere(self, answer: Citation, other: Citation) -> bool:
        """Whether nobody is said to give the values, and no name of the question says that both are of one thing."""
        if answer.origin == other.origin or answer.attributed_to is not None or other.attributed_to is not None:
            return False
        return not self._names & around(answer) & around(other)

    def _figures(self, answer: Candidate, other: Candidate) -> bool:
        first, second = answer.citation, other.citation
        one, two = figure_of(first), figure_of(second)
        if one is None or two is None or not one.quantity.differs(two.quantity) or one.part != two.part:
            return False
        if second.kind == "facts" and not two.fate and not self._is_labelled(second):
            return False
        briefly = self._near(first, second) and two.things <= ANYBODY and two.fate in ("", one.fate)
        briefly = briefly and one.is_like(two, factor=self._settings.factor)
        briefly = briefly and (
            second.attributed_to is not None or (self._beside(first, second) and _teller(second) is not None)
        )
        return self._counted_alike(one, two, briefly=briefly) and self._same_event(first, second)

    def _is_labelled(self, fact: Citation) -> bool:
        """Whether the label of a fact line has a word of the question."""
        return not set(self._rarity).isdisjoint(terms(fact.quote.partition(":")[0])) or bool(
            self._counted.things & set(terms(fact.quote))
        )

    def _counted_alike(self, one: Figure, two: Figure, *, briefly: bool) -> bool:
        """Whether two figures count the same, and what is asked; `briefly`, the second says of what by its place."""
        asked = self._counted
        beside = [names for names in (asked.names, one.names, two.names) if names]
        if any(not this & that for this in beside for that in beside):
            return False
        if not (briefly or same_fate(one.fate, two.fate)):
            return False
        bare = briefly and not one.things and not one.fate
        if asked.fates and not bare and not any(same_fate(one.fate, fate) for fate in asked.fates):
            return False
        if not asked.things:  # nothing is said of what is counted: "what was the death toll"
            alike = bool(one.things & two.things) or not (one.things | two.things) - ANYBODY
            return briefly or (alike and bool(asked.fates or one.things & two.things))
        told = one.things <= ANYBODY or bool(one.things & asked.things) or count_alike(one.things, asked.things)
        return (told or briefly) and not (one.fate and not asked.fates) and (briefly or self._is_asked(one, two))

    def _is_asked(self, one: Figure, two: Figure) -> bool:
        """Whether the second figure counts what is asked: by its noun, or by the words before it."""
        asked = self._counted.things
        if not two.things <= ANYBODY:
            return count_alike(two.things, asked if asked - ANYBODY else one.things or two.things)
        return is_said_of(asked, two.before) if asked - ANYBODY else bool(two.things or two.fate)

    def _dates(self, answer: Candidate, other: Candidate) -> bool:
        one, two = date_of(answer.text), date_of(other.text)
        if not one or not two or one <= two or two <= one:
            return False
        told = plain_terms(other.citation) & plain_terms(answer.citation) - EVERYBODY
        first, second = (set(terms(place.quote)) for place in (answer.citation, other.citation))
        named = bool(self._names) and self._names <= first & second
        return (bool(told) or named) and self._same_event(answer.citation, other.citation, dates=False)

    def _named(self, answer: Candidate, other: Candidate) -> bool:
        """Of names a question may have several: they contradict each other only where somebody is said to say so."""
        reported = answer.citation.attributed_to is not None or other.citation.attributed_to is not None
        words = set(terms(answer.text)), set(terms(other.text))
        asked = set(terms(self._question))
        if not (reported and _WHO.search(self._question) and _is_name(answer.text) and _is_name(other.text)):
            return False
        if words[0] & words[1] or words[0] <= asked or words[1] <= asked:
            return False
        return self._same_event(answer.citation, other.citation)

    def _same_event(self, answer: Citation, other: Citation, *, dates: bool = True) -> bool:
        """Whether both sentences hold the question's rare words and names to a like degree, and no other time."""
        if dates and of_other_times(self._question, answer, other):
            return False
        first, second = around(answer), around(other)
        foreign = names_in(less_speaker(other)) - names_in(answer.quote) - self._names - above(answer)
        if self._near(answer, other) and (other.attributed_to is not None or not foreign):
            second = second | first
        if (self._names & first) - second:
            return False
        settings = self._settings
        share = settings.untold_share if other.attributed_to is None else settings.coverage_share
        return self._coverage(second) >= share * self._coverage(first)

    def _near(self, one: Citation, other: Citation) -> bool:
        return _gap(one, other) <= self._settings.near

    def _coverage(self, seen: set[str]) -> float:
        return sum(value for term, value in self._rarity.items() if term in seen)


def _teller(place: Citation) -> Attribution | None:
    at = place.start - place.quote_start
    begin = max((match.end() for match in _WHEREAS.finditer(place.quote, 0, at)), default=0)
    who = teller(place.quote, begin, at)
    if who is None:
        return None
    start, end = (place.quote_start + edge for edge in who)
    return Attribution(text=place.quote[slice(*who)], start=start, end=end)


def _from_others(one: Citation, other: Citation) -> bool:
    """Whether two values come from different speakers, documents, or kinds of text (a fact line, a sentence)."""
    speakers = [None if place.attributed_to is None else place.attributed_to.text.casefold() for place in (one, other)]
    if one.origin == other.origin and one.quote_start == other.quote_start:
        between = one.quote[min(one.end, other.end) - one.quote_start : max(one.start, other.start) - one.quote_start]
        told = None not in speakers or (speakers[0] is not None and bool(_WHEREAS.search(between)))
        return told and speakers[0] != speakers[1]
    return speakers[0] != speakers[1] or (
        speakers[0] is None and (one.origin != other.origin or (one.kind == "facts") != (other.kind == "facts"))
    )


def _from_one_mouth(one: Candidate, other: Candidate) -> bool:
    """Whether two values are one speaker's, or nobody's, in one sentence."""
    first, second = one.citation, other.citation
    sentence = (first.origin, first.quote_start) == (second.origin, second.quote_start)
    return sentence and _speaker(first) == _speaker(second)


def _speaker(place: Citation) -> str:
    by = place.attributed_to or _teller(place)
    return by.text.casefold() if by else ""


def _gap(one: Citation, other: Citation) -> float:
    """Characters between two places; those of different documents are infinitely apart."""
    return max(one.start, other.start) - min(one.end, other.end) if one.origin == other.origin else math.inf


def _is_name(text: str) -> bool:
    words = WORD.findall(text)
    return bool(words) and not re.search(r"\d", text) and words[-1][0].isupper() and len(words) <= 8
