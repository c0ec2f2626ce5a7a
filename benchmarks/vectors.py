"""How fast and how well vectors are found when there are very many, in one run for each number of them.

    python benchmarks/vectors.py [--data DIR] [--encoded FILE.npz] [--sizes 100000 1000000]

The vectors are made from real ones: the sum of the embedding of one passage, half of another's and a little noise. The
passages are those of the samples and the invented documents, with `--data DIR` 12,000 paragraphs of training sets
instead; the questions are real ones about these, and not those that the depth was set by. `--encoded` keeps the
embeddings for the next run. Every size is searched in a process of its own, which opens what was written, so that its
memory is that of searching. `load` is how many processes wanted the cores meanwhile; all times are this machine's. One
question is answered by one thread, whose `p50_processor_ms` is what it takes where cores are free.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from results_file import write_results

from embeddings.approximate import Measured, SearchSettings, write_lists
from embeddings.encode import Encoder
from embeddings.vectors import Lists, Vectors, VectorsWriter

ROOT = Path(__file__).resolve().parent
QUESTIONS = 300
BEST = 10
BLOCK = 20_000
CONTEXTS = 12_000
SETS = ("squad11_part", "qed_nq", "tydiqa_en", "squadshifts_new_wiki")

Floats = NDArray[np.float32]


def real(data: Path | None) -> tuple[Floats, Floats]:
    """Embeddings of passages and of questions."""
    from embeddings.encode import SentenceEncoder

    encoder = SentenceEncoder()
    texts, questions = of_sets(data) if data else of_documents(encoder)
    return encoder.encode(texts[:CONTEXTS]), encoder.encode(questions[:QUESTIONS])


def of_documents(encoder: Encoder) -> tuple[list[str], list[str]]:
    """The passages of the samples and of the invented documents, and the questions about these."""
    from embeddings.load import find_files, load_file
    from embeddings.passage import SplitSettings, split
    from seeds import DOCUMENTS

    texts: dict[str, None] = {}
    for folder in (DOCUMENTS, ROOT / "invented" / "documents"):
        for file in find_files(folder):
            document = load_file(file.path, file.id).document
            texts |= dict.fromkeys(one.encoded_text for one in split(document, SplitSettings(), encoder.count_tokens))
    lines = (ROOT / "invented" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    random.Random(1).shuffle(questions)
    return list(texts), questions


def of_sets(data: Path) -> tuple[list[str], list[str]]:
    """Paragraphs (their beginnings, as long as a passage) and questions of the training sets."""
    texts: dict[str, None] = {}
    questions: list[str] = []
    for name in SETS:
        with gzip.open(data / "train" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for asked in map(json.loads, file):
                texts.setdefault(asked["context"][:600])
                questions.append(asked["question"])
    chance, paragraphs = random.Random(1), list(texts)
    chance.shuffle(paragraphs)
    chance.shuffle(questions)
    return paragraphs, questions


def made(passages: Floats, count: int) -> Iterator[Floats]:
    """`count` vectors, block by block, the same each time."""
    chance = np.random.default_rng(7)
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        noise = chance.standard_normal((n, passages.shape[1]), dtype=np.float32) / np.sqrt(passages.shape[1])
        one, other = (passages[chance.integers(0, len(passages), n)] for _ in range(2))
        mixed = one + 0.5 * other + 0.5 * noise.astype(np.float32)
        yield mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def build(folder: Path, passages: Floats, questions: Floats, count: int) -> tuple[Measured, dict[str, object]]:
    """Write vectors and lists and the exact answers; returns what was measured in doing so."""
    started = time.perf_counter()
    writer = VectorsWriter(folder / "vectors", passages.shape[1])
    best = np.full((len(questions), 0), -np.inf, dtype=np.float32)
    for block in made(passages, count):
        writer.add(block)
        best = np.sort(np.concatenate([best, questions @ block.T], axis=1), axis=1)[:, -BEST:]
    writer.finish()
    written, phases = time.perf_counter(), []
    before = memory("VmRSS")
    measured = write_lists(
        folder / "lists",
        Vectors(folder / "vectors"),
        SearchSettings(),
        lambda what, done, total: phases.append((time.perf_counter(), what)),
    )
    phases.append((time.perf_counter(), ""))
    seconds: dict[str, float] = {}
    for (start, what), (end, _) in pairwise(phases):
        seconds[what] = round(seconds.get(what, 0.0) + end - start, 1)
    np.savez(folder / "asked", questions=questions, best=best)
    return measured, {
        "writing_vectors_seconds": round(written - started, 1),
        "making_lists_seconds": round(phases[-1][0] - written, 1),
        "making_lists_phases": seconds,
        "making_lists_peak_mb": round(memory("VmHWM") - before, 1),
        "vectors_mb": round((folder / "vectors").stat().st_size / 1e6, 1),
        "lists_mb": round((folder / "lists").stat().st_size / 1e6, 1),
    }


def search(folder: Path, depth: int) -> dict[str, object]:
    """Open and ask, in this process."""
    asked = np.load(folder / "asked.npz")
    before = memory("VmRSS")
    started = time.perf_counter()
    vectors = Vectors(folder / "vectors", Lists(folder / "lists", depth))
    opened = time.perf_counter() - started
    mask = np.ones(vectors.shape[0], dtype=np.bool_)
    found, seconds, busy = [], [], []
    for _ in range(2):  # at first pages are read
        for question, best in zip(asked["questions"], asked["best"], strict=True):
            started, worked = time.perf_counter(), time.thread_time()
            rows = vectors.nearest(question, BEST, mask)
            scores = np.sort(vectors.take(rows) @ question)[-BEST:]
            seconds.append(time.perf_counter() - started)
            busy.append(time.thread_time() - worked)
            found.append(np.mean(scores >= best[0] - 1e-5))
    warm = 1000 * np.array(seconds[len(seconds) // 2 :])
    return {
        "open_ms": round(1000 * opened, 1),
        "memory_mb": round(memory("VmRSS") - before, 1),
        "recall_at_10": round(float(np.mean(found)), 4),
        "first_ms": round(1000 * seconds[0], 1),
        "p50_ms": round(float(np.percentile(warm, 50)), 2),
        "fastest_ms": round(float(warm.min()), 2),
        "p50_processor_ms": round(1000 * float(np.median(busy[len(busy) // 2 :])), 2),
        "p95_ms": round(float(np.percentile(warm, 95)), 2),
    }


def memory(what: str) -> float:
    """Megabytes that this process holds (VmRSS) or held at most (VmHWM), mapped pages included; Linux only."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith(what)).split()[1]) / 1000


def row(folder: Path, passages: Floats, questions: Floats, count: int) -> dict[str, object]:
    measured, building = build(folder, passages, questions, count)
    command = [sys.executable, __file__, "--search", str(folder), "--depth", str(measured.depth)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    at_build = asdict(measured) | {"recall_at_build": measured.recall}
    del at_build["recall"]
    return {"vectors": count, **at_build, **building, **json.loads(done.stdout), "load": round(os.getloadavg()[0], 1)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with train/squad11_part.jsonl.gz")
    parser.add_argument("--encoded", type=Path, metavar="FILE", help="embeddings: read if there, else written")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--depth", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.search:
        print(json.dumps(search(args.search, args.depth)))
        return 0
    if args.encoded and args.encoded.exists():
        kept = np.load(args.encoded)
        passages, questions = kept["passages"], kept["questions"]
    else:
        passages, questions = real(args.data)
        if args.encoded:
            np.savez(args.encoded, passages=passages, questions=questions)
    rows = []
    for count in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(Path(folder), passages, questions, count))
            print(json.dumps(rows[-1]), flush=True)
    path = write_results("vectors", {"passages_encoded": len(passages), "questions": len(questions), "rows": rows})
    print(f"written to {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
