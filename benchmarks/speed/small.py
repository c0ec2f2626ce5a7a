"""The small version: ours against the plain way on the samples, held against the ratio that was measured last.

    python -m benchmarks.speed.small

Times differ between machines and hours, so ratios are compared, question by question and by their median. If the
median of twenty questions is too low, twenty more are asked, and then twenty more, and all of them count together: a
busy minute passes, a slower program stays slow. Needs no network, and nothing but the repository.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.results_file import machine, newest_results
from benchmarks.speed.figures import calibration_figures, ratio
from benchmarks.speed.material import Corpus, sample_corpus
from benchmarks.speed.places import opened, threads_here
from benchmarks.speed.race import calibration_loop, race
from embeddings.encode import SentenceEncoder

QUESTIONS = 20  # of a round
ROUNDS = 3
FALL = 0.2  # a ratio may be lower by a fifth
ELSEWHERE = 0.5  # and by half on another processor: caches and vector units favour one side or the other; or after
# a run of a few questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """Seconds of each side for the same questions, and of the calibration loop."""

    ours: Sequence[float]
    plain: Sequence[float]
    calibration: Sequence[float]

    @property
    def median(self) -> float:
        """Of the ratios of each question."""
        return float(np.median(np.divide(self.plain, self.ours)))

    @property
    def figures(self) -> dict[str, Any]:
        """As the results file has them."""
        return {
            "questions": len(self.ours),
            "ratio": ratio(self.plain, self.ours),
            "calibration": calibration_figures(self.calibration),
        }


def small(corpus: Corpus, least: float, threads: int) -> Small:
    """Rounds of questions until the median ratio is `least` or more, at most three of them."""
    ours: list[float] = []
    plain: list[float] = []
    calibration: list[float] = []
    with opened(("ours", "eager"), corpus, threads) as sides:
        for number in range(ROUNDS):
            questions = corpus.questions[number * QUESTIONS : (number + 1) * QUESTIONS]
            run = race(sides, questions, warm_up=() if number else corpus.warm_up, calibrate=calibration_loop)
            ours += [row.said["ours"].seconds for row in run.rows]
            plain += [row.said["eager"].seconds for row in run.rows]
            calibration += run.calibration
            found = Small(ours=ours, plain=plain, calibration=calibration)
            if found.median >= least:
                break
    return found


def wanted(results: Mapping[str, Any], here: Mapping[str, Any]) -> float:
    """The lowest ratio that passes on a machine, by the results of a run there or elsewhere."""
    same = all(results["machine"].get(key) == here[key] for key in ("cores", "processor")) and not results["limit"]
    return (1 - (FALL if same else ELSEWHERE)) * float(results["small"]["ratio"]["median"])


def small_samples() -> Corpus:
    """The samples and as many questions as there may be rounds for."""
    return sample_corpus(SentenceEncoder(), QUESTIONS * ROUNDS)


def main() -> int:
    """Measure, print, and exit with 1 if the ratio has fallen."""
    try:
        least = wanted(newest_results("speed"), machine())
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    found = small(small_samples(), least, threads_here())
    one, many = found.figures["ratio"], len(found.ours)
    print(
        f"the plain way takes {one['median']:.2f} times as long ({one['low']:.2f} to {one['high']:.2f}) over {many} "
        f"questions; at least {least:.2f} is wanted. The fixed loop took {1000 * min(found.calibration):.0f} to "
        f"{1000 * max(found.calibration):.0f} ms."
    )
    return int(found.median < least)


if __name__ == "__main__":
    raise SystemExit(main())
