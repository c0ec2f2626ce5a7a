"""What many judged questions come to: figures, in all, by type and by kind."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa import metrics
from qa.evaluation.judge import Judged
from qa.evaluation.lost import Label
from qa.evaluation.measures import MEASURES, STATISTICS, Statistic, confidences
from qa.evaluation.resample import bootstrap, draws, interval
from qa.metrics import Array

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
    def labels(self) -> dict[Label, int]:
        """How many questions were answered rightly, and how many were lost at each step; most frequent first."""
        return dict(Counter(one.label for one in self.judged).most_common())

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals of the main figures, in their units: Wilson's for shares, else by resampling questions."""
        found = {measure.key: _interval([measure.of(one) for one in self.judged]) for measure in MEASURES}
        sure, right = confidences(self.judged)
        return found | {one.key: _drawn(one, np.array(sure), np.array(right)) for one in STATISTICS}


def _drawn(one: Statistic, sure: Array, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Percentiles; those of the calibration errors lean upwards, as each draw has gaps of its own."""
    return interval(one.scale * draws(lambda rows: one.of(sure[rows], right[rows]), len(sure)))


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Of a mean, 0..100; NaN is left out."""
    kept = [value for value in values if not math.isnan(value)]
    whole = all(value in (0, 1) for value in kept)
    low, high = metrics.wilson(round(sum(kept)), len(kept)) if whole else bootstrap(kept)
    return 100 * low, 100 * high


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """All figures of some judged questions, NaN where nothing was measured.

    Shares and the keys of the SQuAD script are 0..100; mrr, auroc, ece, macro_ce, brier and aurc 0..1; seconds are
    seconds.
    """
    has = [one for one in judged if one.gold.answerable]
    answered = sum(one.scored.answered for one in judged)
    sure, right = confidences(judged)
    return {
        **metrics.squad_figures([one.scored for one in judged]),
        "answered": answered,
        "refused": len(judged) - answered,
        **{measure.key: _mean([measure.of(one) for one in judged]) for measure in MEASURES},
        **{statistic.key: statistic.scale * statistic.of(sure, right) for statistic in STATISTICS},
        "brier_base_rate": metrics.base_rate_brier(right),
        "HasAns_auroc": metrics.auroc(*confidences(has)),
        **_retrieval_figures(has),
        **_citation_figures(judged),
        **_seconds([one.seconds for one in judged]),
    }


def _mean(values: Sequence[float]) -> float:
    """In percent; NaN is left out."""
    return 100 * metrics.mean([value for value in values if not math.isnan(value)])


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
    total = sum(one.citations.total for one in judged)
    return {
        "citations": total,
        "citation_exact": 100 * sum(one.citations.exact for one in judged) / total if total else math.nan,
        "citation_in_quote": 100 * sum(one.citations.quoted for one in judged) / total if total else math.nan,
    }


def _seconds(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {
        "seconds_mean": metrics.mean(seconds),
        "seconds_p50": float(np.percentile(seconds, 50)),
        "seconds_p95": float(np.percentile(seconds, 95)),
    }
