"""Cut a Document into overlapping, sentence-whole passages."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.document import SectionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A verbatim slice of one document's text, small enough to be encoded and read whole.

    `id` is a stable integer of the index (-1: not in an index yet). `document_id` names the document, `heading` and
    `kind` are those of its section, `start` is its offset in `Document.text`. `context` says what the passage needs to
    be understood and does not say itself; it is encoded and read with the text, and answers never come from it.
    """

    id: int
    document_id: str
    heading: tuple[str, ...]
    kind: SectionKind
    start: int
    text: str
    context: str

    @property
    def end(self) -> int:
        """Where the passage ends in `Document.text` (half-open)."""
        return self.start + len(self.text)

    @property
    def encoded_text(self) -> str:
        """What the encoder and the keyword index see: the context, then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that a retriever found.

    `score` is the fused score that hits are ordered by (z-scores, no unit); `dense` the cosine of question and passage,
    `keyword` its BM25 score.
    """

    passage: Passage
    score: float
    dense: float
    keyword: float
