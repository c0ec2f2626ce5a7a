"""Questions to begin with, made from the documents that are loaded, each tried before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from embeddings.document import Document
from embeddings.errors import UserError
from qa.chat import Question
from qa.reply import Answer
from qa.web.library import Desk

OFFERED = 4  # so many fit on a phone
TRIED = 12  # questions that are tried at most: each takes as long as any question
LOOKED_AT = 40  # documents, evenly chosen
SURE = 0.6  # an example that may well be answered wrongly recommends nothing
LONGEST = 90  # characters

_DATE = re.compile(r"date|born|died|founded|established|opened|built|released|launched|signed", re.IGNORECASE)
_PLACE = re.compile(r"place|location|headquarters|birth ?place", re.IGNORECASE)
_TITLE = re.compile(r"[A-Z][\w’'.-]*(?: [\w’'.-]+){0,5}")
_PASSIVE = re.compile(
    r"(?:^|(?<=[.!?] ))(?P<subject>(?:The |A )?[A-Z][\w’'-]*(?: [\w’'-]+){0,5}?) (?P<was>was|were) "
    r"(?P<verb>(?:first |officially )?[a-z]+(?:ed|ilt|ung|ought|ounded)) (?:in|on) (?P<value>[^.,;]*\b\d{4})\b",
    re.MULTILINE,
)
_PRONOUNS = {"It", "He", "She", "They", "This", "That", "These", "Those", "There", "We", "I", "You"}
_ROLE = re.compile(
    r"\b(?P<subject>[A-Z][a-zé’'-]+(?: [A-Z][a-zé’'-]+){1,2}), (?P<value>(?:the|an?) [a-z][^,.;]{8,60})[,.]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question that a document should answer, and what its answer should share words with."""

    question: str
    value: str


def suggestions(document: Document) -> Iterator[Suggestion]:
    """Questions whose answers the document's form gives away: its fact lines, dated sentences, roles of people."""
    for section in document.sections:
        text = document.text[section.start : section.end]
        subject = _named(section.subject or document.title, document)
        if section.kind == "facts" and subject:
            yield from _of_facts(text, subject)
        elif section.kind == "prose":
            for found in _PASSIVE.finditer(text):
                if found["subject"] in _PRONOUNS:
                    continue
                subject = found["subject"].removeprefix("The ").removeprefix("A ")
                article = "the " if found["subject"] != subject else ""
                yield Suggestion(
                    question=f"When {found['was']} {article}{subject} {found['verb']}?", value=found["value"]
                )
            for found in _ROLE.finditer(text):
                yield Suggestion(question=f"Who is {found['subject']}?", value=found["value"])


def _of_facts(text: str, subject: str) -> Iterator[Suggestion]:
    for line in text.splitlines():
        label, _, value = line.partition(": ")
        if _DATE.fullmatch(label) and re.search(r"\d", value):
            asked = f"{subject}" if label.lower() == "date" else f"{subject} {label.lower()}"
            yield Suggestion(question=f"When was {asked}?", value=value)
        elif _PLACE.fullmatch(label):
            yield Suggestion(question=f"Where was {subject}?", value=value)


def _named(title: str, document: Document) -> str:
    """A title as it stands in a sentence, with its article if the text gives it one; "" for what is no name."""
    if not _TITLE.fullmatch(title):
        return ""
    return f"the {title}" if re.search(rf"\bthe {re.escape(title)}\b", document.text, re.IGNORECASE) else title


class Examples:
    """Examples for the documents of desks; those of one state of the documents are looked for once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._one_at_a_time = Lock()

    def of(self, desk: Desk) -> tuple[str, ...]:
        """Up to OFFERED questions that are answered surely, and as their document says; of several documents."""
        with self._one_at_a_time:
            ids = sorted(entry.id for entry in desk.chosen)
            if not ids:
                return ()
            key = (desk.answerer.index.digest, desk.restricted())
            if key not in self._found:
                self._found[key] = _tried(desk, ids)
            return self._found[key]


def _tried(desk: Desk, ids: list[str]) -> tuple[str, ...]:
    index = desk.answerer.index.refreshed()
    chosen = ids[:: max(1, len(ids) // LOOKED_AT)][:LOOKED_AT]
    offered: list[str] = []
    waiting = [_from(number, [*suggestions(index.document(id))]) for number, id in enumerate(chosen)]
    tries = 0
    while waiting and len(offered) < OFFERED and tries < TRIED:  # one of each document, then another of each
        for source in tuple(waiting):
            suggestion = next(source, None)
            if suggestion is None:
                waiting.remove(source)
                continue
            if tries == TRIED or len(offered) == OFFERED:
                break
            if len(suggestion.question) <= LONGEST and suggestion.question not in offered:
                tries += 1
                if _answered(desk, suggestion):
                    offered.append(suggestion.question)
    return tuple(offered)


def _from(number: int, all: list[Suggestion]) -> Iterator[Suggestion]:
    """All of them, beginning with another one for each document, so that not all begin with "When"."""
    begin = number % max(1, len(all))
    return iter(all[begin:] + all[:begin])


def _answered(desk: Desk, suggestion: Suggestion) -> bool:
    try:
        reply = desk.answerer.ask(Question(id="example", text=suggestion.question, documents=desk.restricted()))
    except UserError:
        return False
    if not isinstance(reply.outcome, Answer) or reply.confidence < SURE:
        return False
    shared = _words(reply.outcome.best.text) & _words(suggestion.value)
    return bool(shared)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", text.casefold()))
