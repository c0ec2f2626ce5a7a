"""Whether a question that stands on its own is harmed by what was said before: asked alone, and after another one.

    python benchmarks/histories.py

Each dev question without a history is asked behind a question about another document and its answer. It is harmed where
another value is answered then, or another verdict given. Questions that are asked as they stand, whatever was said, are
not asked twice.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from answers import benches, index_of
from results_file import write_results

from qa.answerer import Answerer
from qa.assembly import Models
from qa.chat import Question, Turn, readings_of
from qa.gold import GoldQuestion, read_gold
from qa.reply import Answer, Reply
from qa.settings import Settings
from qa.values import same_value

APART = 97  # questions lie between one and what was said before it: sets go document by document


def same(one: Reply, other: Reply) -> bool:
    """Whether two replies give the same value, or both none."""
    if isinstance(one.outcome, Answer) and isinstance(other.outcome, Answer):
        return same_value(one.outcome.best.text, other.outcome.best.text)
    return not isinstance(one.outcome, Answer) and not isinstance(other.outcome, Answer)


def figures_of(answerer: Answerer, questions: Sequence[GoldQuestion]) -> dict[str, Any]:
    """How many questions stand on their own, how many of them are asked otherwise, and the ids of those harmed."""
    alone = [one for one in questions if not one.history]
    told = [one for one in alone if one.answers]
    harmed, resolved = [], 0
    for place, one in enumerate(alone):
        others = [other for other in told if set(other.documents).isdisjoint(one.documents)]
        last = others[(place + APART) % len(others)]
        history = (Turn(question=last.question, asked=last.question, answer=last.answers[0]),)
        if readings_of(one.question, history) == [one.question]:
            continue
        resolved += 1
        plain = Question(id=one.id, text=one.question)
        before, after = answerer.ask_many([plain, Question(id=one.id, text=one.question, history=history)])
        if not same(before, after):
            harmed.append(one.id)
    share = 100 * len(harmed) / len(alone)
    return {"questions": len(alone), "resolved": resolved, "harmed": harmed, "harmed_of_100": share}


def main() -> int:
    bench, models = next(benches(None)), Models.load(Settings())
    gold = read_gold(bench.gold)
    with tempfile.TemporaryDirectory() as folder:
        answerer = models.over(index_of(bench, gold, Path(folder) / bench.name, models.encoder))
        figures = figures_of(answerer, gold.questions)
    print(figures, file=sys.stderr)
    print(write_results("histories", figures))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
