"""Questions whose answers are known, asked to see what speaks for each candidate: what a calibration is fitted on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np

from qa.answerer import Answerer
from qa.fit import NAMES, Case
from qa.gold import GoldQuestion
from qa.metrics import best_of, f1


def cases(answerer: Answerer, gold: Sequence[GoldQuestion], strangers: Sequence[str], seed: int = 0) -> Iterator[Case]:
    """Ask gold questions, a third of the answerable ones again without the documents that answer them, and strangers.

    Without `documents` it isn't known which these are, and a question is asked once. `strangers` are questions about
    other things altogether, which the documents don't answer.
    """
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    everything = frozenset(entry.id for entry in answerer.index.documents)
    for question in gold:
        yield _case(answerer, question.full or question.question, question.answers, None)
        if question.answers and question.documents and chance.random() < 1 / 3:
            yield _case(answerer, question.full or question.question, (), everything - set(question.documents))
    for stranger in strangers:
        yield _case(answerer, stranger, (), None)


def _case(answerer: Answerer, question: str, answers: tuple[str, ...], documents: frozenset[str] | None) -> Case:
    _, judged = answerer.judge(question, documents)
    return Case(
        evidence=np.array([list(asdict(one.evidence).values()) for one in judged]).reshape(-1, len(NAMES)),
        f1=np.array([best_of(f1, one.span.text, answers) if answers else 0.0 for one in judged]),
    )
