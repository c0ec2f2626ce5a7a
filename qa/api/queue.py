"""Questions wait for their turn here: one is answered at a time, none of them in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches

from embeddings.errors import UserError
from qa.answering import Answerer
from qa.api.metrics import Metrics, Surface
from qa.api.problems import Problem, unusable
from qa.chat import Question
from qa.reply import Reply
from qa.settings import Settings

WAITING = 200  # requests that may wait: far more than are answered before the first of them runs out of time


class AnswerQueue:
    """Answers the questions of many requests, turn by turn: a request of a hundred questions doesn't hold up the rest.

    `documents` are globs that every question is restricted to. A request that runs out of time is told so; of its
    questions, the one whose turn it is is answered in vain, the others are not.
    """

    def __init__(
        self, answerer: Answerer, metrics: Metrics, settings: Settings, documents: tuple[str, ...] = ()
    ) -> None:
        self._answerer = answerer
        self._metrics = metrics
        self._settings = settings
        self._documents = documents
        self._waiting = 0
        # answerers take turns anyway; one thread keeps the order in which questions came
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="qa-answers")

    async def ask(
        self,
        questions: Sequence[Question],
        *,
        surface: Surface,
        top_k: int | None = None,
        threshold: float | None = None,
    ) -> list[Reply]:
        """The replies, in the order of the questions.

        Raises Problem: 422 for a question that is too long or restricted to documents that are not there, 503 if too
        many requests wait, time runs out, or the index cannot be asked.
        """
        self._refuse_long(questions)

        def answer(question: Question) -> Reply:
            return self._metrics.counted(surface, lambda: self._answer(question, top_k, threshold))

        if self._waiting >= WAITING:
            detail = f"{WAITING} requests wait for their turn already. Ask again later."
            raise Problem(503, detail, kind="queue-full", headers={"retry-after": "10"})
        self._waiting += 1
        seconds = self._settings.request_timeout_seconds
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return [await loop.run_in_executor(self._thread, answer, question) for question in questions]
        except TimeoutError as error:
            detail = f"There was no answer within {seconds:g} seconds. Ask fewer questions at once, or later."
            raise Problem(503, detail, kind="timeout", headers={"retry-after": "30"}) from error
        finally:
            self._waiting -= 1

    def _refuse_long(self, questions: Sequence[Question]) -> None:
        most = self._settings.max_question_characters
        for question in questions:
            if len(question.text) > most:
                raise Problem(422, f"Question {question.id} has {len(question.text)} characters; at most {most} pass.")

    def _answer(self, question: Question, top_k: int | None, threshold: float | None) -> Reply:
        try:
            return self._answerer.ask(self._restricted(question), top_k=top_k, threshold=threshold)
        except UserError as error:
            if type(error) is UserError and question.documents:  # its subclasses are of the index
                raise self._unknown(question.documents) from error
            raise unusable(error) from error

    def _restricted(self, question: Question) -> Question:
        """The question, asked only of documents that are served here."""
        if not self._documents:
            return question
        globs = self._documents
        if question.documents:
            served, wanted = map(self._answerer.index.matching, (self._documents, question.documents))
            both = served & wanted
            if not both:
                raise self._unknown(question.documents)
            globs = question.documents if both == wanted else self._answerer.index.globs_of(sorted(both))
        return Question(id=question.id, text=question.text, history=question.history, documents=globs)

    def _unknown(self, globs: Sequence[str]) -> Problem:
        """The problem of globs of which one matches nothing that is served here."""
        index = self._answerer.index
        served = index.matching(self._documents) if self._documents else {entry.id for entry in index.documents}

        def reaches(one: str) -> bool:
            try:
                return not served.isdisjoint(index.matching([one]))
            except UserError:
                return False

        wrong = next((one for one in globs if not reaches(one)), globs[0])
        near = get_close_matches(wrong, sorted(served), n=3, cutoff=0.3)
        nearest = f" The nearest: {', '.join(near)}." if near else ""
        detail = f"No document matches {wrong!r}.{nearest} GET /v1/documents lists them all."
        return Problem(422, detail, kind="unknown-document")
