"""How well the reader reads: development halves that it was never trained or tuned on, and the product's own sets.

    python benchmarks/reader.py --data DIR [--limit N] [--reader DIR --calibration FILE --as NAME]

Of `DIR/dev/`: SQuAD 1.1 (half A) and QED over their gold paragraphs; SQuAD 2.0 (half A), refused where the best span's
margin over the null answer is below the threshold fitted on held-out training titles; how well that margin tells a
question's own paragraph from the five best wrong ones of our retriever; and answers from all paragraphs of SQuAD 1.1
half A as one corpus against those from the gold paragraph, the last two with 500 questions. --limit N takes N
questions of each, and N/4 of the last two.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from results_file import write_results

from embeddings.document import Document
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.passage import Passage
from qa.answerer import Answerer
from qa.confidence import Calibration
from qa.evaluate import sample
from qa.gold import GoldQuestion, read_gold
from qa.metrics import auroc, best_of, exact, f1, mean
from qa.reader.span_reader import SpanReader
from qa.reply import Span
from qa.retrieve import Retriever

HARD = 5  # wrong paragraphs for each question
RETRIEVED = 500  # questions that are asked of the whole corpus


def whole(document: Document) -> Passage:
    """A paragraph as one passage without context, as the public figures are measured."""
    return Passage(
        id=-1, document_id=document.id, heading=(), kind="prose", start=0, text=document.text, context=""
    )  # fmt: skip


class Reading:
    """A reader over the gold paragraphs of a set."""

    def __init__(self, reader: SpanReader, file: Path, limit: int | None) -> None:
        gold = read_gold(file)
        self.reader = reader
        self.questions = sample(gold.questions, limit)
        self.paragraphs = {document.id: whole(document) for document in gold.paragraphs}
        self.documents = gold.paragraphs

    def best(self, question: GoldQuestion) -> Span | None:
        spans = self.reader.read(question.question, [self.paragraphs[question.documents[0]]])[0]
        return spans[0] if spans else None


def figures(pairs: Sequence[tuple[str, GoldQuestion]], prefix: str = "") -> dict[str, float]:
    """EM and F1, 0..100; an empty prediction is "no answer"."""
    return {
        f"{prefix}{name}": 100 * mean([best_of(score, text, question.answers) for text, question in pairs])
        for name, score in (("em", exact), ("f1", f1))
    }


def answerable(reading: Reading) -> dict[str, float]:
    pairs = [(span.text if (span := reading.best(question)) else "", question) for question in reading.questions]
    return {"questions": len(pairs), **figures(pairs)}


def with_unanswerable(reading: Reading, threshold: float) -> dict[str, float]:
    found = [(reading.best(question), question) for question in reading.questions]
    shown = [(span.text if span and span.score >= threshold else "", question) for span, question in found]
    has = [(span.text if span else "", question) for span, question in found if question.answers]
    return {
        "questions": len(shown),
        "threshold": threshold,
        **figures(shown),
        **figures(has, "answerable_"),
        **figures([pair for pair in shown if not pair[1].answers], "unanswerable_"),
        "null_auroc": auroc(
            [span.score if span else -99.0 for span, _ in found], [bool(question.answers) for _, question in found]
        ),
    }


def hard_negatives(reading: Reading, retriever: Retriever) -> dict[str, float]:
    margins: list[float] = []
    right: list[bool] = []
    for question in reading.questions:
        own = question.documents[0]
        hits = retriever.retrieve(question.question, k=4 * HARD)
        wrong = list(dict.fromkeys(hit.passage.document_id for hit in hits if hit.passage.document_id != own))[:HARD]
        read = [own, *wrong]
        spans = reading.reader.read(question.question, [reading.paragraphs[name] for name in read])
        margins += [one[0].score if one else -99.0 for one in spans]
        right += [True, *(False for _ in wrong)]
    return {"questions": len(reading.questions), "passages": len(margins), "auroc": auroc(margins, right)}


def open_corpus(reading: Reading, answerer: Answerer) -> dict[str, float]:
    """The best candidate of the whole corpus, shown or not, against that of the gold paragraph."""
    found, given = [], []
    for question in reading.questions:
        judged = answerer.judge(question.question)[1]
        found.append((judged[0].span.text if judged else "", question))
        span = reading.best(question)
        given.append((span.text if span else "", question))
    result = {"questions": len(found), **figures(found, "open_"), **figures(given, "gold_")}
    return result | {"em_ratio": result["open_em"] / result["gold_em"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with dev/*.jsonl.gz")
    parser.add_argument("--reader", default="default", metavar="DIR", help="other weights")
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="those weights' calibration")
    parser.add_argument("--as", dest="name", metavar="NAME", help="write results of other weights as reader_NAME")
    parser.add_argument(
        "--limit", type=int, metavar="N", help="only N of each set, and nothing is written but with --as"
    )
    args = parser.parse_args()
    reader = SpanReader(args.reader)
    calibration = Calibration.read(args.calibration) if args.calibration else Calibration.shipped()
    dev = args.data / "dev"
    some = RETRIEVED if args.limit is None else args.limit // 4
    results: dict[str, dict[str, float]] = {}

    def measure(name: str, what: Callable[[], dict[str, float]]) -> None:
        began = time.monotonic()
        results[name] = what()
        print(name, {key: round(value, 3) for key, value in results[name].items()}, file=sys.stderr)
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    measure("squad11", lambda: answerable(Reading(reader, dev / "squad11_a.jsonl.gz", args.limit)))
    measure("qed", lambda: answerable(Reading(reader, dev / "qed_nq.jsonl.gz", args.limit)))
    squad20 = Reading(reader, dev / "squad20_a.jsonl.gz", args.limit)
    measure("squad20", lambda: with_unanswerable(squad20, calibration.null_margin))
    corpus = Reading(reader, dev / "squad11_a.jsonl.gz", some)
    encoder = SentenceEncoder()
    with tempfile.TemporaryDirectory() as folder:
        retriever = Retriever(Index.build(Path(folder) / "index", corpus.documents, encoder=encoder), encoder)
        measure("hard_negatives", lambda: hard_negatives(corpus, retriever))
        answerer = Answerer(retriever=retriever, reader=reader, calibration=calibration)
        measure("open", lambda: open_corpus(corpus, answerer))
    what = "reader" if args.reader == "default" else f"reader_{args.name}" if args.name else None
    if what and (args.limit is None or args.name):
        print(write_results(what, {"weights": reader.digest, "sets": results}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
