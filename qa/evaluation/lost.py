"""At which step a question was lost that was not answered rightly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from embeddings.document import Document
from embeddings.passage import Passage
from qa.gold import Evidence, GoldQuestion, Stretch
from qa.metrics import Scored
from qa.reply import Candidate
from qa.values import same_value

RIGHT_F1 = 0.5  # from this F1 on an answer counts as right; what confidence is the probability of

Label = Literal[
    "right",
    "evidence not in the index",
    "splitting cut it",
    "retriever missed",
    "reader chose another span",
    "threshold refused",
    "gold lacks the form",
    "answered the unanswerable",
]
MEANINGS: Mapping[Label, str] = {
    "right": "answered rightly, or unanswerable and refused",
    "evidence not in the index": "ingestion lost it: the text has not the evidence, or no form of the answer there",
    "splitting cut it": "no passage holds a form of the answer whole",
    "retriever missed": "no passage that was read holds the answer",
    "reader chose another span": "a passage with the answer was read, another span came out best",
    "threshold refused": "the best candidate was right, and not sure enough",
    "gold lacks the form": "the span holds the answer, or its number or date, at its place and yet has F1 < 0.5",
    "answered the unanswerable": "an answer was shown to a question that has none",
}
assert tuple(MEANINGS) == get_args(Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The index, as far as it is needed to tell: a document by its id, and all its passages."""

    document: Callable[[str], Document]
    passages_of: Callable[[str], Sequence[Passage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of evidence that was found: the stretches of a document that stand for it, wherever it occurs."""

    document: str
    stretches: tuple[Stretch, ...]

    def holds(self, document: str, start: int, end: int) -> bool:
        """Whether document.text[start:end] overlaps it."""
        return document == self.document and any(a < end and start < b for a, b in self.stretches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The evidence of a question that was found, and what of it was not."""

    pieces: tuple[Piece, ...]
    missing: tuple[Evidence, ...] = ()

    def holds(self, document: str, start: int, end: int) -> bool:
        """Whether document.text[start:end] overlaps the evidence."""
        return any(piece.holds(document, start, end) for piece in self.pieces)

    def places(self, forms: Sequence[str], document: Callable[[str], Document]) -> list[Place]:
        """Where the evidence gives the answer: every occurrence of a form that overlaps it, by document and place."""
        found = {
            Place(document=id, start=start, end=end)
            for id in {piece.document for piece in self.pieces}
            for form in forms
            for start, end in _occurrences(form, document(id).text)
            if self.holds(id, start, end)
        }
        return sorted(found)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A stretch of a document."""

    document: str
    start: int
    end: int

    def is_within(self, document: str, start: int, end: int) -> bool:
        """Whether document.text[start:end] holds it whole."""
        return document == self.document and start <= self.start and self.end <= end

    def is_in(self, passage: Passage) -> bool:
        """Whether a passage holds it whole."""
        return self.is_within(passage.document_id, passage.start, passage.end)


def _occurrences(form: str, text: str) -> Iterator[Stretch]:
    """Where the words of a form stand, with whatever marks between them: those of Markdown are not in the text."""
    words = re.findall(r"\w+", form)
    pattern = r"\b" + r"\W+".join(words) + r"\b"
    return (match.span() for match in re.finditer(pattern, text, re.IGNORECASE)) if words else iter(())


def is_right(scored: Scored) -> bool:
    """Whether the best candidate, shown or not, is right."""
    return scored.answerable and scored.f1 >= RIGHT_F1


def label_of(
    gold: GoldQuestion,
    scored: Scored,
    best: Candidate | None,
    located: Located,
    read: Sequence[Passage],
    index: Texts,
) -> Label:
    """Where a question ended: the first step that lost it; `read` are the passages that were read.

    A question without evidence can only be lost by the reader, the threshold or the gold file.
    """
    if not gold.answerable:
        return "answered the unanswerable" if scored.answered else "right"
    if is_right(scored):
        return "right" if scored.answered else "threshold refused"
    places = located.places(gold.answers, index.document)
    if best is not None and _has_the_answer(best, gold, located, places):
        return "gold lacks the form"
    if _was_read(gold, places, read):
        return "reader chose another span"
    return _before_reading(gold, places, index)


def _was_read(gold: GoldQuestion, places: Sequence[Place], read: Sequence[Passage]) -> bool:
    if gold.evidence or not gold.documents:
        return any(place.is_in(passage) for place in places for passage in read) or not gold.evidence
    return any(passage.document_id in gold.documents for passage in read)


def _before_reading(gold: GoldQuestion, places: Sequence[Place], index: Texts) -> Label:
    if not gold.evidence or any(place.is_in(one) for place in places for one in index.passages_of(place.document)):
        return "retriever missed"
    return "splitting cut it" if places else "evidence not in the index"


def _has_the_answer(best: Candidate, gold: GoldQuestion, located: Located, places: Sequence[Place]) -> bool:
    """Whether a candidate that scores badly holds the answer at its place, or has its number or date there."""
    cited = best.citation
    if any(place.is_within(cited.document, cited.start, cited.end) for place in places):
        return True
    return (
        any(character.isdigit() for character in best.text)
        and located.holds(cited.document, cited.start, cited.end)
        and any(same_value(best.text, form) for form in gold.answers)
    )
