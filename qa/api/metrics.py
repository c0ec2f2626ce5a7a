"""How many questions are asked, refused, and how long answers take, in Prometheus' form."""

from __future__ import annotations

import time
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from qa.chat import Question
from qa.reply import NoAnswer, Reply
from qa.served import Answerer, Library

Surface = Literal["page", "rest", "chat", "mcp"]

MEDIA_TYPE = CONTENT_TYPE_LATEST
# seconds; two cores answer in about one, and a question may have to wait for others
_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # else each figure has another that says when it began


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "qa_questions", "Questions answered or refused.", ["surface"], registry=self._registry
        )
        self._refusals = Counter("qa_refusals", "Questions refused.", ["surface"], registry=self._registry)
        self._seconds = Histogram(
            "qa_answer_seconds",
            "Seconds from a question's turn to its reply; waiting for the turn is not in it.",
            ["surface"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        for surface in get_args(Surface):  # all are there from the start, at 0
            for figure in (self._questions, self._refusals, self._seconds):
                figure.labels(surface)

    def count(self, surface: Surface, reply: Reply, seconds: float) -> None:
        """Take a reply into account."""
        self._questions.labels(surface).inc()
        self._refusals.labels(surface).inc(isinstance(reply.outcome, NoAnswer))
        self._seconds.labels(surface).observe(seconds)

    def exposition(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)


class Counted:
    """An answerer whose replies are counted as those of one surface."""

    def __init__(self, answerer: Answerer, metrics: Metrics, surface: Surface) -> None:
        self._answerer = answerer
        self._metrics = metrics
        self._surface: Surface = surface

    @property
    def index(self) -> Library:
        """The index that is asked."""
        return self._answerer.index

    def ask(self, question: Question, /, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        """Answer one question, as the answerer does."""
        begun = time.perf_counter()
        reply = self._answerer.ask(question, top_k=top_k, threshold=threshold)
        self._metrics.count(self._surface, reply, time.perf_counter() - begun)
        return reply
