"""Answers come as fast beside plain torch as when that was measured last, but for a fifth (elsewhere: half)."""

from __future__ import annotations

import pytest

from benchmarks.results_file import machine, newest_results
from benchmarks.speed.places import threads_here
from benchmarks.speed.small import small, small_samples, wanted


@pytest.mark.slow
def test_the_ratio_to_plain_torch_has_not_fallen() -> None:
    least = wanted(newest_results("speed"), machine())
    found = small(small_samples(), least, threads_here())
    assert found.median >= least, found.figures
