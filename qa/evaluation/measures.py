"""What is measured: of each question, and of the confidences of many."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa import metrics
from qa.evaluation.judge import Judged, best_candidate
from qa.evaluation.lost import is_right
from qa.metrics import Flags, Floats
from qa.reply import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something measured of each question that it applies to (else NaN), 0..1; its figure is the mean, in percent."""

    key: str
    head: str
    meaning: str
    of: Callable[[Judged], float]
    less_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """Something measured of the best candidates' confidences and whether they were right; shown times `scale`."""

    key: str
    head: str
    meaning: str
    of: Callable[[Floats, Flags], float]
    scale: int = 1
    less_is_better: bool = False


def scores(one: Judged) -> dict[str, float]:
    """All measures of a question, NaN where one does not apply."""
    return {measure.key: measure.of(one) for measure in MEASURES}


def confidences(judged: Sequence[Judged]) -> tuple[list[float], list[bool]]:
    """Of each best candidate, shown or refused, its confidence and whether it is right."""
    ones = [one.scored for one in judged if best_candidate(one.reply) is not None]
    return [one.confidence for one in ones], [is_right(one) for one in ones]


def _if(applies: bool, value: float) -> float:
    return float(value) if applies else math.nan


def _shown(one: Judged, value: float) -> float:
    """A refusal scores 1 on an unanswerable question and 0 on any other, as in the SQuAD script."""
    return value if one.scored.answered else float(not one.gold.answerable)


def _has(one: Judged, value: float) -> float:
    return _if(one.gold.answerable, value)


def _cites(one: Judged, there: bool, value: float) -> float:
    return _if(one.scored.answered and one.gold.answerable and there, value)


def _items(one: Judged) -> metrics.ItemScore:
    outcome = one.reply.outcome
    items = [item.text for item in outcome.items] if isinstance(outcome, Answer) else []
    return metrics.item_score(items, one.gold.items)


def _values(one: Judged) -> float:
    shown = [one.reply.outcome.best] if isinstance(one.reply.outcome, Answer) else []
    texts = [candidate.text for candidate in (*shown, *one.reply.others)]
    return metrics.item_score(texts, [[value.answer] for value in one.gold.values]).recall


def _disagrees(one: Judged) -> bool:
    return isinstance(one.reply.outcome, Answer) and one.reply.outcome.disagreement


def _recall(rank: float, k: int) -> float:
    return metrics.recall_at([rank], k)


def _in_full(one: Judged) -> float:
    full = one.in_full
    if full is None:
        return math.nan
    return full.f1 if full.answered else float(not full.answerable)


MEASURES: tuple[Measure, ...] = (
    Measure(
        key="exact",
        head="EM",
        meaning="exact match; a refusal counts 1 if there is no answer, else 0",
        of=lambda one: _shown(one, one.scored.exact),
    ),
    Measure(
        key="f1",
        head="F1",
        meaning="F1 of tokens; a refusal counts 1 if there is no answer, else 0",
        of=lambda one: _shown(one, one.scored.f1),
    ),
    Measure(
        key="HasAns_exact",
        head="EM answerable",
        meaning="the same of answerable questions",
        of=lambda one: _has(one, _shown(one, one.scored.exact)),
    ),
    Measure(
        key="HasAns_f1",
        head="F1 answerable",
        meaning="the same of answerable questions",
        of=lambda one: _has(one, _shown(one, one.scored.f1)),
    ),
    Measure(
        key="f1_no_refusal",
        head="F1 unrefused",
        meaning="F1 of the best candidate of answerable questions, shown or refused",
        of=lambda one: _has(one, one.scored.f1),
    ),
    Measure(
        key="shown_right",
        head="shown right",
        meaning="answers shown that are right (F1 >= 0.5)",
        of=lambda one: _if(one.scored.answered, is_right(one.scored)),
    ),
    Measure(
        key="answerable_refused",
        head="refused",
        meaning="answerable questions that were refused",
        of=lambda one: _has(one, not one.scored.answered),
        less_is_better=True,
    ),
    Measure(
        key="unanswerable_refused",
        head="unans. refused",
        meaning="unanswerable questions that were refused",
        of=lambda one: _if(not one.gold.answerable, not one.scored.answered),
    ),
    Measure(
        key="document_recall_at_5",
        head="doc R@5",
        meaning="one of the five best documents is a gold one",
        of=lambda one: _has(one, _if(bool(one.gold.documents), _recall(one.document_rank, 5))),
    ),
    Measure(
        key="evidence_recall_at_5",
        head="evid. R@5",
        meaning="one of the five best passages overlaps the evidence",
        of=lambda one: _has(one, _if(bool(one.gold.evidence), _recall(one.evidence_rank, 5))),
    ),
    Measure(
        key="citation_right_document",
        head="cited doc",
        meaning="answers that cite a gold document",
        of=lambda one: _cites(one, bool(one.gold.documents), one.citations.right_document),
    ),
    Measure(
        key="citation_evidence_overlap",
        head="cited evid.",
        meaning="answers whose citation overlaps the evidence",
        of=lambda one: _cites(one, bool(one.gold.evidence), one.citations.overlaps),
    ),
    Measure(
        key="citation_precision",
        head="cit. precision",
        meaning="of all citations of an answer, those that overlap the evidence",
        of=lambda one: one.citations.precision,
    ),
    Measure(
        key="citation_recall",
        head="cit. recall",
        meaning="of the pieces of evidence of an answered question, those that a citation overlaps",
        of=lambda one: one.citations.recall,
    ),
    Measure(
        key="item_precision",
        head="item precision",
        meaning="of the items listed, those that gold lists",
        of=lambda one: _has(one, _if(bool(one.gold.items), _items(one).precision)),
    ),
    Measure(
        key="item_recall",
        head="item recall",
        meaning="of gold's items, those that are listed",
        of=lambda one: _has(one, _if(bool(one.gold.items), _items(one).recall)),
    ),
    Measure(
        key="values_recall",
        head="values found",
        meaning="where sources differ: of gold's values, those among the answer and all other candidates",
        of=lambda one: _has(one, _if(one.sides is not None, _values(one))),
    ),
    Measure(
        key="disagreement_shown",
        head="disagr. said",
        meaning="where sources differ: replies that say so",
        of=lambda one: _has(one, _if(one.sides is not None, _disagrees(one))),
    ),
    Measure(
        key="both_sides_shown",
        head="both sides",
        meaning="where sources differ: replies that say so, with two or more of gold's values and no other",
        of=lambda one: math.nan if one.sides is None else float(one.sides.shown),
    ),
    Measure(
        key="attribution_right",
        head="attributed",
        meaning="of these, the replies that attribute each value as gold does",
        of=lambda one: math.nan if one.sides is None or not one.sides.shown else float(one.sides.attributed),
    ),
    Measure(
        key="disagreement_precision",
        head="disagr. precision",
        meaning="of the replies that say that sources differ, those on questions on which they do",
        of=lambda one: _if(_disagrees(one), one.sides is not None),
    ),
    Measure(
        key="false_disagreement",
        head="false disagr.",
        meaning="of the other questions that were answered, those said to be disputed",
        of=lambda one: _if(one.sides is None and one.scored.answered, _disagrees(one)),
        less_is_better=True,
    ),
    Measure(
        key="follow_up_f1",
        head="follow-up F1",
        meaning="F1 of the follow-ups that gold also has in full, as they were typed",
        of=lambda one: _if(one.in_full is not None, _shown(one, one.scored.f1)),
    ),
    Measure(
        key="follow_up_full_f1",
        head="in full F1",
        meaning="F1 of the same questions asked in full",
        of=_in_full,
    ),
)


def _coverage(risk: float) -> Callable[[Floats, Flags], float]:
    return lambda sure, right: metrics.coverage_at_risk(sure, metrics.losses(right), risk)


STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        key="auroc", head="AUROC", meaning="confidence tells right from wrong (F1 >= 0.5), 0..1", of=metrics.auroc
    ),
    Statistic(
        key="ece",
        head="ECE",
        meaning=f"expected calibration error, {metrics.BINS} bins of equal width, 0..1",
        of=metrics.expected_calibration_error,
        less_is_better=True,
    ),
    Statistic(
        key="macro_ce",
        head="MacroCE",
        meaning="mean of 1 - confidence of right and of confidence of wrong candidates, each class alike, 0..1",
        of=metrics.macro_calibration_error,
        less_is_better=True,
    ),
    Statistic(
        key="brier",
        head="Brier",
        meaning="mean squared error of the confidence, 0..1",
        of=metrics.brier,
        less_is_better=True,
    ),
    Statistic(
        key="aurc",
        head="AURC",
        meaning="mean share of wrong ones over answering 1, 2, ... of the surest, 0..1",
        of=lambda sure, right: metrics.aurc(sure, metrics.losses(right)),
        less_is_better=True,
    ),
    *(
        Statistic(
            key=f"coverage_at_risk_{percent}",
            head=f"cov. at {percent} %",
            meaning=f"largest share of questions that a threshold can answer with at most {percent} % wrong",
            of=_coverage(percent / 100),
            scale=100,
        )
        for percent in (5, 10, 20)
    ),
)
