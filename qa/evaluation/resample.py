"""How much a figure would differ had other questions of the same kind been asked: the bootstrap (Efron 1979)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qa.metrics import Array, Floats


def draws(statistic: Callable[[NDArray[np.int64]], float], size: int, rounds: int = 1000, seed: int = 0) -> Array:
    """A statistic of `size` questions drawn with replacement, `rounds` times; the same for the same seed.

    It is given the positions that were drawn. Where it is NaN, it is left out.
    """
    chooser = np.random.default_rng(seed)
    drawn = np.array([statistic(chooser.integers(size, size=size)) for _ in range(rounds)] if size else [])
    kept: Array = drawn[~np.isnan(drawn)]
    return kept


def interval(drawn: Array) -> tuple[float, float]:
    """The 95 % percentile interval of a statistic that was drawn."""
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (math.nan, math.nan)
    return float(low), float(high)


def p_value(differences: Array) -> float:
    """How often a difference that was drawn lies on the rarer side of 0, twice: small if there is one, 1 at most."""
    rarer = min((differences <= 0).sum(), (differences >= 0).sum())
    return min(1.0, 2 * (float(rarer) + 1) / (len(differences) + 1))


def bootstrap(values: Floats, rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of a mean, by resampling; the same for the same seed."""
    sample = np.asarray(values, dtype=np.float64)
    return interval(draws(lambda rows: float(sample[rows].mean()), len(sample), rounds, seed))
