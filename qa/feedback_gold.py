"""Feedback that becomes gold: the answers that a person stood for, as gold files that `qa evaluate` reads."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from embeddings.document import Document
from embeddings.errors import UserError
from embeddings.manifest import install
from qa.chat import Turn
from qa.collections import Collections, together
from qa.feedback import Judgement, Verdict, feedback_file, read_verdicts
from qa.gold import OWN_KEY, Evidence, GoldQuestion, Stretch, locate
from qa.originals import files_of, original_text
from qa.render import json_line

if TYPE_CHECKING:
    from embeddings.index import Index
    from qa.settings import Settings

Format = Literal["jsonl", "squad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A gold question made of a verdict, with a document, its id in the index, and where in it the answer stands.

    `place` is None for a question that the documents don't answer; its document is one that was looked at.
    """

    gold: GoldQuestion
    judgement: Judgement
    id: str
    document: Document
    place: Stretch | None


def run(out: Path, settings: Settings, *, format: Format | None, quiet: bool) -> int:
    """Export and report; returns the exit code, 1 if an answer no longer stands in its document.

    Raises UserError if there is no index or nothing to export, or the file cannot be written.
    """
    from embeddings.index import Index

    file = feedback_file(settings.index)
    verdicts = read_verdicts(file)
    stood_for = judged(verdicts)
    folders = Collections.of(settings).cited(_collections(stood_for), settings.index)
    items, lost = items_of(stood_for, Index.open_together(together(folders)))
    if not items:
        raise UserError(
            f"{file}: of {len(verdicts)} verdicts none makes a gold question: confirm an answer, mark one in its "
            "document, or say that it is not in the documents"
        )
    as_squad = format == "squad" or (format is None and out.suffix.lower() == ".json")
    _write(out, to_squad(items) if as_squad else to_jsonl(items))
    for one in lost:
        print(f"left out: {one.reply['question']}: its answer no longer stands in the documents", file=sys.stderr)
    if not quiet:
        kinds = Counter(item.judgement for item in items)
        told = ", ".join(f"{count} {judgement}" for judgement, count in sorted(kinds.items()))
        print(f"{out}: {len(items)} questions of {len(verdicts)} verdicts: {told}", file=sys.stderr)
    return 1 if lost else 0


def judged(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that say what is right, one for each question and history: the last one counts.

    A thumb down that comes after a confirmation takes it back.
    """
    last: dict[str, Verdict] = {}
    for verdict in verdicts:
        key = _key(verdict)
        if verdict.judgement is not None:
            last[key] = verdict
        elif verdict.thumb == "down" and key in last and last[key].judgement == "confirmed":
            del last[key]
    return list(last.values())


def items_of(stood_for: Sequence[Verdict], index: Index) -> tuple[list[Item], list[Verdict]]:
    """The verdicts as gold questions, and those whose answer no longer stands in a document of the index."""
    known = {entry.id for entry in index.documents}
    files = files_of(index, {_id(verdict.cited, index) for verdict in stood_for if verdict.cited})
    items, lost = [], []
    for verdict in stood_for:
        cited = verdict.cited
        shown = [_id(citation, index) for citation in ([cited] if cited else _shown(verdict.reply))]
        id = next((id for id in (shown if cited else [*shown, *sorted(known)]) if id in known), None)
        document = index.document(id) if id is not None else None
        places = _places(cited, document) if document and cited else ()
        if id is None or document is None or (cited and not places):
            lost.append(verdict)
        else:
            items.append(_item(verdict, id, document, places, original_text(document, files.get(id))))
    return items, lost


def to_jsonl(items: Sequence[Item]) -> str:
    """Our gold format: an object a line."""
    return "".join(f"{json_line(_row(item.gold))}\n" for item in items)


def to_squad(items: Sequence[Item]) -> str:
    """SQuAD v2.0 JSON: the whole text of each document is a paragraph; a key of our own holds type and history."""
    paragraphs: dict[str, dict[str, Any]] = {}
    for item in items:
        gold, document = item.gold, item.document
        new = {"title": document.title or document.id, "paragraphs": [{"context": document.text, "qas": []}]}
        row = {
            "id": gold.id,
            "question": gold.question,
            "answers": [{"text": text, "answer_start": item.place[0]} for text in gold.answers if item.place],
            "is_impossible": not gold.answerable,
            OWN_KEY: {"type": gold.type, **_history(gold)},
        }
        paragraphs.setdefault(item.id, new)["paragraphs"][0]["qas"].append(row)
    return json.dumps({"version": "v2.0", "data": list(paragraphs.values())}, ensure_ascii=False, indent=1) + "\n"


def _key(verdict: Verdict) -> str:
    said = [[turn.question, turn.answer] for turn in verdict.history]
    return hashlib.sha256(json.dumps([verdict.reply["question"], said]).encode()).hexdigest()


def _shown(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The citations of what a reply shows, first that of its answer."""
    shown = [reply.get("citation"), *reply.get("nearest", []), *(one["citation"] for one in reply.get("others", []))]
    return [citation for citation in shown if citation]


def _collections(stood_for: Iterable[Verdict]) -> Iterator[str]:
    """What the collections are called that are cited."""
    for one in stood_for:
        for citation in [one.cited] if one.cited else _shown(one.reply):
            yield str(citation.get("collection"))


def _id(citation: Mapping[str, Any], index: Index) -> str:
    """The id of a cited document in the index; one of a collection that is not open is looked for in the unnamed."""
    named = (part.prefix for part in index.parts if part.cited_as == citation.get("collection"))
    return f"{next(named, '')}{citation['document']}"


def _places(cited: Mapping[str, Any], document: Document) -> tuple[Stretch, ...]:
    """Where the cited words, and their quote, stand in the document now; none if they don't."""
    text, quote, at = document.text, cited["quote"], cited["quote_start"]
    if not text.startswith(quote, at):
        at = text.find(quote)
    start = at + cited["start"] - cited["quote_start"]
    end = start + len(cited["text"])
    stands = at >= 0 and cited["text"] and text[start:end] == cited["text"]
    return ((start, end), (at, at + len(quote))) if stands else ()


def _item(verdict: Verdict, id: str, document: Document, places: tuple[Stretch, ...], original: str | None) -> Item:
    assert verdict.judgement is not None
    gold = GoldQuestion(
        id=f"feedback-{_key(verdict)[:12]}",
        question=verdict.reply["question"],
        answers=tuple(document.text[start:end] for start, end in places[:1]),
        documents=(id,) if places else (),
        evidence=_evidence(id, document, places, original),
        type="unanswerable" if not places else "follow_up" if verdict.history else "question",
        history=tuple(Turn(question=one.question, asked=one.question, answer=one.answer) for one in verdict.history),
    )
    place = places[0] if places else None
    return Item(gold=gold, judgement=verdict.judgement, id=id, document=document, place=place)


def _evidence(id: str, document: Document, places: tuple[Stretch, ...], original: str | None) -> tuple[Evidence, ...]:
    """The quote, else the answer alone, as the original file has it: whichever is found around the answer."""
    for stretch in reversed(places):
        source = document.source_span(*stretch)
        words = document.text[slice(*stretch)] if original is None or source is None else original[slice(*source)]
        evidence = Evidence(document=id, text=words)
        start, end = places[0]
        if any(begin < end and start < stop for begin, stop in locate(evidence, document, original)):
            return (evidence,)
    return ()


def _row(gold: GoldQuestion) -> dict[str, Any]:
    return {
        "id": gold.id,
        "question": gold.question,
        "answers": list(gold.answers),
        "document": list(gold.documents),
        "evidence": [evidence.text for evidence in gold.evidence],
        "type": gold.type,
        **_history(gold),
    }


def _history(gold: GoldQuestion) -> dict[str, Any]:
    turns = [{"question": turn.question, "answer": turn.answer} for turn in gold.history]
    return {"history": turns} if turns else {}


def _write(out: Path, text: str) -> None:
    try:
        temporary = out.with_name(f"{out.name}.tmp")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        install(temporary, out)
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); choose another place") from error
