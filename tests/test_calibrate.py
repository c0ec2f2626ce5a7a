"""Fitting a calibration: the gradients against differences, and what a fit must find in made-up cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from qa.confidence import Evidence
from qa.fit import NAMES, Case, _listwise, _platt, fit

RANDOM = np.random.default_rng(5)


def made_up(questions: int) -> list[Case]:
    """Six candidates each; in two of three questions the one whose margin stands out is right, in the third none is."""
    cases = []
    for question in range(questions):
        evidence = RANDOM.normal(size=(6, len(NAMES)))
        f1 = np.zeros(6)
        if question % 3:
            evidence[2, NAMES.index("margin")] += 4
            f1[2] = 1.0
        cases.append(Case(evidence=evidence, f1=f1))
    return cases


def test_gradients_are_those_of_the_losses() -> None:
    lists = [(case.evidence, case.f1) for case in made_up(9)]
    at = RANDOM.normal(size=len(NAMES) + 1) * 0.3
    assert _listwise(at, lists)[1] == pytest.approx(approx_fprime(at, lambda p: _listwise(p, lists)[0], 1e-6), abs=1e-4)
    scores, right = RANDOM.normal(size=20), RANDOM.random(20) < 0.5
    two = np.array([0.7, -0.2])
    assert _platt(two, scores, right)[1] == pytest.approx(
        approx_fprime(two, lambda p: _platt(p, scores, right)[0], 1e-6), abs=1e-4
    )


def test_a_fit_prefers_what_is_right_and_is_true_to_frequency() -> None:
    calibration = fit(made_up(600), reader="r", encoder="e", split={"words": 120}, refused=0.7)
    assert max(calibration.weights, key=lambda name: calibration.weights[name]) == "margin"
    fresh = made_up(600)
    best = [
        max(
            (calibration.probability(Evidence(**dict(zip(NAMES, row, strict=True)))), right)
            for row, right in zip(case.evidence, case.f1, strict=True)
        )
        for case in fresh
    ]
    said, right = np.array(best).T
    for low, high in ((0.0, 0.5), (0.5, 0.9), (0.9, 1.0)):
        some = (said >= low) & (said <= high)
        assert said[some].mean() == pytest.approx(right[some].mean(), abs=0.12)
    unanswerable = said[::3]
    assert np.mean(unanswerable < calibration.threshold) == pytest.approx(0.7, abs=0.12)
