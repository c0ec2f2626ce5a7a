"""BM25 over a table of passages: of all in which a term stands, or of given ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from embeddings.approximate import Rows
from embeddings.document import SectionKind
from embeddings.keywords import Floats, KeywordSettings, bm25, rarity
from embeddings.store import Postings
from embeddings.table import PassageTable

Terms = Sequence[str] | Mapping[str, float]  # what is asked for: each as often as it stands, or by its weight
Without = frozenset[SectionKind]  # kinds of section that are left out


class KeywordSearch:
    """Scores passages (rows of a table) by terms, which are counted in all passages of the searched kinds."""

    def __init__(self, table: PassageTable, settings: KeywordSettings) -> None:
        self._table = table
        self._settings = settings

    def holding(self, terms: Terms, without: Without) -> tuple[Rows, Floats]:
        """The rows in which one of the terms stands, removed and left out ones too, and their scores."""
        scores = np.zeros(len(self._table))
        for postings, weight in self._weighed(terms, without):
            scores[postings[:, 0]] += weight * self._share(postings, without)
        rows = np.flatnonzero(scores)
        return rows, scores[rows]

    def scores(self, terms: Terms, rows: Rows, without: Without) -> Floats:
        """The scores of some rows, (rows,)."""
        scores = np.zeros(len(rows))
        for postings, weight in self._weighed(terms, without):
            if len(postings):
                at = np.searchsorted(postings[:, 0], rows.astype(np.uint32))
                at[at == len(postings)] = 0
                stands = np.flatnonzero(postings[at, 0] == rows)
                scores[stands] += weight * self._share(postings[at[stands]], without)
        return scores

    def rarity(self, term: str, without: Without) -> float:
        """The inverse document frequency of a term, highest for one that stands nowhere."""
        return rarity(self._table.frequency(term, without), self._table.lengths(without)[0])

    def _weighed(self, terms: Terms, without: Without) -> Iterator[tuple[Postings, float]]:
        """Where each of the terms stands, and what that weighs."""
        for term, times in (terms if isinstance(terms, Mapping) else Counter(terms)).items():
            yield self._table.postings(term), times * self.rarity(term, without)

    def _share(self, postings: Postings, without: Without) -> Floats:
        """What a term adds to the scores of passages before it is weighed."""
        rows, in_text, in_context = postings.T
        weight = self._settings.context_weight
        passages, in_texts, in_contexts = self._table.lengths(without)
        # whole numbers are summed first: the sum is then the same in whatever order the rows are
        average = (in_texts + weight * in_contexts) / max(passages, 1)
        lengths = self._table.text_terms[rows] + weight * self._table.context_terms[rows]
        return bm25(in_text + weight * in_context, lengths, average, self._settings)
