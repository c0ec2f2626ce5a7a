"""How fast questions are answered, in one run, beside other ways to answer them with the same models.

    python -m benchmarks.speed [--data DIR] [--limit N] [--passages N] [--sides NAME,...]

Sides are asked question by question in turn, on the same threads: ours; the same weights in plain torch (eager);
Haystack's and txtai's pipelines, in environments of their own that are made when they are first needed (about 1.5 GB
each, from the package index); and ours with everything read in float32, for its answers. With --data, a folder with
dev/*.jsonl.gz and train/*.jsonl.gz, also over about 30,000 passages. Answers and times of each question are kept in
`.bench/answers-CORPUS.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.results_file import write_results
from benchmarks.speed.figures import race_figures
from benchmarks.speed.material import CACHE, Corpus, large_corpus, sample_corpus
from benchmarks.speed.places import SIDES, open_side, opened, threads_here
from benchmarks.speed.race import Race, calibration_loop, race
from benchmarks.speed.small import QUESTIONS as SMALL
from benchmarks.speed.small import ROUNDS, small
from benchmarks.speed.start import RUNS, starts
from benchmarks.speed.throughput import PASSAGES, batch, indexing, some_passages
from embeddings.encode import SentenceEncoder
from qa.evaluate import asking

LARGE = 30_000  # passages
QUESTIONS = 300  # asked of the large corpus
BATCH = 100  # further questions that are answered as a batch
STARTED = ("eager", "haystack", "txtai")  # beside ours
FIRST = "When was the battle of Elakla fought?"  # what a cold start is asked


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with dev/*.jsonl.gz and train/*.jsonl.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="only N of the questions; nothing is written")
    parser.add_argument("--passages", type=int, default=LARGE, metavar="N", help="size of the large corpus")
    parser.add_argument("--sides", default=",".join(SIDES), metavar="NAME,...", help=f"of {', '.join(SIDES)}")
    parser.add_argument("--write", action="store_true", help="write results though they are of a part only")
    args = parser.parse_args()
    args.sides = args.sides.split(",")
    if unknown := [name for name in args.sides if name not in SIDES]:
        parser.error(f"there is no side {unknown[0]}; there are {', '.join(SIDES)}")
    if not {"ours", "eager"} <= set(args.sides):
        parser.error("the sides ours and eager are always needed")
    return args


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def raced(args: argparse.Namespace, corpus: Corpus, results: dict[str, Any]) -> None:
    """Race all sides over a corpus, then let ours and the plain one answer its further questions as a batch."""
    say(f"{corpus.name}: {len(corpus.questions)} questions, {corpus.passages} passages, {len(args.sides)} sides")
    with opened(args.sides, corpus, threads_here()) as sides:
        with asking(len(corpus.questions), quiet=False) as progress:
            run = race(sides, corpus.questions, warm_up=corpus.warm_up, calibrate=calibration_loop, progress=progress)
        keep(run, corpus)
        results["corpora"][corpus.name] = {"passages": corpus.passages, **race_figures(run)}
        results["versions"] |= {name: dict(side.versions) for name, side in sides.items()}
        if corpus.more:
            say(f"{corpus.name}: a batch of {len(corpus.more)} questions")
            results["batch"] = {"passages": corpus.passages, **batch(sides["ours"], sides["eager"], corpus.more)}


def keep(run: Race, corpus: Corpus) -> None:
    """Keep what each side said, to be looked at."""
    lines = [
        {"question": row.gold.question, "answers": row.gold.answers, **{k: asdict(v) for k, v in row.said.items()}}
        for row in run.rows
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (CACHE / f"answers-{corpus.name}.jsonl").write_text(text, encoding="utf-8")


def main() -> int:
    args = arguments()
    few = args.limit
    encoder = SentenceEncoder()
    results: dict[str, Any] = {"threads": threads_here(), "limit": few, "versions": {}, "corpora": {}}
    samples = sample_corpus(encoder, few)
    raced(args, samples, results)
    corpora = [samples]
    if args.data is not None:
        say(f"a corpus of about {args.passages} passages; it is made once, in some minutes")
        large = large_corpus(args.data, encoder, passages=args.passages, questions=few or QUESTIONS, more=few or BATCH)
        raced(args, large, results)
        corpora.append(large)
    say("encoding passages")
    with opened(("ours", "eager"), samples, threads_here()) as sides:
        texts = some_passages(corpora, 256 if few else PASSAGES)
        results["indexing"] = indexing(sides["ours"], sides["eager"], texts, encoder)
    say("cold starts")
    others = {name: partial(open_side, name, samples, threads_here()) for name in args.sides if name in STARTED}
    results["start"] = starts(FIRST, samples.material, threads_here(), others, runs=2 if few else RUNS)
    say("the small version")
    results["small"] = small(sample_corpus(encoder, SMALL * ROUNDS), 0 if few else float("inf"), threads_here()).figures
    print(json.dumps(results, indent=1))
    if few is None or args.write:
        print(f"written to {write_results('speed', results)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
