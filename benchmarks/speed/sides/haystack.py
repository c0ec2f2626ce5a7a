"""Haystack: its embedder, in-memory retriever and extractive reader in a pipeline, as its documentation has it.

    python -m benchmarks.speed.sides.haystack

Runs in an environment of its own (haystack.txt). The reader may say that there is no answer, which counts as a refusal.
The store is the one that needs no server; it compares a question with all vectors anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

from benchmarks.speed.protocol import Material, Said, serve


class Haystack:
    """A pipeline over our passages and their vectors."""

    packages = ("haystack-ai", "transformers-haystack", "sentence-transformers-haystack", "transformers", "torch")

    def __init__(self, material: Material) -> None:
        texts = map(json.loads, Path(material.passages).read_text(encoding="utf-8").splitlines())
        vectors = np.load(material.vectors)
        store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        store.write_documents(
            [
                Document(id=str(place), content=text, embedding=vector.tolist())
                for place, (text, vector) in enumerate(zip(texts, vectors, strict=True))
            ]
        )
        cpu = ComponentDevice.from_str("cpu")
        self._pipeline = Pipeline()
        self._pipeline.add_component(
            "embedder",
            SentenceTransformersTextEmbedder(
                model=material.encoder, device=cpu, normalize_embeddings=True, progress_bar=False
            ),
        )
        self._pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=material.top_k))
        self._pipeline.add_component("reader", TransformersExtractiveReader(model=material.reader, device=cpu))
        self._pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self._pipeline.connect("retriever.documents", "reader.documents")
        self._pipeline.warm_up()

    def ask(self, question: str) -> Said:
        """The first answer; the first with words is the candidate."""
        found = self._pipeline.run({"embedder": {"text": question}, "reader": {"query": question}})
        answers = [answer.data or "" for answer in found["reader"]["answers"]]
        return Said(answer=answers[0] if answers else "", candidate=next(filter(None, answers), ""))

    def ask_many(self, questions: Sequence[str]) -> None:
        """One after the other."""
        for question in questions:
            self.ask(question)

    def encode(self, texts: Sequence[str]) -> None:
        """Not asked of it."""
        raise NotImplementedError


if __name__ == "__main__":
    serve(Haystack)
