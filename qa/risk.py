"""From the share of wrong answers that a person accepts to the threshold that keeps to it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from embeddings.errors import ModelUnusable, UserError
from embeddings.manifest import install

HELD_OUT = "held_out.json"  # beside the calibration that the pairs belong to
CERTAINTY = 0.95  # of the statement; what users of intervals expect
THRESHOLDS = tuple(step / 200 for step in range(199, -1, -1))  # looked at in this order; fixed before any data is seen
SLACK = 0.5  # testing begins where this share of the wanted risk, seen among the shown, would be low enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A threshold that keeps to a risk, and what is known of it from the held-out questions.

    `shown` of `questions` reach the threshold, and `wrong` of these are wrong. `risk` is what was asked for.
    """

    risk: float
    threshold: float
    shown: int
    wrong: int
    questions: int

    @property
    def coverage(self) -> float:
        """The share (0..1) of the questions whose answer is shown."""
        return self.shown / self.questions

    @property
    def bound(self) -> float:
        """What the share of wrong ones among the shown is at most, with 95 % certainty."""
        return upper_bound(self.wrong, self.shown)

    def __str__(self) -> str:
        """What is promised, for which questions, and what it costs."""
        return (
            f"At most {_percent(self.risk)} of the answers shown are wrong, with {_percent(CERTAINTY)} certainty: what "
            f"has a confidence of {self.threshold:g} or more is shown, which answers {_percent(self.coverage)} of the "
            f"questions. That holds for questions like the {self.questions:,} held-out ones it was read off; of others "
            "more may be wrong."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How often the surest answers to held-out questions were wrong: (confidence, right) of each question.

    The risk of a threshold is the share of wrong ones among the answers whose confidence reaches it. Of a fixed
    threshold, the number of wrong ones among those shown is binomial, so that "the risk is greater than wanted" can be
    rejected by its exact tail (Clopper & Pearson 1934). Looking at many thresholds and keeping the best would be right
    less often than claimed. So they are tested one after the other from the highest down, each at the full 5 %, up to
    the first that fails (fixed sequence testing; Angelopoulos et al. 2021, "Learn then test"): the first threshold
    whose risk really is too great is let pass with at most 5 % probability, and what comes after it only if it is. The
    order is fixed beforehand, and where to begin depends on how many are shown, not on which are right. Risk need not
    fall with the threshold. A single wanted risk is meant; whoever tries many and keeps the luckiest has less.
    """

    pairs: tuple[tuple[float, bool], ...]

    @classmethod
    def shipped(cls) -> Risk:
        """That of the reader and the calibration that ship. Raises UserError as `read` does."""
        return cls.read(Path(str(files("qa.reader") / "weights" / HELD_OUT)))

    @classmethod
    def of(cls, calibration: Path | None) -> Risk:
        """That which belongs to a calibration file (None: the shipped one). Raises UserError as `read` does."""
        return cls.shipped() if calibration is None else cls.read(calibration.with_name(HELD_OUT))

    @classmethod
    def read(cls, path: Path) -> Risk:
        """Stored pairs: a JSON list of [confidence, 0 or 1]. Raises ModelUnusable if there are none to be read."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            pairs = tuple((float(confidence), bool((0, 1).index(right))) for confidence, right in stored)
        except FileNotFoundError as error:
            raise ModelUnusable(
                f"{path} is missing, from which a risk is read off; run `qa calibrate GOLD` with questions of your own "
                "and name its file as the calibration, or give a --threshold instead of --max-risk"
            ) from error
        except (OSError, ValueError, TypeError) as error:
            raise ModelUnusable(
                f"{path} does not hold held-out answers ({error}); run `qa calibrate GOLD`, or reinstall the package"
            ) from error
        if not all(0 <= confidence <= 1 for confidence, _ in pairs) or not pairs:
            raise ModelUnusable(f"{path} does not hold confidences (0 to 1); run `qa calibrate GOLD` again")
        return cls(pairs=pairs)

    def choose(self, wanted: float) -> Choice:
        """The lowest threshold that keeps to the wanted risk (a share, 0..1).

        Raises UserError, naming the lowest risk that can be kept to, if this one cannot.
        """
        chosen = self._keeping_to(wanted)
        if chosen is not None:
            return chosen
        lowest = self.lowest()
        told = "no risk can be kept to" if lowest is None else f"the lowest that can is {lowest:g} ({_percent(lowest)})"
        raise UserError(
            f"a risk of {wanted:g} cannot be promised from {len(self.pairs):,} held-out questions: {told}. Ask for "
            "that much, give a --threshold instead, or run `qa calibrate GOLD` with more questions of your own."
        )

    def lowest(self) -> float | None:
        """The lowest risk, in steps of 0.001, that can be kept to; None if there is none below 1."""
        return next((step / 1000 for step in range(1, 1000) if self._keeping_to(step / 1000, first_only=True)), None)

    def _keeping_to(self, wanted: float, *, first_only: bool = False) -> Choice | None:
        """The last threshold that passes before one fails; `first_only`: the first, if it passes."""
        chosen = None
        least = _enough(wanted, len(self.pairs))
        for threshold, shown, wrong in self._curve():
            if least is None or shown < least:
                continue  # too few to tell
            if binomial_tail(wrong, shown, wanted) > 1 - CERTAINTY:
                break
            chosen = Choice(risk=wanted, threshold=threshold, shown=shown, wrong=wrong, questions=len(self.pairs))
            if first_only:
                break
        return chosen

    def _curve(self) -> Iterator[tuple[float, int, int]]:
        """Each threshold, from the highest down, with how many answers reach it and how many of these are wrong."""
        left = sorted(self.pairs)
        shown = wrong = 0
        for threshold in THRESHOLDS:
            while left and left[-1][0] >= threshold:
                _, right = left.pop()
                shown, wrong = shown + 1, wrong + (not right)
            yield threshold, shown, wrong


def write_held_out(folder: Path, pairs: Iterable[tuple[float, bool]]) -> None:
    """Put the pairs (confidence, right) of held-out questions beside the calibration in `folder`."""
    rows = ",\n".join(json.dumps([round(confidence, 6), int(right)]) for confidence, right in pairs)
    temporary = folder / f"{HELD_OUT}.tmp"
    temporary.write_text(f"[{rows}]\n", encoding="utf-8")
    install(temporary, folder / HELD_OUT)


def binomial_tail(count: int, trials: int, share: float) -> float:
    """The probability of at most `count` in `trials` when each happens with probability `share` (0 < share < 1)."""
    ways = math.lgamma(trials + 1)
    yes, no = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(ways - math.lgamma(i + 1) - math.lgamma(trials - i + 1) + i * yes + (trials - i) * no)
        for i in range(count + 1)
    )


def upper_bound(count: int, trials: int, certainty: float = CERTAINTY) -> float:
    """The one-sided upper bound of a share of which `count` in `trials` were seen (Clopper & Pearson 1934)."""
    if count >= trials:
        return 1.0
    low, high = count / trials, 1.0
    for _ in range(50):  # halved so often, nothing of a float is left
        middle = (low + high) / 2
        if binomial_tail(count, trials, middle) > 1 - certainty:
            low = middle
        else:
            high = middle
    return high


def _enough(risk: float, most: int) -> int | None:
    """How many answers it takes (at most `most`) for a risk to be kept to when SLACK of it is seen; None: more."""
    return next((n for n in range(1, most + 1) if binomial_tail(int(n * risk * SLACK), n, risk) <= 1 - CERTAINTY), None)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
