"""How well questions are answered: the dev questions on the samples, and the invented documents with theirs.

    python benchmarks/answers.py [--data DIR] [--limit N] [--report DIR]

With --data, 500 questions of `DIR/dev/squad20_a.jsonl.gz` over all its paragraphs too. Times are those of this machine,
one question at a time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from results_file import write_results

from embeddings.encode import Encoder
from embeddings.index import Index
from embeddings.manifest import SourceEntry
from embeddings.sync import sync
from qa.assembly import Models
from qa.evaluate import asking, evaluate, original_files, sample
from qa.evaluation.report import print_tables, summary, write_report
from qa.gold import GoldSet, read_gold
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A gold set, the folder of its documents (None: it brings its own) and how many questions are asked at most."""

    name: str
    gold: Path
    documents: Path | None = None
    limit: int | None = None


def benches(data: Path | None) -> Iterator[Bench]:
    yield Bench(name="dev", gold=ROOT / "seeds/gold/dev.jsonl", documents=ROOT / "seeds/documents")
    invented = ROOT / "benchmarks/invented"
    yield Bench(name="invented", gold=invented / "gold.jsonl", documents=invented / "documents")
    if data is not None:
        yield Bench(name="squad20", gold=data / "dev" / "squad20_a.jsonl.gz", limit=500)


def index_of(bench: Bench, gold: GoldSet, folder: Path, encoder: Encoder) -> Index:
    if bench.documents is None:
        return Index.build(folder, gold.paragraphs, encoder=encoder)
    sync(folder, [SourceEntry(name=None, path=str(bench.documents))], encoder=encoder)
    return Index.open(folder, encoder=encoder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with dev/squad20_a.jsonl.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="only N of each set; nothing is written")
    parser.add_argument("--report", type=Path, metavar="DIR", help="a full report of each set, in a folder of its name")
    args = parser.parse_args()
    settings = Settings()
    models = Models.load(settings)
    summaries, failed = {}, 0
    for bench in benches(args.data):
        gold = read_gold(bench.gold)
        questions = sample(gold.questions, min((n for n in (args.limit, bench.limit) if n), default=None))
        with tempfile.TemporaryDirectory() as folder:
            index = index_of(bench, gold, Path(folder) / bench.name, models.encoder)
            with asking(len(questions), quiet=False) as progress:
                evaluation = evaluate(
                    models.over(index), questions, original_files(index, questions), progress=progress
                )
            about = {"index": index.digest, "encoder_digest": models.encoder.digest, "top_k": settings.top_k}
        print(f"\n{bench.name}: {len(questions)} questions", file=sys.stderr)
        print_tables(evaluation)
        if args.report is not None:
            write_report(args.report / bench.name, evaluation, about)
        summaries[bench.name] = summary(evaluation, about)
        failed += len(summaries[bench.name]["missing_evidence"])
    if args.limit is None:
        print(f"written to {write_results('answers', {'sets': summaries})}")
    if failed:
        print(f"{failed} pieces of evidence were not found; see missing_evidence in the summaries", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
