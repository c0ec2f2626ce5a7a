"""Training examples as the product reads them: a question over a passage with its context, answerable or not."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.index import Index
from qa.gold import GoldQuestion, locate
from qa.retrieve import Retriever


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question and a text to read it in; `spans` are the right answers, half-open in `text`, none if it has none.

    Answers begin at or after `begin`; what stands before is context.
    """

    question: str
    text: str
    begin: int
    spans: tuple[tuple[int, int], ...]


def from_paragraphs(file: Path, count: int, seed: int, other_share: float) -> list[Example]:
    """Up to `count` examples of a gzip JSONL file of questions over paragraphs (`context, question, answers, title`).

    An `other_share` of the answerable ones is asked over another paragraph of the same title instead, where it counts
    as not answered if none of the answers stands there.
    """
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    chance = random.Random(seed)  # noqa: S311 - a reproducible draw, nothing secret
    chance.shuffle(rows)
    by_title: dict[str, list[str]] = {}
    for row in rows:
        by_title.setdefault(row["title"], []).append(row["context"])
    return [_paragraph_example(row, by_title, chance, other_share) for row in rows[:count]]


def _paragraph_example(
    row: Mapping[str, Any], by_title: Mapping[str, Sequence[str]], chance: random.Random, other_share: float
) -> Example:
    context, answers = row["context"], row["answers"]
    spans = {(start, start + len(text)) for text, start in zip(answers["text"], answers["answer_start"], strict=True)}
    if spans and chance.random() < other_share:
        elsewhere = [c for c in by_title[row["title"]] if not any(text in c for text in answers["text"])]
        if elsewhere:
            context, spans = chance.choice(elsewhere), set()
    head = row["title"].replace("_", " ") + "\n" if chance.random() < TITLED else ""
    return Example(
        question=row["question"],
        text=head + context,
        begin=len(head),
        spans=tuple(sorted((a + len(head), b + len(head)) for a, b in spans)),
    )


TITLED = 0.5  # share of paragraphs that are read under their title, as the product reads passages


def from_gold(
    gold: Sequence[GoldQuestion], originals: Mapping[str, str], index: Index, retriever: Retriever, negatives: int
) -> Iterator[Example]:
    """Examples over the passages of an index: those that hold the evidence, and the best retrieved that hold no answer.

    `originals` has the decoded original of each document; `negatives` is how many passages without an answer there are
    for each question.
    """
    for question in gold:
        held: list[Example] = []
        holding: set[int] = set()
        for evidence in question.evidence[:1]:
            document = index.document(evidence.document)
            stretches = locate(evidence, document, originals[evidence.document])
            for passage in index.passages_of(evidence.document):
                begin = len(passage.encoded_text) - len(passage.text)
                spans = sorted(
                    (a + begin - passage.start, b + begin - passage.start)
                    for start, end in stretches
                    for a, b in _first_form(
                        question.answers, document.text, max(start, passage.start), min(end, passage.end)
                    )
                )
                if spans:
                    holding.add(passage.id)
                    held.append(
                        Example(question=question.question, text=passage.encoded_text, begin=begin, spans=tuple(spans))
                    )
        yield from held[:2]
        wrong = 0
        for hit in retriever.retrieve(question.question, k=30):
            passage = hit.passage
            if passage.id in holding or any(answer in passage.text for answer in question.answers):
                continue
            begin = len(passage.encoded_text) - len(passage.text)
            yield Example(question=question.question, text=passage.encoded_text, begin=begin, spans=())
            wrong += 1
            if wrong == negatives:
                break


def _first_form(answers: Sequence[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the first of the answer forms that stands in text[start:end] stands: forms come best first."""
    for answer in answers:
        place = text.find(answer, start, end)
        if place >= 0:
            yield place, place + len(answer)
            return
