"""Conversations as the browser keeps them: written, read with suspicion, and fitted into the room there is.

The browser holds one text for each conversation, under a random id. What comes back from it may be anything: it is
checked down to the offsets before any of it is shown.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, StringConstraints, TypeAdapter

from embeddings.errors import UserError
from qa.reply import Answer, Candidate, Citation, NoAnswer, Reply
from qa.web.conversation import Conversation, Exchange

VERSION: Literal[1] = 1  # of the texts
LONGEST_NAME = 80  # characters: a line of the list

_Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]


class Unreadable(UserError):
    """A kept text that is damaged, or of another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much is kept in one browser; the oldest conversations go first."""

    conversations: int = 200  # more than that is a list nobody reads
    # A site has 5 MB, which some browsers count as two bytes a character; a fifth is left to whoever shares the address
    characters: int = 2_000_000

    @property
    def request_bytes(self) -> int:
        """What a request of the page may need, which carries the open conversation and one of the list at most."""
        return 2 * 3 * self.characters  # a character of UTF-8 has up to three bytes; an emoji is two of JavaScript's


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A conversation as it is kept: without a question that still waits, with the time of its last change."""

    version: Literal[1] = VERSION
    name: _Name
    updated: AwareDatetime
    exchanges: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the list of conversations says of one; `characters` is the length of its text."""

    id: _Id
    version: Literal[1]
    name: _Name
    updated: AwareDatetime
    questions: int
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Under which id a window keeps its conversation, and what was kept there when it last looked."""

    id: str
    exchanges: Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a window sees in its browser.

    `works` says whether anything can be kept there, `failed` whether the last text could not be. `text` is what is kept
    of the conversation `open` in this window. `heads` are unchecked: `Found.of` checks them.
    """

    works: bool = False
    failed: bool = False
    open: str | None = None
    text: str | None = None
    heads: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, told: object) -> Seen:
        """What the browser told; nothing at all if that makes no sense."""
        try:
            return _SEEN.validate_json(json.dumps(told), strict=True)
        except ValueError:  # a ValidationError is one
            return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The kept conversations, the last changed first; the ids of damaged ones; how many are of another version."""

    heads: tuple[Head, ...] = ()
    damaged: tuple[str, ...] = ()
    foreign: int = 0

    @classmethod
    def of(cls, seen: Seen) -> Found:
        """What can be listed of what a window sees."""
        heads: list[Head] = []
        damaged: list[str] = []
        foreign = 0
        for told in seen.heads:
            head = told if isinstance(told, dict) else {}
            version = head.get("version")
            if type(version) is int and version != VERSION:
                foreign += 1
                continue
            try:
                one = _HEAD.validate_json(json.dumps(head), strict=True)
                _check_shown(one)
                heads.append(one)
            except ValueError:
                damaged.append(str(head.get("id", "")))
        heads.sort(key=lambda head: (head.updated, head.id), reverse=True)
        return cls(heads=tuple(heads), damaged=tuple(damaged), foreign=foreign)

    def crowded_out(self, id: str, characters: int, room: Room) -> tuple[Head, ...]:
        """Those that have to go, the oldest first, before a text of so many characters is kept under an id."""
        others = [head for head in self.heads if head.id != id]
        gone: list[Head] = []
        while others and (
            len(others) + 1 > room.conversations
            or sum(head.characters for head in others) + characters > room.characters
        ):
            gone.append(others.pop())
        return tuple(gone)


_KEPT, _HEAD, _SEEN = TypeAdapter(Kept), TypeAdapter(Head), TypeAdapter(Seen)


def write(kept: Kept) -> str:
    """The text that the browser keeps; `read` gives the same conversation back."""
    return _KEPT.dump_json(kept).decode()


def read(text: str) -> Kept:
    """The conversation of a text from the browser. Raises Unreadable if it is not one that could have been written."""
    try:
        kept = _KEPT.validate_json(text, strict=True)
        _check_shown(kept)
        if not kept.exchanges or not all(map(_whole, kept.exchanges)):
            raise ValueError("it contradicts itself")
    except ValueError as error:
        raise Unreadable(
            "This conversation cannot be read any more; what the browser kept of it is damaged."
        ) from error
    return kept


def keep(conversation: Conversation, held: Held | None, stored: Kept | None, *, now: datetime) -> tuple[str, Kept]:
    """Under which id a conversation is to be kept, and how.

    `stored` is what the browser has under the id of `held` by now. If another window went on with it in the meantime,
    or the conversation is not the one that was held, it is kept beside it under an id of its own: nothing is lost.
    """
    exchanges = settled(conversation)
    kept = Kept(name=named(exchanges), updated=now.astimezone(UTC), exchanges=exchanges)
    if held is None or not _goes_on(held.exchanges, exchanges):
        return new_id(), kept
    if stored is None or stored.exchanges == held.exchanges or _begins(stored.exchanges, exchanges):
        return held.id, replace(kept, name=stored.name) if stored else kept
    return new_id(), replace(kept, name=shortened(f"{stored.name} (other window)"))


def settled(conversation: Conversation) -> Conversation:
    """What is kept of a conversation: all but a question that still waits."""
    return tuple(exchange for exchange in conversation if not exchange.waits)


def new_id() -> str:
    """A random id."""
    return secrets.token_hex(8)


def named(conversation: Conversation) -> str:
    """What a conversation is called until a person names it: its first question."""
    return shortened(conversation[0].question)


def shortened(name: str) -> str:
    """A name in one line of at most `LONGEST_NAME` characters, cut between words where possible; never empty."""
    words = " ".join(name.split())
    if len(words) > LONGEST_NAME:
        cut = words[: LONGEST_NAME - 1]
        words = (cut.rpartition(" ")[0] or cut) + "…"
    return words or "Conversation"


def _goes_on(before: Conversation, now: Conversation) -> bool:
    """Whether a conversation is another one continued; its last question may have been asked again."""
    if not before or len(now) < len(before) or now[len(before) - 1].question != before[-1].question:
        return False
    return _begins(before[:-1], now)


def _begins(before: Conversation, now: Conversation) -> bool:
    """Whether a conversation begins with all that was said in another one; what was said of it may differ."""
    said = [[(one.question, one.reply, one.error) for one in each] for each in (before, now)]
    return said[1][: len(before)] == said[0]


def _check_shown(kept: Kept | Head) -> None:
    """Raises ValueError for what could not be shown: a time of no calendar in use, a blank name."""
    if not (1970 < kept.updated.year < 3000 and kept.name.strip()):
        raise ValueError("its time or its name is impossible")


def _whole(exchange: Exchange) -> bool:
    """Whether it has a reply or an error, and the reply could have been given."""
    reply = exchange.reply
    if reply is None or exchange.error is not None:
        return reply is None and exchange.error is not None
    probabilities = [reply.threshold, reply.confidence, *(candidate.confidence for candidate in _candidates(reply))]
    return all(0 <= one <= 1 for one in probabilities) and all(map(_stands, _citations(reply)))


def _candidates(reply: Reply) -> Iterator[Candidate]:
    if isinstance(reply.outcome, Answer):
        yield from (reply.outcome.best, *reply.outcome.items)
    yield from reply.others


def _citations(reply: Reply) -> Iterator[Citation]:
    for candidate in _candidates(reply):
        yield from (candidate.citation, *candidate.support)
    if isinstance(reply.outcome, NoAnswer):
        yield from reply.outcome.nearest


def _stands(citation: Citation) -> bool:
    """Whether the cited text stands in its quote where the citation says."""
    start = citation.start - citation.quote_start
    return (
        0 <= citation.quote_start <= citation.start
        and citation.end == citation.start + len(citation.text)
        and citation.quote[start : start + len(citation.text)] == citation.text
    )
