"""Fit the probability that an answer is right: which candidate to prefer, and how sure to be of it.

The weights are fitted listwise: within each question the right candidates, or for a question without an answer "none",
should outweigh the others (a conditional logit; McFadden 1974). The result is then scaled so that the best candidate's
probability is true to frequency (Platt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qa.confidence import BEFORE, Calibration, Evidence, Prospects, log_odds
from qa.disagreement import DisagreementSettings

RIGHT = 0.5  # F1 from which on an answer counts as right
RIDGE = 1e-3  # keeps the weights of like features from running apart
SAME = 0.99  # share of the questions of the fit that get the same answer from the passages that are read as from all
SHARE = DisagreementSettings().confidence_share  # a value with less of the answer's confidence contradicts nothing
NEVER_FOR = ("missing_names",)  # speaks against an answer or not at all, whatever a sample says
NAMES = tuple(field.name for field in fields(Evidence))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question's candidates: their evidence, (n, features), and the F1 of each against the gold answers, (n,)."""

    evidence: Floats
    f1: Floats


def fit(
    found: Sequence[Case], *, reader: str, encoder: str, split: dict[str, int], refused: float, null_margin: float = 0.0
) -> Calibration:
    """A calibration of all cases; its threshold refuses a share `refused` of the questions without an answer."""
    found = [case for case in found if len(case.f1)]
    everything = np.concatenate([case.evidence for case in found])
    means, scales = everything.mean(axis=0), everything.std(axis=0) + 1e-9
    lists = [((case.evidence - means) / scales, np.where(case.f1 >= RIGHT, case.f1, 0.0)) for case in found]
    bounds = [(None, 0.0 if name in NEVER_FOR else None) for name in NAMES] + [(None, None)]
    solution = minimize(_listwise, np.zeros(len(NAMES) + 1), args=(lists,), jac=True, method="L-BFGS-B", bounds=bounds)
    weights, bias = solution.x[:-1], solution.x[-1]
    best = np.array([(rows @ weights + bias).max() for rows, _ in lists])
    right = np.array([
        case.f1[int((rows @ weights).argmax())] >= RIGHT for case, (rows, _) in zip(found, lists, strict=True)
    ])  # fmt: skip
    slope, shift = minimize(_platt, np.array([1.0, 0.0]), args=(best, right), jac=True, method="L-BFGS-B").x
    answerable = np.array([(case.f1 >= RIGHT).any() for case in found])
    probability = 1 / (1 + np.exp(-(slope * best + shift)))
    threshold = round(float(np.quantile(probability[~answerable], refused)), 3)
    logits = [slope * (rows @ weights + bias) + shift for rows, _ in lists]
    return Calibration(
        weights=dict(zip(NAMES, (slope * weights).tolist(), strict=True)),
        means=dict(zip(NAMES, means.tolist(), strict=True)),
        scales=dict(zip(NAMES, scales.tolist(), strict=True)),
        intercept=float(slope * bias + shift),
        threshold=threshold,
        reader=reader,
        encoder=encoder,
        split=split,
        null_margin=null_margin,
        prospects=prospects([case.evidence for case in found], logits, threshold),
    )


def prospects(evidence: Sequence[Floats], logits: Sequence[Floats], threshold: float) -> Prospects:
    """What can be expected of passages before they are read: least squares over those that were.

    `evidence` (n, features) and `logits` (n,) are those of each question's candidates; candidates of one passage agree
    in BEFORE. `reach` is the least, in steps of an eighth, with which SAME of the questions get the same answer.
    """
    places = [NAMES.index(name) for name in BEFORE]
    passages = [_best_of_passages(rows[:, places], scores) for rows, scores in zip(evidence, logits, strict=True)]
    known, best = (np.concatenate(parts) for parts in zip(*passages, strict=True))
    solution = np.linalg.lstsq(np.column_stack([known, np.ones(len(known))]), best, rcond=None)[0]
    expected = [rows @ solution[:-1] + solution[-1] for rows, _ in passages]
    bar = float(np.log(threshold / (1 - threshold))) if 0 < threshold < 1 else 0.0
    reach = 0.0
    while True:
        same = [_same(mean + reach, scores, bar) for mean, (_, scores) in zip(expected, passages, strict=True)]
        if np.mean(same) >= SAME:
            break
        reach += 0.125
    return Prospects(
        weights=dict(zip(BEFORE, solution[:-1].tolist(), strict=True)), intercept=float(solution[-1]), reach=reach
    )


def _best_of_passages(known: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """What is known of each passage, (m, fields), and the best score of its candidates, (m,)."""
    passages, place = np.unique(known, axis=0, return_inverse=True)
    best = np.full(len(passages), -np.inf)
    np.maximum.at(best, place.reshape(-1), scores)
    return passages, best


def _same(most: Floats, best: Floats, bar: float) -> bool:
    """Whether the best of all passages is found when those that cannot come up to it stay unread.

    `most` is what each passage can reach, (m,), `best` what it has; passages are read one by one, as long as none came
    up to the `bar` of showing, or another can come near the best that was read.
    """
    found = -700.0  # less than any
    for place in np.argsort(-most, kind="stable"):
        if found >= bar and most[place] < max(bar, log_odds(SHARE / (1 + math.exp(-found)))):
            break
        found = max(found, best[place])
    return bool(found == best.max())


def held_out_pairs(found: Sequence[Case], calibration: Calibration) -> list[tuple[float, bool]]:
    """For each question the confidence of its best candidate, and whether that is right: what a risk is read off.

    `found` are cases that the calibration was not fitted on. A question without a candidate has confidence 0.
    """
    weights, means, scales = (
        np.array([part[name] for name in NAMES])
        for part in (calibration.weights, calibration.means, calibration.scales)
    )
    pairs = []
    for case in found:
        logits = (case.evidence - means) / scales @ weights + calibration.intercept
        if len(logits):
            best = int(logits.argmax())
            pairs.append((float(1 / (1 + np.exp(-logits[best]))), bool(case.f1[best] >= RIGHT)))
        else:
            pairs.append((0.0, False))
    return pairs


def cross_fitted_pairs(found: Sequence[Case], folds: int) -> list[tuple[float, bool]]:
    """Such pairs of all cases, each judged by a calibration of the other folds; every n-th case makes up a fold."""
    pairs = []
    for fold in range(folds):
        others = [case for place, case in enumerate(found) if place % folds != fold]
        pairs += held_out_pairs(found[fold::folds], fit(others, reader="", encoder="", split={}, refused=0.5))
    return pairs


def best_null_margin(margins: Floats, gains: Floats) -> float:
    """The threshold on margins, (n,), that wins most if what is below is refused.

    `gains` is what showing an answer wins over refusing it: its F1, or -1 where refusing is right.
    """
    order = np.argsort(-margins, kind="stable")
    won = np.concatenate([[0.0], np.cumsum(gains[order])])
    ends = np.append(np.flatnonzero(np.diff(margins[order]) < 0) + 1, len(margins))  # equal margins stay together
    best = int(ends[won[ends].argmax()])
    if won[best] <= 0:
        return float(margins.max()) + 1.0
    after = margins[order[best]] if best < len(margins) else margins[order[best - 1]] - 1.0
    return float((margins[order[best - 1]] + after) / 2)


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
