"""How many questions are asked, refused, and how long answers take, in Prometheus' form."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from qa.reply import NoAnswer, Reply

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

    def counted(self, surface: Surface, ask: Callable[[], Reply]) -> Reply:
        """What `ask` replies, taken into account with the time that it took."""
        begun = time.perf_counter()
        reply = ask()
        self._questions.labels(surface).inc()
        self._refusals.labels(surface).inc(isinstance(reply.outcome, NoAnswer))
        self._seconds.labels(surface).observe(time.perf_counter() - begun)
        return reply

    def exposition(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)
