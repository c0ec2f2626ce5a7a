"""Train the reader and fit its calibration: `python -m qa.training reader|calibration --data DIR [--out DIR]`.

DIR holds `reader/` (the weights to start from) and `data/train/` (the question-answering sets that CARD.md names).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from embeddings.clean import decode
from embeddings.encode import SentenceEncoder
from embeddings.index import Index
from embeddings.load import find_files, load_file
from qa.answerer import Answerer
from qa.confidence import Calibration, Evidence
from qa.gold import GoldQuestion, read_gold
from qa.reader.span_reader import SpanReader
from qa.retrieve import Retriever
from qa.training.calibrate import NAMES, cases, fit
from qa.training.examples import from_gold, from_paragraphs
from qa.training.train import TrainSettings, train

# file, examples drawn, share of them asked over another paragraph of the same title
PARAGRAPHS = (
    ("adversarial", 4500, 0.1),
    ("squad11_part", 1800, 0.35),
    ("squadshifts_new_wiki", 900, 0.35),
    ("qed_nq", 700, 0.2),
    ("tydiqa_en", 600, 0.3),
)
REPEATS = 2  # how often the examples from messy documents are seen for each of the others: there are few of them
NEGATIVES = 2  # passages without the answer for each question about a messy document
HELD_OUT = 4  # every fourth messy document is kept from training, for the calibration
STRANGERS = ("tweetqa", "friendsqa", "fairytaleqa", "qamr", "policyqa")  # questions about other things altogether
STRANGERS_OF_EACH = 30
REFUSED = 0.78  # share of the unanswerable calibration questions that the threshold refuses
SEED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Messy:
    """The made-up messy documents: an index of them, their originals, and questions apart for training and held out."""

    index: Index
    encoder: SentenceEncoder
    originals: dict[str, str]
    training: tuple[GoldQuestion, ...]
    held_out: tuple[GoldQuestion, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(prog="python -m qa.training", description=__doc__)
    parser.add_argument("step", choices=["reader", "calibration"])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with reader/ and data/train/")
    parser.add_argument("--out", type=Path, default=Path("qa/reader/weights"), metavar="DIR", help="where to write")
    parser.add_argument("--minutes", type=float, default=40.0, help="at most this long (reader)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        messy = _messy(given.data / "data" / "train" / "invented", Path(folder))
        if given.step == "reader":
            _train(given.data, messy, given.out, given.minutes * 60)
        else:
            _calibrate(given.data, messy, given.out)


def _messy(data: Path, folder: Path) -> _Messy:
    encoder = SentenceEncoder()
    files = find_files(data / "documents")
    documents = [load_file(file.path, file.id).document for file in files]
    index = Index.build(folder / "index", documents, encoder=encoder)
    kept = {file.id for file in files[::HELD_OUT]}
    training: list[GoldQuestion] = []
    held_out: list[GoldQuestion] = []
    last = ""
    for question in read_gold(data / "gold.jsonl").questions:
        last = question.documents[0] if question.documents else last  # unanswerable ones follow their document's
        (held_out if last in kept else training).append(question)
    return _Messy(
        index=index,
        encoder=encoder,
        originals={file.id: decode(file.path.read_bytes()).text for file in files},
        training=tuple(training),
        held_out=tuple(held_out),
    )


def _train(data: Path, messy: _Messy, out: Path, seconds: float) -> None:
    retriever = Retriever(messy.index, messy.encoder)
    examples = list(from_gold(messy.training, messy.originals, messy.index, retriever, NEGATIVES)) * REPEATS
    for name, count, other_share in PARAGRAPHS:
        examples += from_paragraphs(data / "data" / "train" / f"{name}.jsonl.gz", count, SEED, other_share)
    train(data / "reader", examples, out, TrainSettings(seconds=seconds))


def _calibrate(data: Path, messy: _Messy, out: Path) -> None:
    reader = SpanReader()
    answerer = Answerer(retriever=Retriever(messy.index, messy.encoder), reader=reader, calibration=_ONLY_MARGIN)
    strangers = []
    for name in STRANGERS:
        with gzip.open(data / "data" / "train" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
            questions = [json.loads(line)["question"] for line in stream]
        strangers += random.Random(SEED).sample(questions, STRANGERS_OF_EACH)  # noqa: S311 - a reproducible draw
    found = list(cases(answerer, messy.held_out, strangers))
    split = {name: int(value) for name, value in messy.index.manifest.split.items()}
    calibration = fit(found, reader=reader.digest, encoder=messy.encoder.digest, split=split, refused=REFUSED)
    (out / "calibration.json").write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} questions, threshold {calibration.threshold}")


_ONLY_MARGIN = Calibration(
    weights=asdict(Evidence(**dict.fromkeys(NAMES, 0.0))) | {"margin": 1.0},
    means=dict.fromkeys(NAMES, 0.0),
    scales=dict.fromkeys(NAMES, 1.0),
    intercept=0.0,
    threshold=0.5,
    reader="",
    encoder="",
    split={},
)

if __name__ == "__main__":
    main()
