"""How often the right paragraph is found: the usual rankings over whole paragraphs, and what ships, in one run.

    python benchmarks/retrieval.py --data DIR [--limit N]

`DIR/dev/squad11_a.jsonl.gz` gives the questions, and all its paragraphs together are the corpus. A hit is right when
it is the question's paragraph. BM25, dense and their fusions see a paragraph as one text (the encoder its first 256
tokens); what ships sees passages of an index, of which the k best different paragraphs count. All times are those of
this machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from results_file import write_results

from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.keywords import KeywordSettings, bm25, question_terms, rarity, terms
from qa.evaluate import sample
from qa.gold import GoldQuestion, GoldSet, read_gold
from qa.metrics import MISSED, mean_reciprocal_rank, recall_at, wilson
from qa.retrieve import Retriever, standardised

WEIGHTS = (0.5, 0.6, 0.7)  # the dense score's share
DEPTH = 100  # of each ranking that is fused
RRF = 60  # Cormack et al. 2009

Scores = NDArray[np.float64]


def keyword_scores(paragraphs: Sequence[str], questions: Sequence[str]) -> Scores:
    """BM25 of every paragraph for every question, (questions, paragraphs)."""
    settings = KeywordSettings()
    counts = [Counter(terms(paragraph)) for paragraph in paragraphs]
    lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
    scores = np.zeros((len(questions), len(paragraphs)))
    weights: dict[str, Scores] = {}
    for term in {term for question in questions for term in question_terms(question)}:
        frequency = np.array([count[term] for count in counts], dtype=np.float64)
        holding = int((frequency > 0).sum())
        weights[term] = rarity(holding, len(counts)) * bm25(frequency, lengths, float(lengths.mean()), settings)
    for i, question in enumerate(questions):
        for term in question_terms(question):
            scores[i] += weights[term]
    return scores


def fused(dense: Scores, keyword: Scores, weight: float) -> Scores:
    """z-scores over the union of both top lists, weighted; what is in neither is last."""
    scores = np.full(len(dense), -np.inf)
    union = np.union1d(np.argsort(-dense, kind="stable")[:DEPTH], np.argsort(-keyword, kind="stable")[:DEPTH])
    scores[union] = weight * standardised(dense[union]) + (1 - weight) * standardised(keyword[union])
    return scores


def reciprocal(dense: Scores, keyword: Scores) -> Scores:
    """Reciprocal rank fusion of the two top lists."""
    scores = np.zeros(len(dense))
    for one in (dense, keyword):
        best = np.argsort(-one, kind="stable")[:DEPTH]
        scores[best] += 1 / (RRF + 1 + np.arange(len(best)))
    return scores


def rank(scores: Scores, right: int) -> float:
    """The place of the right paragraph, 1 for the best; ties by paragraph."""
    return float(1 + (scores > scores[right]).sum() + (scores[:right] == scores[right]).sum())


def baseline_ranks(
    gold: GoldSet, questions: Sequence[GoldQuestion], encoder: SentenceEncoder
) -> Iterator[tuple[str, list[float]]]:
    texts = [paragraph.text for paragraph in gold.paragraphs]
    place = {paragraph.id: i for i, paragraph in enumerate(gold.paragraphs)}
    right = [place[question.documents[0]] for question in questions]
    asked = [question.question for question in questions]
    keyword = keyword_scores(texts, asked)
    dense = (encoder.encode(asked) @ encoder.encode(texts).T).astype(np.float64)

    def ranks(scores: Iterator[Scores]) -> list[float]:
        return [rank(row, i) for row, i in zip(scores, right, strict=True)]

    yield "BM25", ranks(iter(keyword))
    yield "dense", ranks(iter(dense))
    for weight in WEIGHTS:
        both = zip(dense, keyword, strict=True)
        yield f"z-score fusion, {weight} dense", ranks(fused(d, k, weight) for d, k in both)
    yield "reciprocal rank fusion", ranks(reciprocal(d, k) for d, k in zip(dense, keyword, strict=True))


def shipped_ranks(gold: GoldSet, questions: Sequence[GoldQuestion], encoder: SentenceEncoder) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        retriever = Retriever(Index.build(Path(folder), gold.paragraphs, encoder=encoder), encoder)
        found = retriever.retrieve_many([question.question for question in questions], k=50)
    ranks = []
    for question, hits in zip(questions, found, strict=True):
        documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))
        right = question.documents[0]
        ranks.append(float(documents.index(right) + 1) if right in documents else MISSED)
    return ranks


def figures(method: str, ranks: Sequence[float]) -> dict[str, object]:
    low, high = wilson(sum(place <= 1 for place in ranks), len(ranks))
    return {
        "method": method,
        "recall_at_1": round(100 * recall_at(ranks, 1), 2),
        "recall_at_5": round(100 * recall_at(ranks, 5), 2),
        "recall_at_20": round(100 * recall_at(ranks, 20), 2),
        "mrr": round(mean_reciprocal_rank(ranks), 4),
        "recall_at_1_95": [round(100 * low, 2), round(100 * high, 2)],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with dev/squad11_a.jsonl.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="only N of the questions; nothing is written")
    args = parser.parse_args()
    gold = read_gold(args.data / "dev" / "squad11_a.jsonl.gz")
    questions = sample(gold.questions, args.limit)
    encoder = SentenceEncoder()
    started = time.perf_counter()
    rows = [figures(method, ranks) for method, ranks in baseline_ranks(gold, questions, encoder)]
    rows.append(figures("what ships", shipped_ranks(gold, questions, encoder)))
    for row in rows:
        print(f"{row['method']:<26} R@1 {row['recall_at_1']:5.1f}  R@5 {row['recall_at_5']:5.1f}  MRR {row['mrr']:.3f}")
    if args.limit is None:
        path = write_results(
            "retrieval",
            {
                "data": "SQuAD 1.1 dev, half A",
                "questions": len(questions),
                "paragraphs": len(gold.paragraphs),
                "encoder_digest": encoder.digest,
                "seconds": round(time.perf_counter() - started, 1),
                "rows": rows,
            },
        )
        print(f"written to {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
