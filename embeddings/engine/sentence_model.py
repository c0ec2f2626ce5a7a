"""Sentence-embedding models, run by sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from embeddings.engine import quiet
from embeddings.errors import ModelUnusable


class SentenceModel:
    """A sentence-transformers model in a local folder, on the CPU, in float32; threads may share it."""

    def __init__(self, folder: Path) -> None:
        quiet()
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the library fails in every way on a folder that is broken or of another kind
            raise ModelUnusable(f"{folder}: not a sentence-transformers model: {error}") from error
        self._tokenizing = Lock()  # a fast tokenizer keeps how it cuts off as its state

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def window(self) -> int:
        """How many tokens, special ones included, the model sees; what is longer would be cut off."""
        return int(self._model.max_seq_length or 512)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text: (len(texts), dimension) float32."""
        with self._tokenizing:
            vectors = self._model.encode(
                list(texts), batch_size=32, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, before anything is cut off."""
        with self._tokenizing:
            encoded = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]
