"""What the product's own retriever finds in a training corpus: wrong passages that look right."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from embeddings.document import Document, Section
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from qa.retrieve import Retriever
from qa.training.data import Example
from qa.training.sets import Row

BEST = 5  # the wrong passage is drawn from so many best


def paragraph_id(row: Row) -> str:
    """The id of a row's paragraph as a document."""
    return hashlib.sha256(row.context.encode()).hexdigest()[:16]


def paragraphs(rows: Sequence[Row]) -> Iterator[Document]:
    """Each distinct paragraph of some rows as a document of its own, in the order of ids."""
    for name, row in sorted({paragraph_id(row): row for row in rows}.items()):
        whole = Section(heading=(), start=0, end=len(row.context), kind="prose")
        title = row.title.replace("_", " ")
        digest = hashlib.sha256(row.context.encode()).hexdigest()
        yield Document(id=name, title=title, text=row.context, sections=(whole,), sha256=digest)


class HardNegatives:
    """The paragraphs of some sets in an index of the product's own making, and the best wrong ones of a question."""

    def __init__(self, rows: Sequence[Row], folder: Path) -> None:
        encoder = SentenceEncoder()
        if not (folder / "manifest.json").exists():
            Index.build(folder, list(paragraphs(rows)), encoder=encoder)
        self._retriever = Retriever(Index.open(folder), encoder)

    def __call__(self, rows: Sequence[Row], seed: int) -> list[Example]:
        """For each row one of the best passages in which none of its answers stands, read as the product reads it."""
        chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
        return [example for row in rows if (example := self._one(row, chance))]

    def _one(self, row: Row, chance: random.Random) -> Example | None:
        answers = [row.context[start:end].casefold() for start, end in row.answers]
        wrong = [
            hit.passage
            for hit in self._retriever.retrieve(row.question, k=2 * BEST)
            if hit.passage.text not in row.context
            and not any(answer in hit.passage.text.casefold() for answer in answers)
        ][:BEST]
        if not wrong:
            return None
        passage = chance.choice(wrong)
        begin = len(passage.encoded_text) - len(passage.text)
        return Example(question=row.question, text=passage.encoded_text, begin=begin, spans=())
