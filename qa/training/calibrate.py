"""Fit the probability that an answer is right: which candidate to prefer, and how sure to be of it.

The weights are fitted listwise: within each question the right candidates, or for a question without an answer "none",
should outweigh the others (a conditional logit; McFadden 1974). The result is then scaled so that the best candidate's
probability is true to frequency (Platt 1999).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qa.answerer import Answerer
from qa.confidence import Calibration, Evidence
from qa.gold import GoldQuestion
from qa.metrics import best_of, f1

RIGHT = 0.5  # F1 from which on an answer counts as right
RIDGE = 1e-3  # keeps the weights of like features from running apart
NAMES = tuple(field.name for field in fields(Evidence))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question's candidates: their evidence, (n, features), and the F1 of each against the gold answers, (n,)."""

    evidence: Floats
    f1: Floats


def cases(answerer: Answerer, gold: Sequence[GoldQuestion], strangers: Sequence[str], seed: int = 0) -> Iterator[Case]:
    """Ask gold questions, a third of the answerable ones again without the documents that answer them, and strangers.

    `strangers` are questions about other things altogether, which the documents don't answer.
    """
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    everything = frozenset(entry.id for entry in answerer.index.documents)
    for question in gold:
        yield _case(answerer, question.full or question.question, question.answers, None)
        if question.answers and chance.random() < 1 / 3:
            yield _case(answerer, question.full or question.question, (), everything - set(question.documents))
    for stranger in strangers:
        yield _case(answerer, stranger, (), None)


def _case(answerer: Answerer, question: str, answers: tuple[str, ...], documents: frozenset[str] | None) -> Case:
    _, judged = answerer.judge(question, documents)
    return Case(
        evidence=np.array([list(asdict(one.evidence).values()) for one in judged]).reshape(-1, len(NAMES)),
        f1=np.array([best_of(f1, one.span.text, answers) if answers else 0.0 for one in judged]),
    )


def fit(found: Sequence[Case], *, reader: str, encoder: str, split: dict[str, int], refused: float) -> Calibration:
    """A calibration of all cases; its threshold refuses a share `refused` of the questions without an answer."""
    found = [case for case in found if len(case.f1)]
    everything = np.concatenate([case.evidence for case in found])
    means, scales = everything.mean(axis=0), everything.std(axis=0) + 1e-9
    lists = [((case.evidence - means) / scales, np.where(case.f1 >= RIGHT, case.f1, 0.0)) for case in found]
    solution = minimize(_listwise, np.zeros(len(NAMES) + 1), args=(lists,), jac=True, method="L-BFGS-B")
    weights, bias = solution.x[:-1], solution.x[-1]
    best = np.array([(rows @ weights + bias).max() for rows, _ in lists])
    right = np.array([
        case.f1[int((rows @ weights).argmax())] >= RIGHT for case, (rows, _) in zip(found, lists, strict=True)
    ])  # fmt: skip
    slope, shift = minimize(_platt, np.array([1.0, 0.0]), args=(best, right), jac=True, method="L-BFGS-B").x
    answerable = np.array([(case.f1 >= RIGHT).any() for case in found])
    probability = 1 / (1 + np.exp(-(slope * best + shift)))
    return Calibration(
        weights=dict(zip(NAMES, (slope * weights).tolist(), strict=True)),
        means=dict(zip(NAMES, means.tolist(), strict=True)),
        scales=dict(zip(NAMES, scales.tolist(), strict=True)),
        intercept=float(slope * bias + shift),
        threshold=round(float(np.quantile(probability[~answerable], refused)), 3),
        reader=reader,
        encoder=encoder,
        split=split,
    )


def _listwise(parameters: Floats, lists: Sequence[tuple[Floats, Floats]]) -> tuple[float, Floats]:
    """Mean negative log share of what is right, "none" having score 0, with its gradient."""
    weights, bias = parameters[:-1], parameters[-1]
    loss, gradient = 0.0, np.zeros_like(parameters)
    for rows, gain in lists:
        scores = rows @ weights + bias
        top = max(float(scores.max()), 0.0)
        powers, none = np.exp(scores - top), np.exp(-top)
        share = powers / (powers.sum() + none)
        if gain.any():
            wanted = powers * gain
            loss -= float(np.log(wanted.sum() / (powers.sum() + none)))
            difference = share - wanted / wanted.sum()
        else:
            loss -= float(np.log(none / (powers.sum() + none)))
            difference = share
        gradient[:-1] += difference @ rows
        gradient[-1] += difference.sum()
    count = len(lists)
    gradient /= count
    gradient[:-1] += 2 * RIDGE * weights
    return loss / count + RIDGE * float(weights @ weights), gradient


def _platt(parameters: Floats, scores: Floats, right: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Mean log loss of a logistic curve over scores, with its gradient."""
    slope, shift = parameters
    logits = slope * scores + shift
    loss = float(np.mean(np.logaddexp(0, logits) - right * logits))
    difference = 1 / (1 + np.exp(-logits)) - right
    return loss, np.array([np.mean(difference * scores), np.mean(difference)])
