"""The main figures of an evaluation as HTML, each with what it means to someone who has not met it before."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.web.markup import words

if TYPE_CHECKING:
    from qa.evaluation.figures import Evaluation

_NAMED = 5  # documents named whose evidence is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: its key in the summary, what it is called, what it says, its unit and digits."""

    key: str
    name: str
    says: str
    unit: str = " %"
    digits: int = 1

    def show(self, value: float) -> str:
        """The value in its unit; a dash where nothing was measured."""
        return "–" if math.isnan(value) else f"{value:.{self.digits}f}{self.unit}"


FIGURES = (
    Figure(
        key="f1",
        name="F1",
        says="How far the words of the answers and of the gold answers are the same. A right refusal counts in full.",
    ),
    Figure(
        key="exact", name="Exact", says="Answers that are a gold answer word for word, and refusals that are right."
    ),
    Figure(key="shown_right", name="Right when answered", says="Of the answers that were shown, those that are right."),
    Figure(
        key="answerable_refused",
        name="Refused, though answerable",
        says="Questions with a gold answer that were refused. Fewer is better.",
    ),
    Figure(
        key="unanswerable_refused",
        name="Refused rightly",
        says="Questions without a gold answer that were refused. More is better.",
    ),
    Figure(
        key="ece",
        name="Calibration error",
        says="How far stated confidences are from the share that is right: 0 is perfect, and 0.1 means that of answers "
        "stated with 80 %, 70 or 90 in a hundred may be right.",
        unit="",
        digits=3,
    ),
)


def headline(evaluation: Evaluation, *, total: int) -> str:
    """The main figures with their 95 % intervals, and what is to be known of the evidence."""
    overall, intervals = evaluation.overall, evaluation.intervals
    asked = len(evaluation.judged)
    rows = ""
    for one in FIGURES:
        low, high = (one.show(end) for end in intervals[one.key])
        between = "" if low == "–" else f"{low} to {high}"
        rows += (
            f'<tr><th scope="row">{one.name}</th><td>{one.show(overall[one.key])}</td>'
            f"<td>{between}</td><td>{words(one.says)}</td></tr>"
        )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Figure", "Value", "95 % interval", "What it says"))
    part = f" The first {asked:,} of {total:,} only: it was stopped." if asked < total else ""
    return (
        '<section class="qa-card"><h2>How good the answers are</h2>'
        f"<p>{int(overall['answered']):,} of {asked:,} questions answered, {int(overall['refused']):,} refused."
        f"{part}</p>{_missing(evaluation)}"
        '<table class="qa-values qa-figures"><caption class="qa-unseen">Main figures</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def report_frame(page: str) -> str:
    """The report in a frame of its own, in which nothing runs and which reaches nothing."""
    return f'<iframe class="qa-frame" title="Report of the evaluation" sandbox srcdoc="{words(page)}"></iframe>'


def _missing(evaluation: Evaluation) -> str:
    """That evidence is not in the documents that were asked, if so."""
    documents = Counter(evidence.document for one in evaluation.judged for evidence in one.located.missing)
    if not documents:
        return ""
    count = sum(bool(one.located.missing) for one in evaluation.judged)
    wanted = sum(bool(one.gold.evidence) for one in evaluation.judged)
    named = ", ".join(sorted(documents)[:_NAMED]) + (" and others" if len(documents) > _NAMED else "")
    said = (
        f"The evidence of {'one question' if count == 1 else f'{count:,} questions'} was not found in the documents "
        f"that are loaded (looked for in {named}). Where this is so, retrieval and citation cannot be right."
    )
    if count == wanted:
        said += " Nothing was found at all: is the gold set about other documents? Load those, and run it again."
    return f'<p class="qa-error">{words(said)}</p>'
