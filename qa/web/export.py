"""A kept conversation as a file: Markdown to be pasted, JSON to be verified, and a page to be read anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from qa.links import link
from qa.render import escaped, one_line, to_dict, to_markdown
from qa.reply import Citation, NoAnswer, Reply
from qa.web.conversation import Exchange, history
from qa.web.kept import Kept
from qa.web.markup import standing, words
from qa.web.transcript import ReplyHtml, failure

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
    for exchange, reply in zip(kept.exchanges, _replies(kept), strict=True):
        blocks += [f"## {escaped(one_line(exchange.question))}\n", to_markdown(reply)]
    return File(name=_file_name(kept, "md"), type="text/markdown;charset=utf-8", text="\n".join(blocks))


def as_json(kept: Kept, now: datetime) -> File:
    """All replies in their JSON form, each with the `history` it was understood with; `qa verify` checks it."""
    replies = [
        to_dict(reply) | {"history": [asdict(turn) for turn in history(kept.exchanges[:number])]}
        for number, reply in enumerate(_replies(kept))
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


def _replies(kept: Kept) -> Iterator[Reply]:
    """A reply to each question; of an error, the form that a reply has for it."""
    for number, exchange in enumerate(kept.exchanges, 1):
        yield exchange.reply or Reply(
            id=str(number),
            question=exchange.question,
            asked=exchange.question,
            outcome=NoAnswer(reason="nothing found"),
            threshold=0.0,
            calibrated=False,
            index="",
            error=exchange.error,
        )


def _turn(exchange: Exchange, number: int) -> str:
    said = failure(exchange.error or "") if exchange.reply is None else _Printed(exchange.reply, number).whole()
    return (
        f'<article class="qa-turn"><h2 class="qa-asked">{words(exchange.question)}</h2>'
        f'<div class="qa-said">{said}</div></article>'
    )


class _Printed(ReplyHtml):
    """A reply on paper: a place is told, or is a link if its document has an address."""

    def cite(self, citation: Citation) -> str:
        """The place of a citation."""
        told = words(" · ".join([citation.title, citation.document, *standing(citation)]))
        address = link(citation)
        if address is None:
            return f'<span class="qa-place">{told}</span>'
        return f'<a class="qa-place" href="{words(address)}" rel="noreferrer">{told}</a>'

    def rephrase(self) -> str:
        """Nothing can be asked of a page."""
        return ""


def _exported(now: datetime) -> str:
    return f"Exported from Chapter & Verse on {now.day} {now:%B %Y, %H:%M}."


def _file_name(kept: Kept, ending: str) -> str:
    """A name that every system takes."""
    plain = re.sub(r"[^\w]+", "-", kept.name).strip("-_").lower()[:_LONGEST_NAME].strip("-_")
    return f"{plain or 'conversation'}.{ending}"


def _style() -> str:
    """The colours of the page and how a conversation looks there, and the little that paper needs besides.

    Without a script nobody sets the class `dark`, so the reader's own settings choose.
    """
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    parts = dict(_parts(style))
    colours = re.sub(r"(?s)\.dark (\{.*?\})", r"@media (prefers-color-scheme: dark) { :root \1 }", parts[_COLOURS])
    narrow = "\n".join(re.findall(r"(?m)^  \.qa-values.*$", style))  # a table as on a phone
    return f"{colours}{parts['the conversation']}{_PAPER}@media (max-width: 40rem) {{\n{narrow}\n}}\n"


def _parts(style: str) -> Iterator[tuple[str, str]]:
    """The parts of the style sheet by what the comment before them says, up to its first colon."""
    found = re.split(r"(?m)^/\* (.*?)(?:: .*?)? \*/$", style)
    yield from zip(found[1::2], found[2::2], strict=True)


_COLOURS = (
    "One calm page in two tones. Colours keep a contrast of at least 4.5 to what they stand on. No font is fetched."
)
_PAPER = """
body { margin: 0; background: var(--qa-paper); color: var(--qa-ink); font: 1rem/1.5 var(--qa-sans); }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
main > header { margin-bottom: 1.5rem; }
h1 { margin: 0 0 .3rem; font: 600 1.7rem/1.25 var(--qa-serif); overflow-wrap: anywhere; }
main .qa-note, .qa-said .qa-note { margin: 0; }
h2.qa-asked { margin: 0; font: 400 1rem/1.5 var(--qa-sans); }
.qa-place { font-size: .95rem; color: var(--qa-accent); }
span.qa-place { color: var(--qa-soft); }
@media print { .qa-turn { break-inside: avoid; } }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{name}</title>
<style>{style}</style>
</head>
<body>
<main>
<header><h1>{name}</h1><p class="qa-note">{exported}</p></header>
<div class="qa-transcript">{turns}</div>
</main>
</body>
</html>
"""
