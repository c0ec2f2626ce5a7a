"""Training examples as the product reads them: a question over a passage with its context, answerable or not."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from embeddings.index import Index
from embeddings.sentences import sentences
from qa.gold import GoldQuestion, locate
from qa.retrieve import Retriever
from qa.training.sets import Row

TITLED = 0.5  # share of paragraphs that are read under their title, as the product reads passages


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question and a text to read it in; `spans` are the right answers, half-open in `text`, none if it has none.

    Answers begin at or after `begin`; what stands before is context.
    """

    question: str
    text: str
    begin: int
    spans: tuple[tuple[int, int], ...]


def held_out(row: Row, one_in: int) -> bool:
    """Whether a row belongs to the part that is kept from training: all questions of one title in so many."""
    key = f"{row.title or row.context}".encode()
    return int(hashlib.sha256(key).hexdigest(), 16) % one_in == 0


def positive(row: Row, chance: random.Random) -> Example:
    """The row as it is, in half of the cases under its title."""
    return _over(row.question, row.context, row.answers, row.title, chance)


def over_another(row: Row, contexts: Sequence[str], chance: random.Random) -> Example | None:
    """The question over one of other paragraphs in which none of its answers stands: not answered there."""
    answers = [row.context[start:end] for start, end in row.answers]
    elsewhere = [text for text in contexts if text != row.context and not any(answer in text for answer in answers)]
    return _over(row.question, chance.choice(elsewhere), (), row.title, chance) if elsewhere else None


def without_sentence(row: Row, chance: random.Random) -> Example | None:
    """The question over its paragraph with every sentence taken out that holds the answer; None if too little stays."""
    answers = {row.context[start:end].casefold() for start, end in row.answers}
    kept = [
        row.context[start:end]
        for start, end in sentences(row.context)
        if not any(answer in row.context[start:end].casefold() for answer in answers)
        and not any(a < end and b > start for a, b in row.answers)
    ]
    return _over(row.question, " ".join(kept), (), row.title, chance) if len(kept) > 1 else None


_NAME = re.compile(r"(?<!^)\b[A-Z][\w'.-]+(?: (?:of |the |de )?[A-Z][\w'.-]+)*")
_NUMBER = re.compile(r"\b\d{1,4}(?:,\d{3})*\b")
_OPPOSITES = (
    "first last|oldest youngest|largest smallest|biggest smallest|highest lowest|most least|before after|"
    "north south|east west|northern southern|eastern western|win lose|won lost|increase decrease|"
    "increased decreased|start end|started ended|begin end|began ended|more fewer|longest shortest|"
    "male female|early late|minimum maximum|above below|with without|inside outside|accept reject|"
    "accepted rejected|success failure|positive negative|support oppose|supported opposed|public private|"
    "always never|open close|opened closed|buy sell|bought sold|allowed forbidden|like dislike|"
    "arrive leave|arrived left|old new|rich poor|war peace|left right|upper lower|father mother|"
    "son daughter"
)
OPPOSITE = {
    word: other
    for pair in _OPPOSITES.split("|")
    for word, other in (pair.split(), pair.split()[::-1])
}  # fmt: skip
_WORD = re.compile(r"\b(" + "|".join(OPPOSITE) + r")\b")


def names_of(rows: Sequence[Row]) -> list[str]:
    """The names that questions speak of, for questions about another."""
    return sorted({name.group() for row in rows for name in _NAME.finditer(row.question) if len(name.group()) > 3})


def edited(row: Row, names: Sequence[str], chance: random.Random) -> Example | None:
    """The question changed so that its paragraph no longer answers it, None where nothing can be changed.

    Another name where the paragraph has the one asked about, another number, or the opposite of a word.
    """
    held = row.context.casefold()
    changes = [
        (found.span(), chance.choice(names))
        for found in _NAME.finditer(row.question)
        if names and found.group().casefold() in held
    ]
    changes += [
        (found.span(), str(int(found.group().replace(",", "")) + chance.choice([-20, -7, -3, -2, -1, 1, 2, 4, 9, 30])))
        for found in _NUMBER.finditer(row.question)
    ]
    changes += [(found.span(), OPPOSITE[found.group()]) for found in _WORD.finditer(row.question)]
    if not changes:
        return None
    (start, end), other = chance.choice(changes)
    if other.casefold() in held and not _WORD.fullmatch(row.question[start:end]):
        return None
    question = row.question[:start] + other + row.question[end:]
    return _over(question, row.context, (), row.title, chance)


def swapped(row: Row, chance: random.Random) -> Example | None:
    """The question about another name of its own paragraph, None where it has no two: what is asked stands near.

    The other name shares no word with the question, and is in no sentence of the answers.
    """
    asked = [found for found in _NAME.finditer(row.question) if found.group() in row.context]
    apart, telling = [], ""
    for start, end in sentences(row.context):
        if any(a < end and b > start for a, b in row.answers):
            telling += row.context[start:end]
        else:
            apart.append(row.context[start:end])
    others = sorted({found.group().rstrip(".") for sentence in apart for found in _NAME.finditer(sentence)})
    said = set(re.findall(r"\w+", row.question.casefold()))
    others = [
        name
        for name in others
        if len(name) > 3 and name not in telling and said.isdisjoint(re.findall(r"\w+", name.casefold()))
    ]
    if not asked or not others:
        return None
    name, other = chance.choice(asked), chance.choice(others)
    return _over(row.question[: name.start()] + other + row.question[name.end() :], row.context, (), row.title, chance)


def _over(question: str, text: str, spans: Sequence[tuple[int, int]], title: str, chance: random.Random) -> Example:
    head = title.replace("_", " ") + "\n" if title and chance.random() < TITLED else ""
    moved = tuple((start + len(head), end + len(head)) for start, end in spans)
    return Example(question=question, text=head + text, begin=len(head), spans=moved)


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
