"""How the words of a question meet the words of a passage, beyond a count of shared terms.

Two signs that a passage speaks of what is asked, both weighted by how rare the question's terms are: one sentence that
holds many of them (BM25 with sentences as documents; Robertson and Zaragoza 2009), and neighbouring terms that are
neighbours there too (as in DrQA's bigrams; Chen et al. 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from embeddings.keywords import question_terms
from embeddings.passage import Passage
from embeddings.sentences import sentences
from qa.names import Name, terms_of

SATURATION = 1.2  # k1 of BM25 over sentences
LENGTH_SHARE = 0.75  # b of BM25 over sentences
SENTENCE_TERMS = 15  # terms of an ordinary sentence: assumed, not fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What a passage shares with a question.

    `sentence` is the best sentence's BM25 score and `place` where in the document it stands, `pairs` the summed rarity
    of shared neighbours.
    """

    sentence: float
    place: tuple[int, int]
    pairs: float


@lru_cache(maxsize=20_000)  # passages of about 1 kB: a small corpus stays, of a large one what is asked about
def _sentence_terms(text: str) -> tuple[tuple[tuple[int, int], tuple[str, ...]], ...]:
    """Where each sentence of a passage stands in it, and its terms."""
    return tuple(((start, end), tuple(question_terms(text[start:end]))) for start, end in sentences(text))


def overlap(question: list[str], rarity: Mapping[str, float], passage: Passage, names: Sequence[Name] = ()) -> Overlap:
    """Compare a question's terms, each with its rarity (inverse document frequency), with a passage.

    Where one of the question's `names` stands in whatever form, its other forms count as standing there too.
    """
    best, shared, place = -1.0, 0.0, (0, len(passage.text))
    wanted = set(pairwise(question))
    for (start, end), here in _sentence_terms(passage.text):
        counts = Counter(here)
        counts.update(terms_of(names, passage.text[start:end]) - counts.keys())
        norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * len(here) / SENTENCE_TERMS)
        score = sum(
            rarity[term] * counts[term] * (SATURATION + 1) / (counts[term] + norm)
            for term in question
            if term in counts
        )
        if score > best:
            best, place = score, (start, end)
        met = wanted.intersection(pairwise(here))
        shared += sum(rarity[a] + rarity[b] for a, b in met)
        wanted -= met
    met = wanted.intersection(pairwise(question_terms(passage.context)))
    shared += sum(rarity[a] + rarity[b] for a, b in met)
    return Overlap(
        sentence=max(best, 0.0),
        place=(passage.start + place[0], passage.start + place[1]),
        pairs=shared,
    )
