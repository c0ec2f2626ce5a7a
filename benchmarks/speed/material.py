"""What is asked of what: the two corpora, their questions, and the folders that all sides are given.

The sample corpus is the five sample documents with the dev questions. The large one is made of paragraphs of public
question-answering sets: those of the two development halves, whose questions are asked, then others until there are
enough passages. What is made of them is kept in `.bench`, by what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from benchmarks.speed.protocol import ROOT, Material
from embeddings.document import Document
from embeddings.encode import Encoder, default_folder
from embeddings.engine import file_digest, weights_digest
from embeddings.index import Index
from embeddings.manifest import SourceEntry
from embeddings.passage import SplitSettings, split
from embeddings.sync import sync
from qa.evaluate import sample
from qa.gold import GoldQuestion, read_gold

CACHE = ROOT / ".bench"  # git-ignored: indexes, environments and logs
ASKED = ("dev/squad11_a", "dev/qed_nq")  # of DIR; the questions of the large corpus are theirs, half of each
# training sets: their paragraphs only fill the large corpus, in this order; those of single sentences are left out
FILLERS = (
    "squad11_part",
    "qed_nq",
    "adversarial",
    "squadshifts_new_wiki",
    "tydiqa_en",
    "squadshifts_reddit",
    "squadshifts_amazon",
    "fairytaleqa",
    "policyqa",
    "friendsqa",
    "qamr",
)
WARM_UP = 8  # questions asked before it counts: buffers are then there, and processors awake


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A corpus ready to be asked: its questions, how many passages it has, and its material.

    `warm_up` and `more` (for a batch) are other questions: none of them is asked twice.
    """

    name: str
    questions: Sequence[GoldQuestion]
    warm_up: Sequence[str]
    passages: int
    material: Material
    more: Sequence[str] = ()


def sample_corpus(encoder: Encoder, limit: int | None) -> Corpus:
    """The sample documents and all dev questions, those to be refused too; follow-ups are asked in full."""
    folder = CACHE / f"samples-{_digest(encoder.digest, _making(), _of(ROOT / 'seeds/documents', '*.txt'))}"
    if not (folder / "passages.jsonl").is_file():
        index = folder / "index"
        sync(index, [SourceEntry(name=None, path=str(ROOT / "seeds/documents"))], encoder=encoder, rebuild=True)
        _export(Index.open(index, encoder=encoder), folder)
    gold = read_gold(ROOT / "seeds/gold/dev.jsonl").questions
    questions = distinct([replace(one, question=one.full or one.question, history=()) for one in gold])
    return _corpus("samples", folder, sample(questions, limit))


def large_corpus(data: Path, encoder: Encoder, *, passages: int, questions: int, more: int) -> Corpus:
    """About so many passages of paragraphs in `data`, and so many questions of its development halves, and `more`."""
    sets = [data / f"{name}.jsonl.gz" for name in (*ASKED, *(f"train/{name}" for name in FILLERS))]
    sets = [file for file in sets if file.is_file()]
    made_from = [f"{file.name} {file.stat().st_size}" for file in sets]
    folder = CACHE / f"large-{_digest(encoder.digest, _making(), str(passages), *made_from)}"
    if not (folder / "passages.jsonl").is_file():
        documents = list(enough(paragraphs(sets), passages, encoder))
        _export(Index.build(folder / "index", documents, encoder=encoder), folder)
    there = {entry.id for entry in Index.open(folder / "index").documents}
    asked: list[GoldQuestion] = []
    for name in ASKED:
        gold = distinct(read_gold(data / f"{name}.jsonl.gz").questions)
        known = [one for one in gold if one.answers and f"{name}/{one.documents[0]}" in there]
        asked += sample(known, (questions + more) // len(ASKED))
    asked = distinct(asked)
    every = (questions + more) // more if more else len(asked) + 1
    batch = asked[every - 1 :: every]
    rest = [one for one in asked if one not in batch]
    return replace(_corpus("large", folder, rest), more=[one.question for one in batch])


def distinct(questions: Sequence[GoldQuestion]) -> list[GoldQuestion]:
    """Each wording once: what was asked before could be answered from a cache."""
    return list({one.question.casefold(): one for one in reversed(questions)}.values())[::-1]


def paragraphs(sets: Sequence[Path]) -> Iterator[Document]:
    """The paragraphs of all sets, each text once, their ids told apart by set."""
    seen: set[str] = set()
    for file in sets:
        for document in read_gold(file).paragraphs:
            if document.text not in seen:
                seen.add(document.text)
                yield replace(document, id=f"{file.parent.name}/{file.name.partition('.')[0]}/{document.id}")


def enough(documents: Iterator[Document], passages: int, encoder: Encoder) -> Iterator[Document]:
    """Documents until they have that many passages together, or there are no more."""
    counted = 0
    for document in documents:
        if counted >= passages:
            return
        yield document
        counted += len(split(document, SplitSettings(), encoder.count_tokens))


def model_folders() -> tuple[str, str]:
    """The folders of the encoder and of the reader in float32.

    The reader ships in float16; other libraries would compute in that, which is slow on processors without it.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering

    shipped = Path(str(files("qa.reader") / "weights"))
    folder = CACHE / f"reader-{weights_digest(shipped)[:12]}"
    if not (folder / "tokenizer.json").is_file():
        model = AutoModelForQuestionAnswering.from_pretrained(str(shipped), dtype=torch.float32)
        model.save_pretrained(str(folder))
        for name in ("tokenizer_config.json", "tokenizer.json"):
            shutil.copy(shipped / name, folder)
    return str(default_folder()), str(folder)


def _corpus(name: str, folder: Path, questions: Sequence[GoldQuestion]) -> Corpus:
    encoder, reader = model_folders()
    asked = {one.question for one in questions}
    others = read_gold(ROOT / "benchmarks/invented/gold.jsonl").questions
    return Corpus(
        name=name,
        questions=questions,
        warm_up=[one.question for one in others if one.question not in asked][:WARM_UP],
        passages=len(np.load(folder / "vectors.npy", mmap_mode="r")),
        material=Material(
            index=str(folder / "index"),
            passages=str(folder / "passages.jsonl"),
            vectors=str(folder / "vectors.npy"),
            encoder=encoder,
            reader=reader,
        ),
    )


def _export(index: Index, folder: Path) -> None:
    """Write the passages as our encoder and reader see them, and their vectors, for the other sides."""
    ids = [id for entry in index.documents for id in index.passage_ids(entry.id)]
    np.save(folder / "vectors.npy", index.vectors(ids))
    lines = [json.dumps(passage.encoded_text) + "\n" for passage in index.passages(ids)]
    (folder / "passages.tmp").write_text("".join(lines), encoding="utf-8")
    (folder / "passages.tmp").replace(folder / "passages.jsonl")  # last, and whole: it says that all is there


def _making() -> str:
    """What names the code that makes an index: with other code another one is made."""
    return _of(ROOT / "embeddings", "*.py")


def _of(folder: Path, pattern: str) -> str:
    return _digest(*(file_digest(path) for path in sorted(folder.rglob(pattern))))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
