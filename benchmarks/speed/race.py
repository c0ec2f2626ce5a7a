"""Sides asked in turn, question by question, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from benchmarks.speed.protocol import Said
from qa.gold import GoldQuestion

CALIBRATE_EVERY = 10  # questions: often enough to see the machine change, too seldom to be felt
PAUSE = 0.02  # seconds between two sides: threads of the one that wait in a loop have gone to sleep by then


class Asked(Protocol):
    """What is asked: a worker, in tests something simpler."""

    def ask(self, question: str) -> Said:
        """The answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question and what each side said."""

    gold: GoldQuestion
    said: Mapping[str, Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """All rows, and the seconds of each calibration loop between them."""

    rows: Sequence[Row]
    calibration: Sequence[float] = field(default_factory=tuple)


def race(
    sides: Mapping[str, Asked],
    questions: Sequence[GoldQuestion],
    *,
    warm_up: Sequence[str] = (),
    calibrate: Callable[[], float],
    pause: float = PAUSE,
    progress: Callable[[int], None] = lambda done: None,
) -> Race:
    """Ask every side every question; who is first changes from question to question."""
    for question in warm_up:
        for side in sides.values():
            side.ask(question)
    rows: list[Row] = []
    calibration = [calibrate()]
    for place, gold in enumerate(questions):
        said = {}
        for name in rotated(list(sides), place):
            time.sleep(pause)
            said[name] = sides[name].ask(gold.question)
        rows.append(Row(gold=gold, said={name: said[name] for name in sides}))
        if (place + 1) % CALIBRATE_EVERY == 0 or place + 1 == len(questions):
            calibration.append(calibrate())
        progress(place + 1)
    return Race(rows=rows, calibration=calibration)


def rotated(names: Sequence[str], place: int) -> Iterator[str]:
    """The same names, the first of them another one each time."""
    first = place % len(names)
    return iter([*names[first:], *names[:first]])


def calibration_loop() -> float:
    """The seconds of a fixed piece of work: twenty products of two 768 x 768 float32 matrices, on all threads.

    It is no measure of a machine's speed at our work, but the same each time: where it takes longer, the machine was
    busy, and milliseconds measured beside it are too long.
    """
    chance = np.random.default_rng(0)
    left, right = (chance.standard_normal((768, 768), dtype=np.float32) for _ in range(2))
    began = time.perf_counter()
    for _ in range(20):
        np.matmul(left, right)
    return time.perf_counter() - began
