"""Questions to begin with, for a reader who has only the sample documents in front of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol

from seeds import DOCUMENTS

# each beside the sample file that answers it
_SAMPLES = (
    ("002_c49acc56707a002f.txt", "When was the battle of Elakla fought?"),
    ("000_52a8b614072c97c4.txt", "Who led the 92nd Infantry Regiment?"),
    ("004_1a838ca1ea10858a.txt", "How many soldiers will France keep in Mali?"),
    ("003_04e81bcb9e12b7ea.txt", "What replaced Operation Serval?"),
)


class Loaded(Protocol):
    """A document of an index, as far as it matters here."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the original bytes."""


class Library(Protocol):
    """An index, as far as it matters here."""

    @property
    def documents(self) -> Iterable[Loaded]:
        """What is loaded."""


def examples(index: Library) -> tuple[str, ...]:
    """Questions that the loaded sample documents answer; none where no sample document is loaded."""
    loaded = {document.sha256 for document in index.documents}
    return tuple(
        question
        for name, question in _SAMPLES
        if (DOCUMENTS / name).is_file() and hashlib.sha256((DOCUMENTS / name).read_bytes()).hexdigest() in loaded
    )
