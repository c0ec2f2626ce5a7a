"""A kept conversation as a file: Markdown to be pasted, JSON to be verified, and a page to be read anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qa.render import escaped, one_line, to_dict, to_markdown
from qa.reply import Citation, NoAnswer, Reply
from qa.web.conversation import Conversation, Exchange, history
from qa.web.kept import Kept
from qa.web.markup import standing, words
from qa.web.transcript import ReplyHtml

_LONGEST_NAME = 60  # characters of a file's name; some systems take no more than 255 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file for the person: its name, its media type, and what is in it (UTF-8)."""

    name: str
    type: str
    text: str


def markdown(kept: Kept, now: datetime) -> File:
    """Question by question: answer, quote with the cited words in bold, place and confidence."""
    blocks = [f"# {escaped(one_line(kept.name))}\n", f"{_exported(now)}\n"]
    for exchange in kept.exchanges:
        blocks += [f"## {escaped(one_line(exchange.question))}\n", to_markdown(_reply(exchange))]
    return File(name=_file_name(kept, "md"), type="text/markdown;charset=utf-8", text="\n".join(blocks))


def as_json(kept: Kept, now: datetime) -> File:
    """All replies in their JSON form, each with the `history` it was understood with; `qa verify` checks it."""
    replies = [
        to_dict(_reply(exchange)) | {"history": [asdict(turn) for turn in history(kept.exchanges[:number])]}
        for number, exchange in enumerate(kept.exchanges)
    ]
    whole = {"conversation": kept.name, "exported": now.isoformat(timespec="seconds"), "replies": replies}
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    return File(name=_file_name(kept, "json"), type="application/json", text=text)


def page(kept: Kept, now: datetime) -> File:
    """A page that needs nothing else and does nothing: the conversation as the chat page shows it, without buttons."""
    turns = "".join(_turn(exchange, number) for number, exchange in enumerate(kept.exchanges))
    text = _PAGE.format(name=words(kept.name), style=_style(), exported=words(_exported(now)), turns=turns)
    return File(name=_file_name(kept, "html"), type="text/html;charset=utf-8", text=text)


FORMS: Mapping[str, Callable[[Kept, datetime], File]] = {"markdown": markdown, "json": as_json, "html": page}


def _reply(exchange: Exchange) -> Reply:
    """The reply, or an error in the form of one."""
    if exchange.reply is not None:
        return exchange.reply
    return Reply(
        id="",
        question=exchange.question,
        asked=exchange.question,
        outcome=NoAnswer(reason="nothing found"),
        threshold=0.0,
        calibrated=False,
        index="",
        error=exchange.error,
    )


def _turn(exchange: Exchange, number: int) -> str:
    said = (
        f'<p class="qa-answer">That did not work.</p><p class="qa-error">{words(exchange.error or "")}</p>'
        if exchange.reply is None
        else _Printed(exchange.reply, number).whole()
    )
    return (
        f'<article class="qa-turn"><h2 class="qa-asked">{words(exchange.question)}</h2>'
        f'<div class="qa-said">{said}</div></article>'
    )


class _Printed(ReplyHtml):
    """A reply on paper: a place is told, or is a link if its document has an address."""
