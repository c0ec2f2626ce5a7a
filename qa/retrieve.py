"""From a question to the passages worth reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.encode import Encoder
from embeddings.index import Index
from embeddings.keywords import question_terms
from embeddings.passage import Hit
from qa.lexical import overlap
from qa.names import Name, Names

ROUNDING = 1e-9  # of cosines and BM25 scores: far below any difference that means something


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieverSettings:
    """How dense and keyword scores are brought together; weights are shares of standardised scores.

    `depth` passages of each ranking are fused, and the best `reranked` of them ordered anew by all four signs: the
    cosine, the BM25 score, the best sentence and the neighbouring terms that are shared. The weights were
    chosen on half A of SQuAD 1.1's development set, on which benchmarks/retrieval.py measures too; the depths are
    assumed. `other_forms` is what the short forms of a name that is asked for count together, beside a term: as much as
    does no harm to dev questions that have the form of their document.
    """

    depth: int = 100
    reranked: int = 100
    fused_dense: float = 0.5
    dense: float = 0.5
    keyword: float = 0.25
    sentence: float = 0.15
    pairs: float = 0.15
    other_forms: float = 0.5


class Retriever:
    """Fuses dense and keyword scores over the union of both top lists; a missing score is computed, not assumed.

    The order of the first passages does not depend on how many are asked for (up to `reranked`).
    """

    def __init__(self, index: Index, encoder: Encoder, settings: RetrieverSettings | None = None) -> None:
        self.index = index
        self._encoder = encoder
        self._settings = settings or RetrieverSettings()
        self.names = Names(index, encoder)

    def refreshed(self) -> Retriever:
        """This retriever, or, if the index on disk has changed, one that asks that."""
        index = self.index.refreshed()
        return self if index is self.index else Retriever(index, self._encoder, self._settings)

    def retrieve(self, question: str, *, k: int, documents: frozenset[str] | None = None) -> list[Hit]:
        """The k best passages for a question, best first, ties by passage; `documents` restricts before ranking."""
        return self.retrieve_many([question], k=k, documents=documents)[0]

    def retrieve_many(
        self, questions: Sequence[str], *, k: int, documents: frozenset[str] | None = None
    ) -> list[list[Hit]]:
        """The k best passages for each question; the questions are encoded together, their typing errors mended."""
        questions = [self.names.mended(question) for question in questions]
        vectors = self._encoder.encode(questions)
        return [
            self._fused(question, vector, k, documents) for question, vector in zip(questions, vectors, strict=True)
        ]

    def _fused(self, question: str, vector: NDArray[np.float32], k: int, documents: frozenset[str] | None) -> list[Hit]:
        settings = self._settings
        depth = max(settings.depth, k)
        asked = question_terms(question)
        names = self.names.named_in(question)
        wanted = _weights(asked, names, settings.other_forms)
        found = self.index.dense(vector, depth, documents).keys() | self.index.keyword(wanted, depth, documents).keys()
        if not found:
            return []
        ids = sorted(found)
        dense = _array(self.index.dense_scores(vector, ids))
        keyword = _array(self.index.keyword_scores(wanted, ids))
        fused = settings.fused_dense * standardised(dense) + (1 - settings.fused_dense) * standardised(keyword)
        near = np.argsort(-fused, kind="stable")[: max(settings.reranked, k)]
        passages = self.index.passages([ids[i] for i in near])
        rarity = self.index.rarity(asked)
        shared = [overlap(asked, rarity, passage, names) for passage in passages]
        score = (
            settings.dense * standardised(dense[near])
            + settings.keyword * standardised(keyword[near])
            + settings.sentence * standardised(np.asarray([one.sentence for one in shared]))
            + settings.pairs * standardised(np.asarray([one.pairs for one in shared]))
        )
        order = sorted(range(len(passages)), key=lambda i: (-score[i], passages[i].document_id, passages[i].start))
        return [
            Hit(
                passage=passages[i],
                score=float(score[i]),
                rank=rank,
                dense=float(dense[near[i]]),
                keyword=float(keyword[near[i]]),
                best_sentence=shared[i].place,
            )
            for rank, i in enumerate(order[:k])
        ]


def _weights(asked: Sequence[str], names: Sequence[Name], share: float) -> Mapping[str, float]:
    """How often each term is asked for; the short forms of a name together count `share`.

    Long ones are not asked for: their words stand in many passages that don't mean the name.
    """
    weights: dict[str, float] = dict(Counter(asked))
    for name in names:
        short = {term for form in name.shorts for term in question_terms(form)}.difference(asked)
        weights |= dict.fromkeys(sorted(short), share / max(len(short), 1))
    return weights


def standardised(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores less their mean, in standard deviations; scores that differ by no more than rounding are all 0."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if np.ptp(scores) > ROUNDING else np.zeros_like(scores)


def _array(scores: Mapping[int, float]) -> NDArray[np.float64]:
    return np.fromiter(scores.values(), dtype=np.float64, count=len(scores))
