"""A reply against its gold question: what it scores, and where what was missed was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from embeddings.document import Document
from embeddings.passage import Hit
from qa import metrics
from qa.gold import Evidence, GoldQuestion, Stretch
from qa.metrics import MISSED, Scored
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply

RIGHT_F1 = 0.5  # from this F1 on an answer counts as right; what confidence is the probability of

Label = Literal[
    "right",
    "evidence not in the index",
    "retriever missed",
    "reader chose another span",
    "threshold refused",
    "answered the unanswerable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where the evidence of a question stands, by document, and what of it was not found."""

    stretches: Mapping[str, tuple[Stretch, ...]]
    missing: tuple[Evidence, ...] = ()

    def holds(self, document: str, start: int, end: int) -> bool:
        """Whether document.text[start:end] overlaps the evidence."""
        return any(a < end and start < b for a, b in self.stretches.get(document, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationCheck:
    """How many citations a reply has, how many are exact slices, and how many quotes hold their text at its place.

    `right_document` and `overlaps` are about the citation of a shown answer: it names a gold document, it shares
    characters with the evidence.
    """

    total: int
    exact: int
    quoted: int
    right_document: bool
    overlaps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A gold question, its reply and what that is worth.

    `document_rank` and `evidence_rank` are those of the first hit from a gold document and of the first that overlaps
    the evidence (`MISSED` if none does); `seconds` is the time that asking took.
    """

    gold: GoldQuestion
    reply: Reply
    scored: Scored
    located: Located
    document_rank: float
    evidence_rank: float
    citations: CitationCheck
    label: Label
    seconds: float


def judge(
    gold: GoldQuestion,
    reply: Reply,
    hits: Sequence[Hit],
    located: Located,
    document: Callable[[str], Document],
    *,
    read: Sequence[Hit],
    seconds: float,
) -> Judged:
    """Judge one reply; `hits` are the best passages for the question as asked, `read` those that were read."""
    best = best_candidate(reply)
    text = "" if best is None else best.text
    scored = Scored(
        answerable=gold.answerable,
        candidate=text,
        exact=metrics.best_of(metrics.exact, text, gold.answers),
        f1=metrics.best_of(metrics.f1, text, gold.answers),
        confidence=reply.confidence,
        answered=isinstance(reply.outcome, Answer),
    )
    documents = _documents(gold)

    def relevant(hit: Hit) -> bool:
        passage = hit.passage
        if not gold.evidence:
            return passage.document_id in documents
        return located.holds(passage.document_id, passage.start, passage.end)

    return Judged(
        gold=gold,
        reply=reply,
        scored=scored,
        located=located,
        document_rank=_rank([hit.passage.document_id in documents for hit in hits]),
        evidence_rank=_rank([relevant(hit) for hit in hits]),
        citations=_check(reply, documents, located, document),
        label=_label(scored, located, was_read=any(relevant(hit) for hit in read)),
        seconds=seconds,
    )


def best_candidate(reply: Reply) -> Candidate | None:
    """The candidate that was shown or, of a refusal, the best one rejected; None if there was none at all."""
    if isinstance(reply.outcome, Answer):
        return reply.outcome.best
    return reply.others[0] if reply.others else None


def citations_of(reply: Reply) -> Iterator[Citation]:
    """Every citation that a reply holds, whatever it is for."""
    outcome = reply.outcome
    candidates = list(reply.others)
    if isinstance(outcome, Answer):
        candidates += [outcome.best, *outcome.items]
    for candidate in candidates:
        yield candidate.citation
        yield from candidate.support
    if isinstance(outcome, NoAnswer):
        yield from outcome.nearest


def _documents(gold: GoldQuestion) -> set[str]:
    return {*gold.documents, *(evidence.document for evidence in gold.evidence)}


def _rank(relevant: Sequence[bool]) -> float:
    return next((float(place) for place, hit in enumerate(relevant, 1) if hit), MISSED)


def _check(reply: Reply, documents: set[str], located: Located, document: Callable[[str], Document]) -> CitationCheck:
    total = exact = quoted = 0
    for citation in citations_of(reply):
        text = document(citation.document).text
        quote_end = citation.quote_start + len(citation.quote)
        total += 1
        exact += text[citation.start : citation.end] == citation.text
        quoted += (
            text[citation.quote_start : quote_end] == citation.quote
            and citation.quote_start <= citation.start
            and citation.end <= quote_end
        )
    best = reply.outcome.best.citation if isinstance(reply.outcome, Answer) else None
    return CitationCheck(
        total=total,
        exact=exact,
        quoted=quoted,
        right_document=best is not None and best.document in documents,
        overlaps=best is not None and located.holds(best.document, best.start, best.end),
    )


def _label(scored: Scored, located: Located, *, was_read: bool) -> Label:
    if not scored.answerable:
        return "answered the unanswerable" if scored.answered else "right"
    if is_right(scored):
        return "right" if scored.answered else "threshold refused"
    if located.missing and not located.stretches:
        return "evidence not in the index"
    return "reader chose another span" if was_read else "retriever missed"


def is_right(scored: Scored) -> bool:
    """Whether the best candidate, shown or not, is right."""
    return scored.answerable and scored.f1 >= RIGHT_F1
