"""Scores of answers, rankings and confidences; pure functions, each for one idea.

Answers are scored as the official SQuAD script does (Rajpurkar et al. 2018, evaluate-v2.0), so that figures compare.
A figure that nothing was measured for is NaN, never 0. A rank is 1 for the best; `MISSED` is the rank of what was not
found.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSED = math.inf
BINS = 10  # of confidence, equally wide
Array = NDArray[np.float64]
Floats = Sequence[float] | Array
Flags = Sequence[bool] | NDArray[np.bool_]
_PUNCTUATION = str.maketrans("", "", string.punctuation)  # ASCII only, as in the official script


def normalise_answer(text: str) -> str:
    """Lower case, without ASCII punctuation, without a, an and the, blanks collapsed."""
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_PUNCTUATION)).split())


def exact(prediction: str, gold: str) -> float:
    """1.0 if both are the same after normalisation, else 0.0."""
    return float(normalise_answer(prediction) == normalise_answer(gold))


def f1(prediction: str, gold: str) -> float:
    """Harmonic mean of precision and recall over the tokens as multisets, 0..1; if either is empty: 1 if both are."""
    predicted, wanted = normalise_answer(prediction).split(), normalise_answer(gold).split()
    if not predicted or not wanted:
        return float(predicted == wanted)
    shared = (Counter(predicted) & Counter(wanted)).total()
    return 2 * shared / (len(predicted) + len(wanted))


def best_of(score: Callable[[str, str], float], prediction: str, golds: Sequence[str]) -> float:
    """The best score against any gold answer; golds that normalise to nothing don't count, and none at all is ""."""
    usable = [gold for gold in golds if normalise_answer(gold)] or [""]
    return max(score(prediction, gold) for gold in usable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One question's best candidate, shown or refused, against its gold answers.

    `exact` and `f1` (0..1) are those of the candidate ("" when there was none). `confidence` is that of the candidate.
    """

    answerable: bool
    candidate: str
    exact: float
    f1: float
    confidence: float
    answered: bool


def squad_figures(scored: Sequence[Scored]) -> dict[str, float]:
    """The keys of the official v2 script, 0..100, and `f1_no_refusal`.

    A refusal scores 1 on an unanswerable question and 0 on any other. `f1_no_refusal` is the F1 of the best candidate
    on answerable questions whether or not it was shown. `best_*_thresh` are thresholds on the probability that there is
    no answer (1 - confidence), as in the script; unlike there, equal confidences are never divided.
    """
    figures: dict[str, float] = {}
    groups = {
        "": list(scored),
        "HasAns_": [one for one in scored if one.answerable],
        "NoAns_": [one for one in scored if not one.answerable],
    }
    for prefix, group in groups.items():
        figures[prefix + "exact"] = 100 * mean([_shown(one, one.exact) for one in group])
        figures[prefix + "f1"] = 100 * mean([_shown(one, one.f1) for one in group])
        figures[prefix + "total"] = len(group)
    figures["f1_no_refusal"] = 100 * mean([one.f1 for one in groups["HasAns_"]])
    for name, gains in (("exact", [one.exact for one in scored]), ("f1", [one.f1 for one in scored])):
        figures[f"best_{name}"], figures[f"best_{name}_thresh"] = _best_threshold(scored, gains)
    return figures


def _shown(one: Scored, score: float) -> float:
    return score if one.answered else float(not one.answerable)


def _best_threshold(scored: Sequence[Scored], gains: Sequence[float]) -> tuple[float, float]:
    if not scored:
        return math.nan, math.nan
    score = best = float(sum(not one.answerable for one in scored))
    threshold = 0.0
    ranked = sorted(zip(scored, gains, strict=True), key=lambda pair: -pair[0].confidence)
    for place, (one, gain) in enumerate(ranked):
        score += gain if one.answerable else -float(bool(one.candidate))
        divides_equals = place + 1 < len(ranked) and ranked[place + 1][0].confidence == one.confidence
        if score > best and not divides_equals:
            best, threshold = score, 1 - one.confidence
    return 100 * best / len(scored), threshold


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; NaN of nothing."""
    return math.fsum(values) / len(values) if values else math.nan


def recall_at(ranks: Sequence[float], k: int) -> float:
    """The share of questions, 0..1, for which something relevant stands among the k best."""
    return mean([float(rank <= k) for rank in ranks])


def mean_reciprocal_rank(ranks: Sequence[float]) -> float:
    """The mean of 1/rank, 0..1; what was missed counts 0."""
    return mean([1 / rank for rank in ranks])


def auroc(confidences: Floats, right: Flags) -> float:
    """The probability that a right answer has more confidence than a wrong one, a tie counting one half.

    NaN unless there are right and wrong ones.
    """
    values, mask = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=bool)
    above, below = values[mask], np.sort(values[~mask])
    if not len(above) or not len(below):
        return math.nan
    wins = np.searchsorted(below, above, "left").sum() + np.searchsorted(below, above, "right").sum()
    return float(wins / (2 * len(above) * len(below)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The questions of confidences from `low` on: how many, their mean confidence, and the share that was right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


def reliability(confidences: Floats, right: Flags, bins: int = BINS) -> list[Bin]:
    """Equally wide bins, half-open: [0, 1/bins) and so on, the last one with 1; empty ones are left out."""
    values, hits = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    place = _bin_of(values, bins)
    return [
        Bin(
            low=i / bins,
            high=(i + 1) / bins,
            count=int((place == i).sum()),
            confidence=float(values[place == i].mean()),
            right=float(hits[place == i].mean()),
        )
        for i in np.unique(place).tolist()
    ]


def _bin_of(values: Array, bins: int) -> NDArray[np.int64]:
    place: NDArray[np.int64] = np.minimum((values * bins).astype(np.int64), bins - 1)
    return place


def expected_calibration_error(confidences: Floats, right: Flags, bins: int = BINS) -> float:
    """Mean distance, 0..1, of confidence from the share that was right, over the bins weighted by their size.

    Naeini et al. 2015, Guo et al. 2017.
    """
    values, hits = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    gaps = np.bincount(_bin_of(values, bins), weights=values - hits)
    return float(np.abs(gaps).sum() / len(values)) if len(values) else math.nan


def macro_calibration_error(confidences: Floats, right: Flags) -> float:
    """Mean of what right answers lack in confidence and of what wrong ones have, each class alike, 0..1.

    NaN unless there are right and wrong ones. Si et al. 2022 (MacroCE).
    """
    values, mask = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=bool)
    if mask.all() or not mask.any():
        return math.nan
    return float(((1 - values[mask]).mean() + values[~mask].mean()) / 2)


def brier(confidences: Floats, right: Flags) -> float:
    """Mean squared distance of the confidence from what happened, 0..1 (Brier 1950)."""
    missed = np.asarray(confidences, dtype=np.float64) - np.asarray(right, dtype=np.float64)
    return float((missed**2).mean()) if len(missed) else math.nan


def base_rate_brier(right: Flags) -> float:
    """What `brier` is if every confidence is the share that was right: what a confidence has to be better than."""
    share = np.asarray(right, dtype=np.float64).mean() if len(right) else math.nan
    return float(share * (1 - share))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """If everything of at least this confidence is answered: the share answered and their mean loss (both 0..1)."""

    threshold: float
    coverage: float
    risk: float


def risk_coverage(confidences: Floats, losses: Floats) -> list[RiskPoint]:
    """The points that a threshold can reach, one per distinct confidence, highest threshold first."""
    values, answered, lost = _thresholds(confidences, losses)
    return [
        RiskPoint(threshold=threshold, coverage=count / len(confidences), risk=loss / count)
        for threshold, count, loss in zip(values.tolist(), answered.tolist(), lost.tolist(), strict=True)
    ]


def _thresholds(confidences: Floats, losses: Floats) -> tuple[Array, Array, Array]:
    """The distinct confidences, highest first; how many questions have at least that, and the sum of their losses."""
    values, costs = np.asarray(confidences, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    last = np.flatnonzero(np.diff(values[order], append=-np.inf))
    return values[order][last], (last + 1).astype(np.float64), np.cumsum(costs[order])[last]


def risks(confidences: Floats, losses: Floats) -> Array:
    """The mean loss of answering the 1, 2, ... surest questions; among equal confidences losses are spread evenly."""
    _, answered, lost = _thresholds(confidences, losses)
    counts = np.arange(1, len(confidences) + 1)
    found: Array = np.interp(counts, np.append(0, answered), np.append(0, lost)) / counts
    return found


def losses(right: Flags) -> Array:
    """1.0 for each that is wrong."""
    return 1.0 - np.asarray(right, dtype=np.float64)


def aurc(confidences: Floats, losses: Floats) -> float:
    """Area under the risk-coverage curve: the mean of `risks`, 0..1. Geifman and El-Yaniv 2017."""
    return float(risks(confidences, losses).mean()) if len(confidences) else math.nan


def coverage_at_risk(confidences: Floats, losses: Floats, risk: float) -> float:
    """The largest share of questions that one threshold can answer with a mean loss of at most `risk`; 0 if none."""
    if not len(confidences):
        return math.nan
    _, answered, lost = _thresholds(confidences, losses)
    return float(answered[lost / answered <= risk].max(initial=0) / len(confidences))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """Precision and recall of a list, 0..1; NaN where there is nothing to divide by."""

    precision: float
    recall: float


def item_score(predicted: Sequence[str], gold: Sequence[Sequence[str]], least: float = 0.5) -> ItemScore:
    """Match each predicted item with at most one gold item (any of its forms), best F1 first, from `least` upwards."""
    pairs = sorted(
        ((best_of(f1, item, forms), -i, -j) for i, item in enumerate(predicted) for j, forms in enumerate(gold)),
        reverse=True,
    )
    used_items: set[int] = set()
    used_gold: set[int] = set()
    for score, i, j in pairs:
        if score >= least and i not in used_items and j not in used_gold:
            used_items.add(i)
            used_gold.add(j)
    matched = len(used_items)
    return ItemScore(
        precision=matched / len(predicted) if predicted else math.nan,
        recall=matched / len(gold) if gold else math.nan,
    )


def wilson(successes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share, 0..1 (Wilson 1927); 95 % by default."""
    if not total:
        return math.nan, math.nan
    share, spread = successes / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
