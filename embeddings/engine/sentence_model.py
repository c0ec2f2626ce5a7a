"""Sentence-embedding models, whichever engine runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.engine.fast_tokenizer import FastTokenizer
from embeddings.engine.network import Network, batches_of, padded

BATCH_TOKENS = 1024  # what two cores take at once with the least time a token; more falls out of their caches


class SentenceModel(Protocol):
    """A sentence-transformers model; threads may share it.

    `digest` is the SHA-256 (hex) of its weights, `engine` says what it runs on, `dimension` is the length of a vector,
    `window` how many tokens, special ones included, it sees; what is longer is cut off.
    """

    digest: str
    engine: str
    dimension: int
    window: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text: (len(texts), dimension) float32."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, before anything is cut off."""
        ...


class NetworkSentenceModel:
    """A SentenceModel of a tokenizer and a network whose output is the vectors, (n, dimension), of unit length."""

    def __init__(
        self, tokenizer: FastTokenizer, network: Network, *, digest: str, engine: str, dimension: int, window: int
    ) -> None:
        self._tokenizer = tokenizer
        self._network = network
        self.digest = digest
        self.engine = engine
        self.dimension = dimension
        self.window = window

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text: (len(texts), dimension) float32."""
        encoded = self._tokenizer.texts([text.strip() for text in texts], self.window)
        batches = batches_of([len(one.ids) for one in encoded], BATCH_TOKENS)
        pad = self._tokenizer.facts.pad_id
        outputs = self._network.run(
            [padded([encoded[p].ids for p in batch], [encoded[p].type_ids for p in batch], pad) for batch in batches]
        )
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch, (found,) in zip(batches, outputs, strict=True):
            vectors[batch] = found
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, before anything is cut off."""
        return [len(one.ids) for one in self._tokenizer.texts(texts)]
