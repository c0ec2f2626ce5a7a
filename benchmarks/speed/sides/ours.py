"""Ours: the answerer that every surface has, its parts timed from outside.

python -m benchmarks.speed.sides.ours
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.speed.protocol import Material, Said, serve
from benchmarks.speed.stopwatch import Stopwatch, Watched
from qa.assembly import Models
from qa.chat import Question
from qa.evaluation.judge import best_candidate
from qa.reply import Answer, Reply
from qa.settings import Settings


def settings_of(material: Material) -> Settings:
    """The defaults, over the index of the material; no question is asked twice, so that nothing is remembered."""
    return Settings(index=Path(material.index), top_k=material.top_k)


class Ours:
    """An answerer; `decide` is the rest of its time: judging, deciding, citing."""

    packages = ("openvino", "tokenizers", "faiss-cpu", "numpy")

    def __init__(self, material: Material) -> None:
        models = self.models(material)
        self._encoder = models.encoder
        self._watch = Stopwatch()
        watched = replace(
            models,
            encoder=Watched(models.encoder, self._watch, {"encode": "encode"}),
            reader=Watched(models.reader, self._watch, {"read": "read"}),
        )
        self._answerer = watched.answerer({"": Path(material.index)})
        phases = {"retrieve": "retrieve", "retrieve_many": "retrieve"}
        self._answerer.retriever = Watched(self._answerer.retriever, self._watch, phases)  # type: ignore[assignment]
        self._ask = self._watch.timed("decide", self._answerer.ask)

    def models(self, material: Material) -> Models:
        """The shipped models."""
        return Models.load(settings_of(material))

    def ask(self, question: str) -> Said:
        """The answer and, of a refusal, the best candidate."""
        self._watch.seconds.clear()
        reply: Reply = self._ask(Question(id="", text=question))
        best = best_candidate(reply)
        candidate = "" if best is None else best.text
        answer = candidate if isinstance(reply.outcome, Answer) else ""
        return Said(answer=answer, candidate=candidate, phases=dict(self._watch.seconds))

    def ask_many(self, questions: Sequence[str]) -> None:
        """Answer them as a batch does."""
        self._answerer.ask_many([Question(id=str(place), text=text) for place, text in enumerate(questions)])

    def encode(self, texts: Sequence[str]) -> None:
        """Encode as for an index."""
        self._encoder.encode(texts)


if __name__ == "__main__":
    serve(Ours)
