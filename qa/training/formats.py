"""The formats in which question-answering sets are published, each read to the same rows."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.metrics import normalise_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question over a paragraph of a set; `answers` are half-open spans of `context`, none: not answered there."""

    set: str
    id: str
    title: str
    context: str
    question: str
    answers: tuple[tuple[int, int], ...]


Reading = Iterator[Row | None]  # None stands for a question whose answer is not where the file says


def _prepared(path: Path, name: str) -> Reading:
    """One JSON object a line: id, title, context, question, answers {text, answer_start}."""
    for raw in _lines(path):
        given = raw["answers"]
        places = zip(given["text"], given["answer_start"], strict=True)
        answers = [(start, start + len(text), text) for text, start in places]
        yield _row(name, raw["id"], raw["title"], raw["context"], raw["question"], answers)


def _squad(path: Path, name: str, language: str = "") -> Reading:
    """SQuAD 1.1 or 2.0: articles of paragraphs of questions; SQuADShifts is published like this too.

    Of a file in several languages, which stand at the head of each id, one is read.
    """
    with _open(path) as stream:
        articles = json.load(stream)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                if not asked["id"].startswith(language):
                    continue
                answers = [(a["answer_start"], a["answer_start"] + len(a["text"]), a["text"]) for a in asked["answers"]]
                title, sure = article.get("title", ""), not asked.get("is_impossible", False)
                yield _row(name, asked["id"], title, paragraph["context"], asked["question"], answers, sure=sure)


def _tydi(path: Path, name: str) -> Reading:
    """TyDi QA's gold passages: SQuAD-like in several languages; the English ones."""
    return _squad(path, name, language="english")


def _qed(path: Path, name: str) -> Reading:
    """QED: annotators' short answers over tokenised paragraphs, written here as people write.

    Answers of several spans are left out: no one stretch of the text is the answer.
    """
    for raw in _lines(path):
        text, moved = as_written(raw["paragraph_text"])
        single = [spans[0] for spans in raw["original_nq_answers"] if len(spans) == 1]
        sound = all(raw["paragraph_text"][one["start"] : one["end"]] == one["string"] for one in single)
        ends = [(moved(one["start"]), moved(one["end"])) for one in single if sound]
        answers = [(start, end, text[start:end]) for start, end in ends]
        yield _row(name, str(raw["example_id"]), raw["title_text"], text, raw["question_text"], answers, sure=True)


def _mrqa(path: Path, name: str) -> Reading:
    """MRQA 2019: a header, then paragraphs of questions; its spans include their last character.

    The text beside a span is spelt as the annotator did, so it need be the span's only up to case and punctuation.
    Titles stand in the paragraphs, after [TLE].
    """
    for paragraph in _lines(path):
        if "header" in paragraph:
            continue
        context = paragraph["context"]
        for asked in paragraph["qas"]:
            answers = [
                (first, last + 1, _if_like(context[first : last + 1], answer["text"]))
                for answer in asked["detected_answers"]
                for first, last in answer["char_spans"]
            ]
            yield _row(name, asked["qid"], "", context, asked["question"], answers, sure=True)


FORMATS: Mapping[str, Callable[[Path, str], Reading]] = {
    "prepared": _prepared,
    "squad": _squad,
    "tydi": _tydi,
    "qed": _qed,
    "mrqa": _mrqa,
}

_EDITS = re.compile(
    r"(?P<quote>`` | '')"
    r"|(?P<range>(?<=\d) -- (?=\d))"
    r"|(?P<dash>--)"
    r"|(?P<hyphen>(?<=\w) - (?=\w))"
    r"|(?P<slash> / )"
    r"|(?P<ampersand>(?<=\b[A-Z]) & (?=[A-Z]\b))"
    r"|(?P<possessive>(?<=s) '(?=\s))"
    r"|(?P<nothing> (?=[.,;:!?%)\]])| (?='(?:s|re|ve|ll|d|m)\b)| (?=n't\b)|(?<=[(\[$£€#]) )"
)
_WRITTEN = {"quote": '"', "range": "–", "dash": "–", "hyphen": "-", "slash": "/", "ampersand": "&", "possessive": "'"}


def as_written(text: str) -> tuple[str, Callable[[int], int]]:
    """Text of blank-separated tokens as people write it, and the map of its offsets to those of the result."""
    pieces, edits, last = [], [], 0
    for found in _EDITS.finditer(text):
        new = _WRITTEN.get(found.lastgroup or "", "")
        pieces += [text[last : found.start()], new]
        edits.append((found.end(), len(new) - (found.end() - found.start())))
        last = found.end()

    def moved(offset: int) -> int:
        return offset + sum(change for end, change in edits if end <= offset)

    return "".join([*pieces, text[last:]]), moved


def _row(
    name: str,
    id: str,
    title: str,
    context: str,
    question: str,
    answers: Iterable[tuple[int, int, str]],
    *,
    sure: bool = False,
) -> Row | None:
    """The row if each answer stands where it should, else None; `sure`: it must have one."""
    found = list(answers)
    if (sure and not found) or any(not 0 <= a < b or context[a:b] != text for a, b, text in found):
        return None
    spans = tuple((a, b) for a, b, _ in found)
    return Row(set=name, id=id, title=title, context=context, question=question, answers=spans)


def _if_like(stretch: str, answer: str) -> str:
    alike = stretch == stretch.strip() and normalise_answer(stretch) == normalise_answer(answer)
    return stretch if alike else ""


def _open(path: Path) -> Any:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with _open(path) as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)
