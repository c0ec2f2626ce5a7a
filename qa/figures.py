"""What many judged questions come to: figures, in all, by type and by kind."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa import metrics
from qa.judge import Judged, best_candidate, is_right
from qa.reply import Answer, Reply

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The judged questions of one gold file, in its order."""

    judged: tuple[Judged, ...]

    @property
    def overall(self) -> Figures:
        """The figures of all questions."""
        return figures(self.judged)

    @property
    def by_type(self) -> dict[str, Figures]:
        """The figures of each type of question, types in order of their names."""
        types = sorted({one.gold.type for one in self.judged})
        return {name: figures([one for one in self.judged if one.gold.type == name]) for name in types}

    @property
    def by_kind(self) -> dict[str, Figures]:
        """The figures of each kind of unanswerable question."""
        kinds = sorted({one.gold.kind for one in self.judged if one.gold.kind})
        return {name: figures([one for one in self.judged if one.gold.kind == name]) for name in kinds}

    @property
    def labels(self) -> dict[str, int]:
        """How many questions were answered rightly, and how many were lost at each step; most frequent first."""
        return dict(Counter(one.label for one in self.judged).most_common())

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals, 0..100: by resampling for F1, Wilson's for shares."""
        has = [one.scored for one in self.judged if one.gold.answerable]
        lacks = [one.scored for one in self.judged if not one.gold.answerable]
        low, high = metrics.bootstrap([one.f1 if one.answered else 0.0 for one in has])
        refused = metrics.wilson(sum(not one.answered for one in lacks), len(lacks))
        return {"HasAns_f1": (100 * low, 100 * high), "unanswerable_refused": (100 * refused[0], 100 * refused[1])}


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """All figures of some judged questions, NaN where nothing was measured.

    Shares and the keys of the SQuAD script are 0..100; mrr, auroc, ece, brier and aurc 0..1; seconds are seconds.
    """
    has = [one for one in judged if one.gold.answerable]
    lacks = [one for one in judged if not one.gold.answerable]
    answered = [one for one in judged if one.scored.answered]
    return {
        **metrics.squad_figures([one.scored for one in judged]),
        "answered": len(answered),
        "refused": len(judged) - len(answered),
        "unanswerable_refused": _share([not one.scored.answered for one in lacks]),
        "answerable_refused": _share([not one.scored.answered for one in has]),
        **_confidence_figures(judged),
        **_retrieval_figures(has),
        **_citation_figures(judged),
        **_list_figures(has),
        **_seconds([one.seconds for one in judged]),
    }


def _share(flags: Sequence[bool]) -> float:
    return 100 * metrics.mean([float(flag) for flag in flags])


def _confidence_figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Of the best candidates, shown or refused; `HasAns_auroc` of those on answerable questions alone."""
    ones = [one for one in judged if best_candidate(one.reply) is not None]
    confidences, right = [one.scored.confidence for one in ones], [is_right(one.scored) for one in ones]
    losses = [float(not one) for one in right]
    has = [one for one in ones if one.gold.answerable]
    return {
        "auroc": metrics.auroc(confidences, right),
        "HasAns_auroc": metrics.auroc([one.scored.confidence for one in has], [is_right(one.scored) for one in has]),
        "ece": metrics.expected_calibration_error(confidences, right),
        "brier": metrics.brier(confidences, right),
        "aurc": metrics.aurc(confidences, losses),
        "coverage_at_risk_10": 100 * metrics.coverage_at_risk(confidences, losses, 0.10),
    }


def _retrieval_figures(has: Sequence[Judged]) -> dict[str, float]:
    ranks = {
        "document": [one.document_rank for one in has if one.gold.documents],
        "evidence": [one.evidence_rank for one in has if one.gold.evidence],
    }
    found: dict[str, float] = {}
    for name, places in ranks.items():
        found |= {f"{name}_recall_at_{k}": 100 * metrics.recall_at(places, k) for k in (1, 5, 20)}
        found[f"{name}_mrr"] = metrics.mean_reciprocal_rank(places)
    return found


def _citation_figures(judged: Sequence[Judged]) -> dict[str, float]:
    shown = [one for one in judged if one.scored.answered and one.gold.answerable]
    total = sum(one.citations.total for one in judged)
    return {
        "citations": total,
        "citation_exact": 100 * sum(one.citations.exact for one in judged) / total if total else math.nan,
        "citation_in_quote": 100 * sum(one.citations.quoted for one in judged) / total if total else math.nan,
        "citation_right_document": _share([one.citations.right_document for one in shown if one.gold.documents]),
        "citation_evidence_overlap": _share([one.citations.overlaps for one in shown if one.gold.evidence]),
    }


def _list_figures(has: Sequence[Judged]) -> dict[str, float]:
    """Of questions that ask for a list, and of those on which sources differ."""
    lists = [metrics.item_score(_items(one.reply), one.gold.items) for one in has if one.gold.items]
    conflicts = [one for one in has if one.gold.values]
    values = [
        metrics.item_score(_values(one.reply), [[value.answer] for value in one.gold.values]) for one in conflicts
    ]
    return {
        "item_precision": 100 * metrics.mean([one.precision for one in lists if not math.isnan(one.precision)]),
        "item_recall": 100 * metrics.mean([one.recall for one in lists]),
        "values_recall": 100 * metrics.mean([one.recall for one in values]),
        "disagreement_shown": _share(
            [isinstance(one.reply.outcome, Answer) and one.reply.outcome.disagreement for one in conflicts]
        ),
    }


def _items(reply: Reply) -> list[str]:
    return [item.text for item in reply.outcome.items] if isinstance(reply.outcome, Answer) else []


def _values(reply: Reply) -> list[str]:
    shown = [reply.outcome.best.text] if isinstance(reply.outcome, Answer) else []
    return [*shown, *(other.text for other in reply.others)]


def _seconds(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {
        "seconds_mean": metrics.mean(seconds),
        "seconds_p50": float(np.percentile(seconds, 50)),
        "seconds_p95": float(np.percentile(seconds, 95)),
    }
