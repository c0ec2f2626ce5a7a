"""Many questions answered at once, in processes of their own: one model is hardly faster with more than a few cores."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

from embeddings.errors import UserError
from qa.answerer import Answerer
from qa.chat import Question
from qa.reply import Reply
from qa.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

WORTH = 25  # questions for each process: with fewer, it loads its models longer than it saves
AHEAD = 8  # questions that each process is given at a time: what a kill makes to be asked again


def cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def worth(questions: int) -> int:
    """How many processes so many questions are worth on this machine."""
    return max(1, min(len(cores()), questions // WORTH))


class ManyProcesses:
    """Answers as an answerer of the same settings does, several questions at a time; to be made by `processes`."""

    def __init__(self, first: Answerer, pool: ProcessPoolExecutor) -> None:
        self._first = first
        self._pool = pool
        self.index = first.index
        self.threshold = first.threshold
        self.calibrated = first.calibrated

    def ask(self, question: Question, /, *, top_k: int | None = None, threshold: float | None = None) -> Reply:
        """Answer one question, in this process."""
        return self._first.ask(question, top_k=top_k, threshold=threshold)

    def ask_many(self, questions: Sequence[Question], /) -> list[Reply]:
        """The replies, in the order of the questions. Raises UserError as an answerer does, or if a process died."""
        try:
            return list(self._pool.map(_ask, questions))
        except BrokenProcessPool as error:
            raise UserError(
                "a process that answers has ended, perhaps for want of memory; run the same command again, with "
                "--jobs 1 if need be"
            ) from error


@contextmanager
def processes(first: Answerer, settings: Settings, count: int) -> Iterator[ManyProcesses]:
    """So many processes, each with models of its own and its share of the cores, as long as the context lasts.

    `first` is an answerer of these settings, with whose index the others must agree.
    """
    # a fresh interpreter each: one that was forked while models are loaded may hang
    context = get_context("spawn")
    shares: Queue[list[int]] = context.Queue()
    mine = cores()
    for number in range(count):
        shares.put(mine[number::count] or mine)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_open, initargs=(settings, shares))
    try:
        yield ManyProcesses(first, pool)
    finally:
        pool.shutdown(cancel_futures=True)
        shares.close()


_mine: list[Answerer] = []  # the one of a process of the pool


def _open(settings: Settings, shares: Queue[list[int]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the first process that is interrupted
    share = shares.get()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, share)  # models make as many threads as they find cores
    from qa.assembly import open_answerer

    _mine.append(open_answerer(settings))


def _ask(question: Question) -> Reply:
    return _mine[0].ask(question)
