"""Metrics against hand-worked values, the official script's own procedure, and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import metrics
from qa.evaluation import resample
from qa.metrics import MISSED, Scored

words = st.lists(st.sampled_from(["the", "cat", "Sat,", "on", "a", "mat.", "é"]), max_size=6).map(" ".join)
ranked = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), max_size=12)


@pytest.mark.parametrize(
    ("prediction", "gold", "em", "f1"),
    [
        ("The Cat!", "cat", 1, 1),
        ("February 21, 2019", "21 February 2019", 0, 1),
        ("in Gao", "Gao", 0, 2 / 3),
        ("Gao Gao", "Gao", 0, 2 / 3),  # multiset: the second one is not in the gold
        ("“Gao”", "Gao", 0, 0),  # only ASCII punctuation is taken off
        ("the", "", 1, 1),  # both empty after normalisation
        ("", "Gao", 0, 0),
        ("Gao", "", 0, 0),
        ("2 injured", "two injured", 0, 0.5),
    ],
)
def test_exact_and_f1_worked_by_hand(prediction: str, gold: str, em: float, f1: float) -> None:
    assert metrics.exact(prediction, gold) == em
    assert metrics.f1(prediction, gold) == pytest.approx(f1)


def test_best_of_takes_the_best_gold_and_ignores_empty_ones() -> None:
    assert metrics.best_of(metrics.f1, "in Gao", ["Mali", "Gao"]) == pytest.approx(2 / 3)
    assert metrics.best_of(metrics.exact, "", ["the", "Gao"]) == 0
    assert metrics.best_of(metrics.exact, "", []) == 1


@given(words, words)
def test_f1_is_symmetric_bounded_and_at_least_exact(a: str, b: str) -> None:
    assert metrics.f1(a, b) == metrics.f1(b, a)
    assert 0 <= metrics.exact(a, b) <= metrics.f1(a, b) <= 1
    assert metrics.f1(a, a) == 1


def scored(answerable: bool, f1: float, confidence: float, answered: bool, candidate: str = "x") -> Scored:
    return Scored(
        answerable=answerable,
        candidate=candidate,
        exact=float(f1 == 1),
        f1=f1,
        confidence=confidence,
        answered=answered,
    )


def test_squad_figures_worked_by_hand() -> None:
    figures = metrics.squad_figures(
        [
            scored(True, 1.0, 0.9, True),
            scored(True, 0.5, 0.7, True),
            scored(True, 0.8, 0.2, False),
            scored(False, 0.0, 0.6, True),
            scored(False, 0.0, 0.1, False),
        ]
    )
    assert figures == pytest.approx(
        {
            "exact": 40,  # one right, one refused rightly, of five
            "f1": 50,
            "total": 5,
            "HasAns_exact": 100 / 3,
            "HasAns_f1": 50,
            "HasAns_total": 3,
            "NoAns_exact": 50,
            "NoAns_f1": 50,
            "NoAns_total": 2,
            "f1_no_refusal": 100 * 2.3 / 3,
            "best_exact": 60,  # answer only the surest: 1 + two refused rightly
            "best_exact_thresh": 0.1,
            "best_f1": 70,  # the two surest: 1 + 0.5 + two refused rightly
            "best_f1_thresh": 0.3,
        }
    )


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=8))
def test_best_threshold_is_the_official_one_when_confidences_differ(rows: list[tuple[bool, float]]) -> None:
    ones = [scored(answerable, gain, 1 - i / 10, True) for i, (answerable, gain) in enumerate(rows)]
    current = best = sum(not one.answerable for one in ones)  # the official procedure, which walks up na_prob
    threshold = 0.0
    for one in sorted(ones, key=lambda one: 1 - one.confidence):
        current += one.f1 if one.answerable else -1
        if current > best:
            best, threshold = current, 1 - one.confidence
    figures = metrics.squad_figures(ones)
    assert figures["best_f1"] == pytest.approx(100 * best / len(ones))
    assert figures["best_f1_thresh"] == threshold


def test_a_threshold_never_divides_equal_confidences() -> None:
    figures = metrics.squad_figures([scored(True, 1.0, 0.5, True), scored(False, 0.0, 0.5, True)])
    assert (figures["best_exact"], figures["best_exact_thresh"]) == (50, 0)


def test_ranks() -> None:
    ranks = [1, 3, MISSED, 20]
    assert metrics.recall_at(ranks, 1) == 0.25
    assert metrics.recall_at(ranks, 5) == 0.5
    assert metrics.recall_at(ranks, 20) == 0.75
    assert metrics.mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3 + 1 / 20) / 4)


@given(ranked)
def test_auroc_is_the_share_of_pairs_in_order(rows: list[tuple[float, bool]]) -> None:
    pairs = [(a, b) for a, right in rows if right for b, other in rows if not other]
    area = metrics.auroc([c for c, _ in rows], [r for _, r in rows])
    if pairs:
        assert area == pytest.approx(sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs))
    else:
        assert math.isnan(area)


def test_calibration_worked_by_hand() -> None:
    # bin [0.9, 1]: mean confidence 0.95, half right; bin [0, 0.1): 0.05, none right
    confidences, right = [0.9, 1.0, 0.05, 0.05], [True, False, False, False]
    assert metrics.expected_calibration_error(confidences, right) == pytest.approx((0.45 + 0.05) / 2)
    assert metrics.brier(confidences, right) == pytest.approx((0.01 + 1 + 0.0025 + 0.0025) / 4)
    assert math.isnan(metrics.expected_calibration_error([], []))


def test_bins_are_stated_and_each_class_counts_alike_in_macro_ce() -> None:
    confidences, right = [0.9, 1.0, 0.05, 0.05], [True, False, False, False]
    low, high = metrics.reliability(confidences, right)
    assert (low.low, low.high, low.count, low.confidence, low.right) == (0, 0.1, 2, 0.05, 0)
    assert (high.low, high.high, high.count, high.confidence, high.right) == (0.9, 1, 2, 0.95, 0.5)
    # right ones lack 0.1; wrong ones have 1.1 / 3
    assert metrics.macro_calibration_error(confidences, right) == pytest.approx((0.1 + 1.1 / 3) / 2)
    assert math.isnan(metrics.macro_calibration_error([0.4], [True]))
    assert metrics.base_rate_brier(right) == 0.25 * 0.75
    assert metrics.brier([0.25] * 4, right) == metrics.base_rate_brier(right)
    assert metrics.reliability([], []) == []


@given(ranked)
def test_calibration_error_is_that_of_each_bin_by_itself(rows: list[tuple[float, bool]]) -> None:
    whole = 0.0
    for i in range(10):
        inside = [(c, r) for c, r in rows if i / 10 <= c < (i + 1) / 10 or (i == 9 and c == 1)]
        whole += abs(sum(c for c, _ in inside) - sum(r for _, r in inside))
    expected = whole / len(rows) if rows else math.nan
    assert metrics.expected_calibration_error(*parts(rows)) == pytest.approx(expected, nan_ok=True)


def parts(rows: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [c for c, _ in rows], [r for _, r in rows]


@given(ranked, st.sampled_from([0.0, 0.05, 0.1, 0.25, 1 / 3, 0.5]))
def test_coverage_at_a_risk_tries_every_threshold(rows: list[tuple[float, bool]], risk: float) -> None:
    confidences, right = parts(rows)
    best = 0.0
    for threshold in confidences:
        shown = [r for c, r in rows if c >= threshold]
        if shown.count(False) / len(shown) <= risk:
            best = max(best, len(shown) / len(rows))
    found = metrics.coverage_at_risk(confidences, metrics.losses(right), risk)
    assert found == best if rows else math.isnan(found)


@given(ranked.filter(len))
def test_risk_among_equals_is_the_mean_over_their_orders(rows: list[tuple[float, bool]]) -> None:
    confidences, right = parts(rows)
    ordered = sorted(rows, key=lambda row: -row[0])
    expected = []
    for count in range(1, len(rows) + 1):
        edge = ordered[count - 1][0]
        above = [r for c, r in rows if c > edge]
        equal = [r for c, r in rows if c == edge]
        lost = above.count(False) + equal.count(False) * (count - len(above)) / len(equal)
        expected.append(lost / count)
    assert metrics.risks(confidences, metrics.losses(right)) == pytest.approx(expected)
    assert metrics.aurc(confidences, metrics.losses(right)) == pytest.approx(sum(expected) / len(expected))


def test_risk_coverage_worked_by_hand() -> None:
    confidences, losses = [0.9, 0.8, 0.8, 0.1], [0, 1, 0, 1]
    points = metrics.risk_coverage(confidences, losses)
    assert [(p.threshold, p.coverage) for p in points] == [(0.9, 0.25), (0.8, 0.75), (0.1, 1.0)]
    assert [p.risk for p in points] == pytest.approx([0, 1 / 3, 1 / 2])
    # the two equal ones carry half a loss each: risks 0, 0.5/2, 1/3, 2/4
    assert metrics.aurc(confidences, losses) == pytest.approx((0 + 0.25 + 1 / 3 + 0.5) / 4)
    assert metrics.coverage_at_risk(confidences, losses, 0.4) == 0.75
    assert metrics.coverage_at_risk(confidences, losses, 0.1) == 0.25
    assert metrics.coverage_at_risk([0.5], [1], 0.1) == 0


@given(ranked, st.randoms(use_true_random=False))
def test_order_of_questions_changes_no_figure(rows: list[tuple[float, bool]], random) -> None:
    shuffled = random.sample(rows, len(rows))
    for figure in (
        metrics.aurc,
        metrics.expected_calibration_error,
        metrics.auroc,
        lambda c, r: metrics.coverage_at_risk(c, r, 0.3),
    ):
        one, other = (figure([c for c, _ in part], [r for _, r in part]) for part in (rows, shuffled))
        assert one == pytest.approx(other, nan_ok=True)


def test_item_score_uses_each_gold_item_once() -> None:
    gold = [["scalpels"], ["the drones", "small drones"], ["glass"]]
    score = metrics.item_score(["drones", "small drones", "scalpels", "beer"], gold)
    assert (score.precision, score.recall) == (0.5, pytest.approx(2 / 3))
    assert metrics.item_score([], gold).recall == 0
    assert math.isnan(metrics.item_score([], gold).precision)


def test_intervals() -> None:
    assert metrics.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert metrics.wilson(0, 10)[0] == 0


def test_bootstrap_is_seeded_and_near_the_exact_distribution() -> None:
    low, high = resample.bootstrap([0.0, 1.0] * 50)
    assert 0.38 <= low < 0.5 < high <= 0.62
    assert resample.bootstrap([0.0, 1.0] * 50) == (low, high)
    assert resample.bootstrap([0.3] * 5) == pytest.approx((0.3, 0.3))
    assert all(math.isnan(end) for end in resample.bootstrap([]))
    sums = resample.draws(lambda rows: float(rows.sum()), 2, rounds=4000)  # of {0, 1}: 0 in 1/4, 1 in 1/2, 2 in 1/4
    assert [float((sums == total).mean()) for total in (0, 1, 2)] == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    odd = resample.draws(lambda rows: math.nan if rows[0] else 1.0, 2, rounds=100)
    assert 30 < len(odd) < 70 and set(odd) == {1.0}  # what cannot be worked out is left out


def test_p_value_counts_the_rarer_side_twice() -> None:
    assert resample.p_value(np.array([-1.0, 1, 2, 3, 4, 5, 6, 7, 8])) == 2 * (1 + 1) / 10
    assert resample.p_value(np.ones(9)) == 2 * 1 / 10
    assert resample.p_value(np.zeros(9)) == 1
