"""txtai: its vectors and search, and its question pipeline.

    python -m benchmarks.speed.sides.txtai [--joined]

Runs in an environment of its own (txtai.txt). The pipeline gives each passage its answer or none, without a score: the
answer is that of the best-ranked passage that has one, and none at all counts as a refusal. With --joined it is txtai's
own flow (RAG): the ten passages are joined into one text, of which the reader sees the first 512 tokens.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from txtai import Embeddings
from txtai.pipeline import RAG, Questions

from benchmarks.speed.protocol import Material, Said, serve


class Reader(Questions):
    """txtai's pipeline, which ends in a TypeError where a reader says "no answer" by pointing at no word (9.14)."""

    def answer(self, context: str, tokens: Any, start: Any, end: Any) -> str | None:
        """The words that the reader points at, or None."""
        try:
            text: str = super().answer(context, tokens, start, end)
        except TypeError:
            return None
        return text


class Txtai:
    """An embeddings index over our passages and their vectors, and a reader."""

    packages = ("txtai", "transformers", "torch", "faiss-cpu")

    def __init__(self, material: Material) -> None:
        self._texts = list(map(json.loads, Path(material.passages).read_text(encoding="utf-8").splitlines()))
        encoder = Embeddings(path=material.encoder, gpu=False)

        def encoded(questions: Sequence[str]) -> Any:
            return encoder.batchtransform(questions, category="query")

        self._embeddings = Embeddings({"method": "external", "transform": encoded})
        self._embeddings.index(enumerate(np.load(material.vectors)))
        self._top_k = material.top_k
        self._reader = Reader(material.reader, gpu=False)

    def ask(self, question: str) -> Said:
        """The answer of the best-ranked passage that has one."""
        texts = [found["text"] for found in self.search([question], self._top_k)[0]]
        text = next(filter(None, self._reader([question] * len(texts), texts)), "")
        return Said(answer=text, candidate=text)

    def search(self, questions: Sequence[str], limit: int) -> list[list[dict[str, Any]]]:
        """The best passages for each question, as txtai's flow takes them."""
        return [
            [{"id": place, "text": self._texts[place], "score": score} for place, score in found]
            for found in self._embeddings.batchsearch(questions, limit)
        ]

    def ask_many(self, questions: Sequence[str]) -> None:
        """One after the other."""
        for question in questions:
            self.ask(question)

    def encode(self, texts: Sequence[str]) -> None:
        """Not asked of it."""
        raise NotImplementedError


class Joined(Txtai):
    """The same parts, put together by txtai itself."""

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        self._flow = RAG(self.search, self._reader, context=material.top_k)

    def ask(self, question: str) -> Said:
        """The answer that the reader finds in the passages joined, or none."""
        text = self._flow(question)["answer"] or ""
        return Said(answer=text, candidate=text)


if __name__ == "__main__":
    serve(Joined if "--joined" in sys.argv else Txtai)
