"""A reply against its gold question: what it scores, and whether its citations are true."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from embeddings.document import Document
from embeddings.passage import Hit
from qa import metrics
from qa.evaluation.lost import Label, Located, Texts, label_of
from qa.evaluation.sides import Sides, sides_of
from qa.gold import GoldQuestion
from qa.metrics import MISSED, Scored
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply

SHOWN = 3  # passages of a question that a report shows


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationCheck:
    """How many citations a reply has, how many are exact slices, and how many quotes hold their text at its place.

    `right_document` and `overlaps` are about the citation of a shown answer: it names a gold document, it shares
    characters with the evidence. `precision` and `recall` (NaN: nothing shown, or no evidence) are about all that is
    cited for what is shown: the share that shares characters with the evidence, and the share of the pieces of evidence
    that one of them shares characters with.
    """

    total: int
    exact: int
    quoted: int
    right_document: bool
    overlaps: bool
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A gold question, its reply and what that is worth.

    `document_rank` is the place of the first gold document among the different documents that were found, each at its
    best hit, `evidence_rank` that of the first hit that overlaps the evidence (`MISSED` if none does); `read` are the
    best passages that were read. `sides` is there if sources differ; `in_full`, of a follow-up, is what the question
    asked in full scores. `seconds` is the time that asking took (NaN: not kept).
    """

    gold: GoldQuestion
    reply: Reply
    scored: Scored
    located: Located
    document_rank: float
    evidence_rank: float
    citations: CitationCheck
    label: Label
    read: tuple[Hit, ...]
    sides: Sides | None
    in_full: Scored | None
    seconds: float


def judge(
    gold: GoldQuestion,
    reply: Reply,
    hits: Sequence[Hit],
    located: Located,
    index: Texts,
    *,
    read: Sequence[Hit],
    in_full: Reply | None = None,
    seconds: float = math.nan,
) -> Judged:
    """Judge one reply; `hits` are the best passages for the question as asked, `read` those that were read."""
    scored = score(gold, reply)
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
        document_rank=_rank([name in documents for name in dict.fromkeys(hit.passage.document_id for hit in hits)]),
        evidence_rank=_rank([relevant(hit) for hit in hits]),
        citations=_check(reply, documents, located, index.document),
        label=label_of(gold, scored, best_candidate(reply), located, [hit.passage for hit in read], index),
        read=tuple(read[:SHOWN]),
        sides=sides_of(gold, reply) if gold.values else None,
        in_full=None if in_full is None else score(gold, in_full),
        seconds=seconds,
    )


def score(gold: GoldQuestion, reply: Reply) -> Scored:
    """What the best candidate of a reply, shown or refused, scores."""
    best = best_candidate(reply)
    text = "" if best is None else best.text
    return Scored(
        answerable=gold.answerable,
        candidate=text,
        exact=metrics.best_of(metrics.exact, text, gold.answers),
        f1=metrics.best_of(metrics.f1, text, gold.answers),
        confidence=reply.confidence,
        answered=isinstance(reply.outcome, Answer),
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
    precision, recall = _cited(reply, located)
    return CitationCheck(
        total=total,
        exact=exact,
        quoted=quoted,
        right_document=best is not None and best.document in documents,
        overlaps=best is not None and located.holds(best.document, best.start, best.end),
        precision=precision,
        recall=recall,
    )


def _cited(reply: Reply, located: Located) -> tuple[float, float]:
    """Precision and recall of the citations of the answer, its items and the values that contradict it."""
    if not isinstance(reply.outcome, Answer) or not located.pieces:
        return math.nan, math.nan
    shown = [reply.outcome.best, *reply.outcome.items, *(other for other in reply.others if other.conflicts)]
    cited = {
        (place.document, place.start, place.end) for one in shown for place in (one.citation, *one.support)
    }  # an item may stand where the answer does
    return (
        metrics.mean([float(located.holds(*place)) for place in cited]),
        metrics.mean([float(any(piece.holds(*place) for place in cited)) for piece in located.pieces]),
    )
