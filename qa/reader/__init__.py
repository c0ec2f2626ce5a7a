"""From a question and passages to candidate answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from embeddings.passage import Passage
from qa.reply import Span


class Reader(Protocol):
    """What reads passages for answers."""

    @property
    def name(self) -> str:
        """The name or folder it is configured by."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of its weights."""
        ...

    def read(self, question: str, passages: Sequence[Passage], *, most: int | None = None) -> list[list[Span]]:
        """Each passage's candidate answers, best first; a passage's spans don't overlap.

        `most` are kept of each passage (None: as many as the reader is set to).
        """
        ...
