"""From judged spans to the candidates of a reply: distinct values, cited, and the parts of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from embeddings.document import Document
from embeddings.passage import Hit
from qa.cite import quote_place
from qa.confidence import Evidence
from qa.reply import Candidate, Citation, Span
from qa.several import asks_for_several, enumeration, parts
from qa.yes_no import asks_yes_or_no, clause

SUPPORTED = 0.25  # share of a value's confidence from which on another place that gives it is believed to
COPIED = 8  # words of a sentence from which on it is a copy where it stands in another document word for word

Cite = Callable[[Span], Citation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate span with the hit it was read in, what speaks for it, and its probability of being right."""

    span: Span
    hit: Hit
    evidence: Evidence
    confidence: float


def distinct(
    judged: Sequence[Judged], same: Callable[[str, str], bool], most: int
) -> list[list[Judged]]:  # fmt: skip
    """Judged spans, the most probable first, by the value they give: at most so many values, in their order."""
    groups: list[list[Judged]] = []
    for one in judged:
        group = next((group for group in groups if same(group[0].span.text, one.span.text)), None)
        if group is not None:
            group.append(one)
        elif len(groups) < most:
            groups.append([one])
    return groups


def shown_of(group: Sequence[Judged], prose_share: float) -> Judged:
    """Where a value is cited: at its most probable span, or, for a fact line, where prose says it too.

    The prose must have at least `prose_share` of the fact line's confidence.
    """
    best = group[0]
    if best.span.passage.kind != "facts":
        return best
    enough = best.confidence * prose_share
    return next((one for one in group if one.span.passage.kind != "facts" and one.confidence >= enough), best)


def candidate(group: Sequence[Judged], shown: Span, cite: Cite) -> Candidate:
    """One value with where it stands: cited at the span shown, supported by every other place that gives it.

    A place that has the same words and is hardly believed to answer gives something else, and what another document
    copied is no further place.
    """
    places: list[Span] = [shown]
    for one in group:
        if one.confidence >= SUPPORTED * group[0].confidence and not any(one.span.overlaps(place) for place in places):
            places.append(one.span)
    kept: list[Citation] = []
    for citation in map(cite, places):
        if not any(_is_copy(citation, other) for other in kept):
            kept.append(citation)
    return Candidate(text=shown.text, confidence=group[0].confidence, citation=kept[0], support=tuple(kept[1:]))


def _is_copy(one: Citation, other: Citation) -> bool:
    """Whether two documents are one file, or have the same sentence, and one so long that nobody writes it twice."""
    words = one.quote.split()
    alike = len(words) >= COPIED or one.sha256 == other.sha256
    return one.origin != other.origin and alike and words == other.quote.split()


def widened(span: Span, asked: str, document: Document) -> Span:
    """The span as it answers a question: one for several things is answered by the whole enumeration that the span is
    part of, one for yes or no by the clause or fact line that decides.

    Neither reaches beyond the sentence or line of the span, nor beyond its passage.
    """
    decides = asks_yes_or_no(asked)
    if not decides and not asks_for_several(asked):
        return span
    begin, stop = quote_place(span, document)
    if decides and span.passage.kind in ("facts", "table"):
        start, end = begin, stop
    else:
        around = clause if decides else enumeration
        start, end = (begin + edge for edge in around(document.text[begin:stop], span.start - begin, span.end - begin))
    within = span.passage.start <= start and end <= span.passage.end
    if not within and not decides:
        return span
    start, end = max(start, span.passage.start), min(end, span.passage.end)
    return Span(passage=span.passage, start=start, end=end, score=span.score)


def items_of(span: Span, confidence: float, cite: Cite) -> tuple[Candidate, ...]:
    """The parts of a span that enumerates, each cited by itself; none where it doesn't."""
    stretches = (
        Span(passage=span.passage, start=span.start + start, end=span.start + end, score=span.score)
        for start, end in parts(span.text)
    )
    return tuple(Candidate(text=part.text, confidence=confidence, citation=cite(part)) for part in stretches)
