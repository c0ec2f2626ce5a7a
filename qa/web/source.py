"""A document as HTML: all of its text to be read, with the cited places marked in it.

The text stands in blocks that say where in `Document.text` they begin (`data-start`) and hold nothing but text, so that
what a person selects in them can be counted back to offsets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from embeddings.document import Document, Section
from qa.reply import Citation, Reply
from qa.web.conversation import places, proofs
from qa.web.markup import button, quote, standing, words

EMPTY = (
    '<div class="qa-source qa-empty"><p class="qa-note">Sources</p><p>Click the place under an answer, and its '
    "document opens here, with the cited words marked.</p></div>"
)
_CUT = '<p class="qa-note">The document goes on {0}; only what is around the cited place is shown.</p>'
REACH = 200_000  # characters shown before and after the cited place: a browser lays out so much in about a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A citation of a reply that is looked at in its document.

    `turn` and `place` are the numbers of the exchange and of the citation in `places` of its reply. `times` counts what
    has been opened, so that the same place opened again is shown again.
    """

    turn: int
    place: int
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A stretch of the text that looks different from what is around it; of those that overlap the last one counts."""

    start: int
    end: int
    opening: str
    closing: str


def source(document: Document, opened: Opened, reply: Reply) -> str:
    """The document that a citation of a reply stands in, this place marked first of all, further proofs beside it."""
    cited, proven = places(reply), proofs(reply)
    chosen = cited[opened.place]
    here = [one for one in cited if one.origin == chosen.origin and (one in proven or one == chosen)]
    low, high = max(0, chosen.start - REACH), min(len(document.text), chosen.end + REACH)
    layers = _layers(chosen, here)
    body = "".join(_blocks(document, low, high, layers))
    before = _CUT.format("before this") if low else ""
    after = _CUT.format("after this") if high < len(document.text) else ""
    return (
        f'<div class="qa-source" data-times="{opened.times}">{_head(document, opened, cited, proven, len(here))}'
        f'<div class="qa-text" tabindex="0" role="region" aria-label="Text of the document">'
        f"{before}{body}{after}</div></div>"
    )


def _head(document: Document, opened: Opened, cited: Sequence[Citation], proven: Sequence[Citation], here: int) -> str:
    """The document's name and what leads from place to place."""
    chosen = cited[opened.place]
    others: dict[tuple[str, str], int] = {}
    for number, citation in enumerate(cited):
        if citation.origin != chosen.origin and citation in proven:
            others.setdefault(citation.origin, number)
    told = [chosen.document, *([chosen.published] if chosen.published else []), *standing(chosen)]
    steps = (
        f'<span class="qa-steps">{button("step", "‹", title="Previous cited place", by=-1)}'
        f"<span>{here} cited places</span>{button('step', '›', title='Next cited place', by=1)}</span>"
        if here > 1
        else ""
    )
    beside = "".join(
        button("cite", cited[number].title, css="qa-link", turn=opened.turn, place=number) for number in others.values()
    )
    return (
        f'<header class="qa-source-head"><h2>{words(document.title)}</h2>'
        f'<p class="qa-note">{words(" · ".join(told))}</p>'
        + (f'<p class="qa-note">Cited too: {beside}</p>' if beside else "")
        + f'<div class="qa-source-tools">{steps}'
        f"{button('choose', 'The selected text is the right answer', css='qa-choose', turn=opened.turn)}</div></header>"
    )


def _layers(chosen: Citation, here: Sequence[Citation]) -> list[_Layer]:
    quoted = _Layer(
        start=chosen.quote_start,
        end=chosen.quote_start + len(chosen.quote),
        opening='<span class="qa-quoted">',
        closing="</span>",
    )
    also = (
        _Layer(start=c.start, end=c.end, opening='<mark class="qa-also">', closing="</mark>")
        for c in here
        if (c.start, c.end) != (chosen.start, chosen.end)
    )
    first = _Layer(start=chosen.start, end=chosen.end, opening='<mark class="qa-first">', closing="</mark>")
    return [quoted, *also, first]


def _blocks(document: Document, low: int, high: int, layers: Sequence[_Layer]) -> Iterator[str]:
    """The text between two offsets, each section under what is new in its heading path, each page under its number."""
    above: tuple[str, ...] = ()
    page = None
    for section in _sections(document):
        start, end = max(section.start, low), min(section.end, high)
        if start >= end:
            continue
        shared = next(
            (n for n, (a, b) in enumerate(zip(above, section.heading, strict=False)) if a != b),
            min(len(above), len(section.heading)),
        )
        for depth, name in enumerate(section.heading[shared:], shared):
            yield f"<h{min(depth + 3, 6)}>{words(name)}</h{min(depth + 3, 6)}>"
        above = section.heading
        pages = document.page_starts
        cuts = pages[bisect_right(pages, start) : bisect_left(pages, end)]
        for begin, stop in pairwise(dict.fromkeys([start, *cuts, end])):
            if document.page_at(begin) != page:
                page = document.page_at(begin)
                yield f'<p class="qa-page">Page {page}</p>'
            painted = _painted(document.text, begin, stop, layers)
            yield f'<div class="qa-{section.kind}" data-start="{begin}">{painted}</div>'


def _sections(document: Document) -> Iterator[Section]:
    """The sections and, as prose, whatever else there is between them."""
    at = 0
    for section in document.sections:
        if document.text[at : section.start].strip():
            yield Section(heading=(), start=at, end=section.start, kind="prose")
        yield section
        at = section.end
    if document.text[at:].strip():
        yield Section(heading=(), start=at, end=len(document.text), kind="prose")


def _painted(text: str, start: int, end: int, layers: Sequence[_Layer]) -> str:
    """text[start:end] with the layers on it; where several overlap, the last counts."""
    cuts = {start, end} | {cut for layer in layers for cut in (layer.start, layer.end) if start < cut < end}
    ordered = sorted(cuts)
    painted, open_now = "", None
    for low, high in pairwise(ordered):
        layer = next((one for one in reversed(layers) if one.start <= low and high <= one.end), None)
        if layer is not open_now:
            painted += (open_now.closing if open_now else "") + (layer.opening if layer else "")
            open_now = layer
        painted += words(text[low:high])
    return painted + (open_now.closing if open_now else "")


def absent(citation: Citation, why: str) -> str:
    """In the place of a document that cannot be shown: why not, and what was quoted from it."""
    return (
        f'<div class="qa-source qa-empty"><p class="qa-note">{words(citation.document)}</p>'
        f'<p role="status">{words(why)}</p><p class="qa-note">This was quoted from it:</p>{quote(citation)}</div>'
    )
