"""A conversation as the page holds it: what was asked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa.chat import Turn
from qa.feedback import Judgement, Thumb
from qa.reply import Answer, Citation, NoAnswer, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and what came of it: a reply, or an error told in words, or neither yet.

    `thumb` and `judgement` are what the person said of the reply.
    """

    question: str
    reply: Reply | None = None
    error: str | None = None
    thumb: Thumb | None = None
    judgement: Judgement | None = None

    @property
    def waits(self) -> bool:
        """Whether it is still being answered."""
        return self.reply is None and self.error is None


Conversation = tuple[Exchange, ...]


def history(conversation: Conversation) -> tuple[Turn, ...]:
    """What a question after a conversation is understood with: its turns, those without a reply left out."""
    return tuple(turn(exchange.reply) for exchange in conversation if exchange.reply is not None)


def turn(reply: Reply) -> Turn:
    """What a reply adds to the history of the questions after it."""
    match reply.outcome:
        case Answer(best=best):
            said = {"answer": best.text, "document": best.citation.document}
        case NoAnswer():
            said = {"answer": ""}
    return Turn(question=reply.question, asked=reply.asked, **said)


def settled(conversation: Conversation, last: Exchange) -> Conversation:
    """The conversation with another last exchange."""
    return (*conversation[:-1], last)


def changed(conversation: Conversation, number: int, **fields: object) -> Conversation:
    """The conversation with some fields of one exchange changed."""
    other = replace(conversation[number], **fields)  # type: ignore[arg-type]
    return (*conversation[:number], other, *conversation[number + 1 :])


def places(reply: Reply) -> tuple[Citation, ...]:
    """Everything that a reply cites, each once; a citation is called by its number here.

    First what proves it (see `proofs`), then the places of the other candidates.
    """
    return tuple(dict.fromkeys([*proofs(reply), *(other.citation for other in reply.others)]))


def proofs(reply: Reply) -> tuple[Citation, ...]:
    """Where the answer stands, its parts, the places that say the same, and those that contradict it.

    Of a refusal: the nearest passages.
    """
    match reply.outcome:
        case Answer(best=best, items=items):
            cited = [best.citation, *(item.citation for item in items), *best.support]
            cited += [other.citation for other in reply.others if other.conflicts]
        case NoAnswer(nearest=nearest):
            cited = [*nearest]
    return tuple(dict.fromkeys(cited))
