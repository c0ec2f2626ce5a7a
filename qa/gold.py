"""Gold files: questions with their answers and the evidence for them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embeddings.document import Document
from embeddings.errors import BadInput
from embeddings.load.base import DocumentBuilder, Source
from embeddings.mapped import MappedText
from qa.chat import Turn

Stretch = tuple[int, int]
OWN_KEY = "chapter_and_verse"  # in a SQuAD question: type and history, for which SQuAD has no keys
_WANTED = "a gold file has one JSON object a line with id, question and answers, or is SQuAD v1.1 or v2.0 JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words of an original file that give the answer; `start` is their offset in it, where the gold file says so."""

    document: str
    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One of several values that sources report, and who reports it."""

    answer: str
    attributed_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldQuestion:
    """A question, every acceptable answer (none: to be refused) and where the answer stands.

    `documents` are ids, the first holds the main evidence; `kind` says how an unanswerable question misleads; `items`
    are the parts of a list, each with its acceptable forms; `full` is a follow-up asked in full.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    documents: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    type: str = "question"
    kind: str = ""
    values: tuple[Value, ...] = ()
    items: tuple[tuple[str, ...], ...] = ()
    history: tuple[Turn, ...] = ()
    full: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSet:
    """The questions of a gold file and, when it brings its own corpus, that as Documents (else none)."""

    questions: tuple[GoldQuestion, ...]
    paragraphs: tuple[Document, ...] = ()


def read_gold(path: Path, *, max_bytes: int | None = None) -> GoldSet:
    """Read a gold file: our JSON lines, SQuAD JSON, or SQuAD as JSON lines; each of them plain or gzipped.

    Raises BadInput, naming the line or question, for a file that cannot be understood, whose ids repeat, or that has
    more than `max_bytes` once it is unpacked (None: any number).
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        # no more is unpacked than is taken: a small file can hold any number of bytes
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read() if max_bytes is None else file.read(max_bytes + 1)
        if max_bytes is not None and len(data) > max_bytes:
            raise BadInput(
                f"{path} has more than {max_bytes / 1e6:,.0f} MB; take a part of it, or run `qa evaluate` on it"
            )
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as a gold file: {error}; {_WANTED}") from error
    whole = _whole_json(text)
    gold = _lines_file(path, text) if whole is None else _squad_file(path, whole)
    if not gold.questions:
        raise BadInput(f"{path} holds no question; {_WANTED}")
    seen: set[str] = set()
    for question in gold.questions:
        if question.id in seen:
            raise BadInput(f"{path}: two questions have the id {question.id!r}; make ids different")
        seen.add(question.id)
    return gold


def _whole_json(text: str) -> list[Any] | None:
    """The articles of SQuAD JSON; None if the text is something else."""
    try:
        whole = json.loads(text)
    except ValueError:
        return None
    articles = whole.get("data") if isinstance(whole, dict) else None
    return articles if isinstance(articles, list) else None


def _lines_file(path: Path, text: str) -> GoldSet:
    questions: list[GoldQuestion] = []
    corpus = _Corpus()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "context" in row:
                questions.append(corpus.question(row["title"], row["context"], row, *_flat_answers(row["answers"])))
            else:
                questions.append(_question(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{path}, line {number}: {_why(error)}; {_WANTED}") from error
    return GoldSet(questions=tuple(questions), paragraphs=tuple(corpus.documents))


def _squad_file(path: Path, articles: Sequence[Any]) -> GoldSet:
    questions: list[GoldQuestion] = []
    corpus = _Corpus()
    place = "the file"
    try:
        for article in articles:
            for paragraph in article["paragraphs"]:
                for row in paragraph["qas"]:
                    place = f"question {row.get('id')!r}"
                    answers = [] if row.get("is_impossible") else row["answers"]
                    forms, starts = [a["text"] for a in answers], [a["answer_start"] for a in answers]
                    questions.append(
                        corpus.question(article.get("title", ""), paragraph["context"], row, forms, starts)
                    )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path}, {place}: {_why(error)}; {_WANTED}") from error
    return GoldSet(questions=tuple(questions), paragraphs=tuple(corpus.documents))


def _why(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _flat_answers(answers: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    return answers["text"], answers["answer_start"]


@dataclass(slots=True)
class _Corpus:
    """The distinct paragraphs of a SQuAD file, each a Document, in the order in which they come."""

    documents: list[Document] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def question(
        self, title: str, context: str, row: Mapping[str, Any], forms: Sequence[str], starts: Sequence[int]
    ) -> GoldQuestion:
        if (title, context) not in self.ids:
            self._add(title, context)
        document = self.ids[title, context]
        for form, start in zip(forms, starts, strict=True):
            if context[start : start + len(form)] != form:
                raise ValueError(f"the answer {form!r} does not stand at {start} of its paragraph")
        own = row.get(OWN_KEY, {})
        return GoldQuestion(
            id=_text(row["id"]),
            question=_text(row["question"]),
            answers=tuple(dict.fromkeys(forms)),
            documents=(document,),
            evidence=tuple(
                Evidence(document=document, text=form, start=start)
                for form, start in dict.fromkeys(zip(forms, starts, strict=True))
            ),
            type=_text(own.get("type", "answerable" if forms else "unanswerable")),
            history=_history(own),
        )

    def _add(self, title: str, context: str) -> None:
        data = context.encode()
        name = f"{title or 'untitled'}/{len(self.documents):05d}"
        source = Source(id=name, name=name, data=data, sha256=hashlib.sha256(data).hexdigest())
        builder = DocumentBuilder(source)
        builder.add(MappedText.original(context))
        self.documents.append(builder.finish(title=title.replace("_", " "), original=context))
        self.ids[title, context] = name


def _question(row: Mapping[str, Any]) -> GoldQuestion:
    documents = _strings(row.get("document", []))
    answers = _strings(row["answers"])
    return GoldQuestion(
        id=_text(row["id"]),
        question=_text(row["question"]),
        answers=answers,
        documents=documents,
        evidence=_evidence(row, documents),
        type=_text(row.get("type", "question" if answers else "unanswerable")),
        kind=_text(row.get("kind", "")),
        values=tuple(
            Value(answer=_text(v["answer"]), attributed_to=v.get("attributed_to") or "") for v in row.get("values", [])
        ),
        items=tuple(_strings(forms) for forms in row.get("items", [])),
        history=_history(row),
        full=_text(row.get("full", "")),
    )


def _history(row: Mapping[str, Any]) -> tuple[Turn, ...]:
    return tuple(
        Turn(question=turn["question"], asked=turn["question"], answer=turn["answer"])
        for turn in row.get("history", [])
    )


def _evidence(row: Mapping[str, Any], documents: tuple[str, ...]) -> tuple[Evidence, ...]:
    """That of the question itself, then that of its `values` and that in other documents (`also`)."""
    found = []
    for holder in (row, *row.get("values", []), *row.get("also", [])):
        texts = _strings(holder.get("evidence") or [])
        named = _strings(holder.get("document") or [])[:1] or documents[:1]
        if texts and not named:
            raise ValueError("there is evidence, but no document that holds it")
        found += [Evidence(document=named[0], text=text) for text in texts]
    return tuple(dict.fromkeys(found))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _strings(value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise TypeError(f"{value!r} is neither a text nor a list of texts")
    return tuple(_text(one) for one in values)


def locate(evidence: Evidence, document: Document, original: str | None) -> tuple[Stretch, ...]:
    """The stretches of `document.text`, in order, that stand for the evidence wherever the original has it.

    `original` is the decoded original (None: the file has none, or is gone; then the text itself is searched, unless
    the gold file says where the evidence starts). Blanks may differ in number and kind. Nothing found: an empty tuple.
    """
    if document.source is None or (original is None and evidence.start is None):
        return tuple(_occurrences(evidence.text, document.text))
    if evidence.start is not None:
        places = [(evidence.start, evidence.start + len(evidence.text))]
    else:
        places = _occurrences(evidence.text, original or "")
    return tuple(sorted({stretch for start, end in places for stretch in document.source.locate(start, end)}))


def _occurrences(words: str, text: str) -> list[Stretch]:
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return [match.span() for match in re.finditer(pattern, text)] if pattern else []
