"""Answers come as fast beside plain torch as when that was measured last, but for a fifth."""

from __future__ import annotations

import pytest

from benchmarks.results_file import machine
from benchmarks.speed.places import threads_here
from benchmarks.speed.small import baseline, small, small_samples, wanted


@pytest.mark.slow
def test_the_ratio_to_plain_torch_has_not_fallen() -> None:
    try:
        least = wanted(baseline(), machine())
    except FileNotFoundError as error:
        pytest.skip(str(error))
    found = small(small_samples(), least, threads_here())
    assert found.median >= least, found.figures
