"""Two runs of the same questions compared, question by question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import BadInput
from qa.evaluation.measures import MEASURES, STATISTICS, Statistic
from qa.evaluation.resample import draws, interval, p_value
from qa.evaluation.runs import Outcome, Run
from qa.metrics import Array

ROUNDS = 2000  # draws of the bootstrap: p values down to 0.001

Rows = NDArray[np.int64]
Pair = tuple[Outcome, Outcome]  # one question in A and in B


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure of both runs and B - A, in the figure's unit, with its paired 95 % bootstrap interval and p value.

    `digits` is how many decimals are worth showing.
    """

    key: str
    head: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    less_is_better: bool
    digits: int

    def is_worse(self, margin: float = 0.0) -> bool:
        """Whether B is worse by more than `margin`, wherever in the interval the difference is."""
        return self.low > margin if self.less_is_better else self.high < -margin

    def is_better(self) -> bool:
        """Whether B is better, wherever in the interval the difference is."""
        return self.high < 0 if self.less_is_better else self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs compared over the questions that both have, in A's order.

    `judged` is the difference that decides. `gains` are how much better B is on each question by that figure (0..1).
    """

    a: Run
    b: Run
    pairs: tuple[Pair, ...]
    differences: tuple[Difference, ...]
    by_type: tuple[Difference, ...]
    judged: Difference
    gains: tuple[float, ...]
    margin: float

    @property
    def worse(self) -> bool:
        """Whether B is significantly worse, by more than the margin."""
        return self.judged.is_worse(self.margin)

    @property
    def wins(self) -> list[Pair]:
        """The questions on which B is better, the clearest first."""
        return self._ranked(1)

    @property
    def losses(self) -> list[Pair]:
        """The questions on which B is worse, the clearest first."""
        return self._ranked(-1)

    @property
    def moves(self) -> list[tuple[str, str, int]]:
        """How often a question ended in one way in A and in another in B; most frequent first."""
        moved = Counter((a.label, b.label) for a, b in self.pairs if a.label != b.label)
        return [(*labels, count) for labels, count in sorted(moved.items(), key=lambda item: (-item[1], item[0]))]

    def _ranked(self, sign: int) -> list[Pair]:
        changed = [(gain, pair) for gain, pair in zip(self.gains, self.pairs, strict=True) if sign * gain > 0]
        return [pair for _, pair in sorted(changed, key=lambda one: -sign * one[0])]


def compare(a: Run, b: Run, measure: str = "f1", margin: float = 0.0) -> Comparison:
    """Compare two runs by every figure; `measure`, of MEASURES, decides, with a margin in percentage points.

    Raises BadInput if no question is in both, the same id is another question there, or the measure is unknown.
    """
    chosen = {one.key: one for one in MEASURES}.get(measure)
    if chosen is None:
        raise BadInput(f"{measure}: no such measure; there are {', '.join(one.key for one in MEASURES)}")
    pairs = tuple((one, b.outcomes[id]) for id, one in a.outcomes.items() if id in b.outcomes)
    if not pairs:
        raise BadInput(f"{a.name} and {b.name} have no question in common; compare runs of the same gold file")
    for one, other in pairs:
        if (one.question, one.answers) != (other.question, other.answers):
            raise BadInput(
                f"{one.id} is another question, or has other gold answers, in {b.name} than in {a.name}; make both "
                "runs with the same gold file"
            )
    by_measure = {one.key: _measured(pairs, one.key, one.head, one.less_is_better) for one in MEASURES}
    found = [*by_measure.values(), *(_of_confidence(pairs, one) for one in STATISTICS)]
    types = {name: [pair for pair in pairs if pair[0].type == name] for name in sorted({one.type for one, _ in pairs})}
    sign = -1 if chosen.less_is_better else 1
    return Comparison(
        a=a,
        b=b,
        pairs=pairs,
        differences=tuple(one for one in found if not math.isnan(one.difference)),
        by_type=tuple(_measured(part, name, name, chosen.less_is_better, measure) for name, part in types.items()),
        judged=by_measure[measure],
        gains=tuple(sign * (b.scores.get(measure, math.nan) - a.scores.get(measure, math.nan)) for a, b in pairs),
        margin=margin,
    )


def _measured(pairs: Sequence[Pair], key: str, head: str, less_is_better: bool, measure: str = "") -> Difference:
    """A mean over the questions, in percent; a question that it does not apply to in one run counts in the other."""
    scores = np.array([[one.scores.get(measure or key, math.nan) for one in pair] for pair in pairs]) * 100
    scores = scores[~np.isnan(scores).all(axis=1)]
    return _difference(
        lambda rows: _mean(scores[rows, 0]),
        lambda rows: _mean(scores[rows, 1]),
        len(scores),
        key=key,
        head=head,
        less_is_better=less_is_better,
        digits=1,
    )


def _of_confidence(pairs: Sequence[Pair], statistic: Statistic) -> Difference:
    """Of the candidates' confidences; a question without a candidate in one run counts in the other."""

    def of(place: int) -> Callable[[Rows], float]:
        ones = [pair[place] for pair in pairs]
        sure, right = np.array([one.confidence for one in ones]), np.array([one.right for one in ones])
        there = np.array([one.candidate is not None for one in ones])

        def value(rows: Rows) -> float:
            kept = rows[there[rows]]
            return statistic.scale * statistic.of(sure[kept], right[kept])

        return value

    return _difference(
        of(0),
        of(1),
        len(pairs),
        key=statistic.key,
        head=statistic.head,
        less_is_better=statistic.less_is_better,
        digits=1 if statistic.scale == 100 else 3,
    )


def _difference(
    a: Callable[[Rows], float],
    b: Callable[[Rows], float],
    size: int,
    *,
    key: str,
    head: str,
    less_is_better: bool,
    digits: int,
) -> Difference:
    rows = np.arange(size)
    before, after = (a(rows), b(rows)) if size else (math.nan, math.nan)
    drawn = draws(lambda rows: b(rows) - a(rows), size, ROUNDS)
    low, high = interval(drawn)
    return Difference(
        key=key,
        head=head,
        a=before,
        b=after,
        difference=after - before,
        low=low,
        high=high,
        p=p_value(drawn),
        less_is_better=less_is_better,
        digits=digits,
    )


def _mean(values: Array) -> float:
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else math.nan
