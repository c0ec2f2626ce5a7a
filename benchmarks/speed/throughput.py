"""Much at once: questions a second of a batch, tokens a second of encoding for an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.figures import ratio
from benchmarks.speed.material import Corpus
from benchmarks.speed.protocol import Worker
from embeddings.encode import Encoder

GROUP = 25  # questions that are given together, before it is the other side's turn
TEXTS = 512  # passages that are encoded together, as when an index is made
PASSAGES = 4096  # encoded at most, of both corpora: more of them change nothing about tokens a second


def batch(ours: Worker, plain: Worker, questions: Sequence[str]) -> dict[str, Any]:
    """Questions a second of `Answerer.ask_many` and of the plain way."""
    groups = [questions[start : start + GROUP] for start in range(0, len(questions), GROUP)]
    mine, others = in_turn(groups, ours.ask_many, plain.ask_many)
    return {
        "questions": len(questions),
        "questions_per_second": {
            "ours": round(len(questions) / sum(mine), 3),
            "eager": round(len(questions) / sum(others), 3),
        },
        "ratio": ratio(others, mine),
    }


def indexing(ours: Worker, plain: Worker, texts: Sequence[str], encoder: Encoder) -> dict[str, Any]:
    """Tokens a second (special ones included, what the encoder cuts off not) of our encoder and of the plain one."""
    groups = [texts[start : start + TEXTS] for start in range(0, len(texts), TEXTS)]
    for worker in (ours, plain):
        worker.encode(texts[:32])
    mine, others = in_turn(groups, ours.encode, plain.encode)
    tokens = sum(min(count, encoder.window) for count in encoder.count_tokens(texts))
    return {
        "passages": len(texts),
        "tokens": tokens,
        "tokens_per_second": {"ours": round(tokens / sum(mine)), "eager": round(tokens / sum(others))},
        "ratio": ratio(others, mine),
    }


def in_turn(
    groups: Sequence[Sequence[str]],
    one: Callable[[Sequence[str]], float],
    other: Callable[[Sequence[str]], float],
) -> tuple[list[float], list[float]]:
    """The seconds of two sides for each group; who is first changes."""
    first, second = [], []
    for place, group in enumerate(groups):
        if place % 2:
            second.append(other(group))
            first.append(one(group))
        else:
            first.append(one(group))
            second.append(other(group))
    return first, second


def some_passages(corpora: Sequence[Corpus], most: int = PASSAGES) -> list[str]:
    """At most so many passages of all corpora together, evenly taken."""
    texts = [
        json.loads(line)
        for corpus in corpora
        for line in Path(corpus.material.passages).read_text(encoding="utf-8").splitlines()
    ]
    places = np.unique(np.linspace(0, len(texts) - 1, min(most, len(texts))).round().astype(int))
    return [texts[place] for place in places]
